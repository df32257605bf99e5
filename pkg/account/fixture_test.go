package account_test

import (
	"encoding/base32"
	"errors"
	"html"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"twofold/pkg/account"
	"twofold/pkg/enroll"
	"twofold/pkg/factor"
	"twofold/pkg/login"
	"twofold/pkg/memstore"
	"twofold/pkg/org"
	"twofold/pkg/policy"
	"twofold/pkg/storetest"
	"twofold/pkg/user"
	"twofold/pkg/verify"
)

const eve = "eve"

// fixture is the pages over a world in memory, and a browser.
type fixture struct {
	*storetest.World
	t       *testing.T
	store   *memstore.Store
	pages   http.Handler
	logs    *strings.Builder
	cookies map[string]string
	secret  []byte // of eve's app
	accept  string // Accept-Language
}

func newFixture(t *testing.T) *fixture {
	t.Helper()
	store := memstore.New()
	f := &fixture{World: storetest.NewWorld(t, store), t: t, store: store, logs: &strings.Builder{}, cookies: map[string]string{}, accept: "en"}
	var err error
	f.pages, err = account.Account{
		Users: f.Enroll, Tokens: f.Keys, Faces: store, Now: f.Clock.Now, Logger: slog.New(slog.NewTextHandler(f.logs, nil)),
	}.Handler()
	f.must(err)
	return f
}

func (f *fixture) must(err error) {
	f.t.Helper()
	if err != nil {
		f.t.Fatal(err)
	}
}

// policy changes it, under a new version.
func (f *fixture) policy(change func(p *org.Policy)) {
	f.t.Helper()
	snap, err := f.store.Read(f.t.Context(), f.Application.Credential, storetest.Organization, eve)
	f.must(err)
	o := snap.Organization
	o.Rev++
	o.Policy.Version++
	change(&o.Policy)
	f.must(f.store.WriteOrganization(f.t.Context(), o.ID, policy.Change{Organization: o}))
}

// factors changes eve's by hand.
func (f *fixture) factors(change func(x *user.Factors)) {
	f.t.Helper()
	x := f.Factors(f.t, eve).Next()
	change(&x)
	f.must(f.store.Write(f.t.Context(), user.Change{Factors: &x}))
}

// shown is what the browser got.
type shown struct {
	t      *testing.T
	path   string
	status int
	header http.Header
	text   string // of the page, as people read it
	html   string
}

// send is one request of the browser, with its cookies; it keeps those that come.
func (f *fixture) send(method, path string, form url.Values, headers ...string) shown {
	f.t.Helper()
	r := httptest.NewRequest(method, path, strings.NewReader(form.Encode()))
	r.Header.Set("Accept-Language", f.accept)
	if method == http.MethodPost {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Sec-Fetch-Site", "same-origin")
	}
	for name, value := range f.cookies {
		r.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	f.pages.ServeHTTP(w, r)
	response := w.Result()
	for _, c := range response.Cookies() {
		if c.MaxAge < 0 {
			delete(f.cookies, c.Name)
		} else {
			f.cookies[c.Name] = c.Value
		}
	}
	body, err := io.ReadAll(response.Body)
	f.must(err)
	return shown{f.t, path, response.StatusCode, response.Header, text(string(body)), string(body)}
}

var tags = regexp.MustCompile(`(?s)<(script|style|title)[^>]*>.*?</(script|style|title)>|<[^>]+>`)

func text(page string) string {
	return strings.Join(strings.Fields(html.UnescapeString(tags.ReplaceAllString(page, " "))), " ")
}

// follow goes where a redirect leads, as long as that is a page of ours.
func (f *fixture) follow(s shown) shown {
	f.t.Helper()
	for range 5 {
		to := s.header.Get("Location")
		if s.status != http.StatusSeeOther || !strings.HasPrefix(to, "/") {
			return s
		}
		s = f.send(http.MethodGet, to, nil)
	}
	f.t.Fatalf("%s: redirected without an end", s.path)
	return s
}

// enter opens eve's page.
func (f *fixture) enter() shown {
	f.t.Helper()
	return f.follow(f.send(http.MethodGet, "/account?page="+f.entry(), nil))
}

func (f *fixture) entry() string {
	f.t.Helper()
	opened, err := f.Enroll.OpenAccount(f.t.Context(), f.Application, f.eve(), storetest.ReturnAddress)
	f.must(err)
	return opened.Entry
}

func (f *fixture) eve() enroll.Subject {
	return enroll.Subject{Organization: storetest.Organization, User: eve}
}

// sees demands a status and texts.
func (s shown) sees(status int, texts ...string) shown {
	s.t.Helper()
	if s.status != status {
		s.t.Fatalf("%s: %d, want %d: %s %s", s.path, s.status, status, s.header.Get("Location"), s.text)
	}
	for _, want := range texts {
		if !strings.Contains(s.text, want) {
			s.t.Errorf("%s lacks %q: %s", s.path, want, s.text)
		}
	}
	return s
}

var (
	forms  = regexp.MustCompile(`(?s)<form method="post" action="([^"]+)"[^>]*>(.*?)</form>`)
	hidden = regexp.MustCompile(`<input type="hidden" name="([^"]+)" value="([^"]*)">`)
)

// post sends the page's form that leads to an action, with what it holds hidden and these fields.
func (f *fixture) post(s shown, action string, pairs ...string) shown {
	f.t.Helper()
	path, values := s.form(action)
	for i := 0; i+1 < len(pairs); i += 2 {
		values.Set(pairs[i], pairs[i+1])
	}
	return f.send(http.MethodPost, path, values)
}

// form is one of the page's.
func (s shown) form(action string) (string, url.Values) {
	s.t.Helper()
	for _, found := range forms.FindAllStringSubmatch(s.html, -1) {
		if strings.HasSuffix(found[1], "/"+action) {
			values := url.Values{}
			for _, h := range hidden.FindAllStringSubmatch(found[2], -1) {
				values.Set(h[1], html.UnescapeString(h[2]))
			}
			return found[1], values
		}
	}
	s.t.Fatalf("%s has no form %s: %s", s.path, action, s.html)
	return "", nil
}

// code is the one that was mailed to eve for a purpose.
func (f *fixture) code(p user.Purpose) string {
	f.t.Helper()
	x := f.Factors(f.t, eve)
	for _, c := range x.Challenges {
		if c.Purpose == p {
			code, err := factor.MailedCode(f.Keys, c.KeyID, x.Mailed(c))
			f.must(err)
			return code
		}
	}
	f.t.Fatalf("no code of purpose %q is under way", p)
	return ""
}

// below is a path below the page's own.
func (s shown) below(task string) string {
	path, _, _ := strings.Cut(s.path, "?")
	return strings.Join(strings.Split(path, "/")[:3], "/") + task
}

// opens shows a page below the page's own.
func (f *fixture) opens(s shown, task string) shown {
	f.t.Helper()
	return f.send(http.MethodGet, s.below(task), nil)
}

// proven sends a change's form with the code that eve's app shows, each time one that it has not shown before.
func (f *fixture) proven(s shown, action string, pairs ...string) shown {
	f.t.Helper()
	f.Clock.Advance(30 * time.Second)
	return f.post(s, action, append(pairs, "code", f.Code(f.t, f.secret))...)
}

var errDown = errors.New("the table is away: secret-cause")

// typed is the code that an app shows which was given a secret.
func (f *fixture) typed(secret string) string {
	f.t.Helper()
	decoded, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(strings.ReplaceAll(secret, " ", ""))
	f.must(err)
	return f.Code(f.t, decoded)
}

// trusted has eve sign in with a browser that is trusted from then on.
func (f *fixture) trusted(name string) {
	f.t.Helper()
	f.Clock.Advance(30 * time.Second)
	_, err := f.Verify.Answer(f.t.Context(), f.Application, verify.Answer{
		Login: f.Login(f.t, eve), Way: string(org.TOTP), Code: f.Code(f.t, f.secret), Remember: &login.Remember{Name: name},
	})
	f.must(err)
}

func (f *fixture) devices() int {
	f.t.Helper()
	all, err := f.Enroll.Devices(f.t.Context(), f.Application, f.eve())
	f.must(err)
	return len(all)
}

// entitled gives the organisation app passwords, and SMS to Germany.
func (f *fixture) entitled() {
	f.t.Helper()
	snap, err := f.store.Read(f.t.Context(), f.Application.Credential, storetest.Organization, eve)
	f.must(err)
	o := snap.Organization
	o.Rev++
	o.Entitlements.AppPasswords, o.Entitlements.SMS, o.Entitlements.SMSCountries = true, true, "DE"
	f.must(f.store.WriteOrganization(f.t.Context(), o.ID, policy.Change{Organization: o}))
}

// revokeKey ends the key that the application opened the page with.
func (f *fixture) revokeKey() error {
	return f.People.RevokeKey(f.t.Context(), f.Administrator, storetest.Organization, f.Application.Credential.ID)
}
