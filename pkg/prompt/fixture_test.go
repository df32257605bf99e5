package prompt_test

import (
	"crypto/rand"
	"html"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"twofold/pkg/factor"
	"twofold/pkg/memstore"
	"twofold/pkg/org"
	"twofold/pkg/policy"
	"twofold/pkg/prompt"
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
	accept  string // Accept-Language
}

func newFixture(t *testing.T) *fixture {
	t.Helper()
	store := memstore.New()
	f := &fixture{World: storetest.NewWorld(t, store), t: t, store: store, logs: &strings.Builder{}, cookies: map[string]string{}, accept: "en"}
	var err error
	f.pages, err = prompt.Prompt{
		Logins: f.Verify, Enrollments: f.Enroll, Tokens: f.Keys, Faces: store, Now: f.Clock.Now, Logger: slog.New(slog.NewTextHandler(f.logs, nil)),
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

// enter begins a login of eve's and opens its page.
func (f *fixture) enter() shown {
	f.t.Helper()
	return f.follow(f.send(http.MethodGet, "/prompt?login="+f.entry(), nil))
}

func (f *fixture) entry() string {
	f.t.Helper()
	a, err := f.Verify.Begin(f.t.Context(), f.Application, verify.Begin{
		Organization: storetest.Organization, User: eve, Email: "eve@login.example", Nonce: "nonce-of-eve", ReturnTo: storetest.ReturnAddress, State: "s 1&x=y",
	})
	f.must(err)
	if a.Next.Entry == "" {
		f.t.Fatalf("no page for %+v", a.Decision)
	}
	return a.Next.Entry
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

func (f *fixture) saved(index int) string {
	f.t.Helper()
	x := f.Factors(f.t, eve)
	code, err := factor.RecoveryCode(f.Keys, x.RecoveryCodes.KeyID, x.RecoverySet(), index)
	f.must(err)
	return code
}

// returned is the code and the state that a browser goes back with.
func (f *fixture) returned(s shown) (code, state string) {
	f.t.Helper()
	to, err := url.Parse(s.header.Get("Location"))
	f.must(err)
	if s.status != http.StatusSeeOther || !strings.HasPrefix(to.String(), storetest.ReturnAddress+"?code=") {
		f.t.Fatalf("%s: %d to %q: %s", s.path, s.status, to, s.text)
	}
	return to.Query().Get("code"), to.Query().Get("state")
}

// exchanged demands that what the browser came back with is good, and whether it proves anything.
func (f *fixture) exchanged(s shown, proven bool) {
	f.t.Helper()
	code, state := f.returned(s)
	a, err := f.Verify.Exchange(f.t.Context(), f.Application, verify.Exchange{Code: code, Nonce: "nonce-of-eve", IdempotencyKey: rand.Text()})
	f.must(err)
	if (a.Assertion != "") != proven || state != "s 1&x=y" {
		f.t.Errorf("%s: exchanged %+v, state %q", s.path, a, state)
	}
}
