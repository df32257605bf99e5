package account_test

import (
	"encoding/base32"
	"errors"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"twofold/infra/local/visitor"
	"twofold/pkg/account"
	"twofold/pkg/enroll"
	"twofold/pkg/factor"
	"twofold/pkg/login"
	"twofold/pkg/memstore"
	"twofold/pkg/org"
	"twofold/pkg/page"
	"twofold/pkg/policy"
	"twofold/pkg/storetest"
	"twofold/pkg/user"
	"twofold/pkg/verify"
)

const eve = "eve"

// fixture is the pages over a world in memory, and a browser.
type fixture struct {
	*storetest.World
	*visitor.Browser
	t      *testing.T
	store  *memstore.Store
	logs   *strings.Builder
	secret []byte // of eve's app
}

func newFixture(t *testing.T) *fixture {
	t.Helper()
	store := memstore.New()
	f := &fixture{World: storetest.NewWorld(t, store), t: t, store: store, logs: &strings.Builder{}}
	pages, err := account.Account{
		Users: f.Enroll, Tokens: f.Keys,
		Options: page.Options{Faces: store, Now: f.Clock.Now, Logger: slog.New(slog.NewTextHandler(f.logs, nil))},
	}.Handler()
	f.must(err)
	f.Browser = visitor.New(t, pages)
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

// enter opens eve's page.
func (f *fixture) enter() visitor.Page {
	f.t.Helper()
	return f.Follow(f.Send(http.MethodGet, "/account?page="+f.entry(), nil))
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
func below(s visitor.Page, task string) string {
	path, _, _ := strings.Cut(s.Path, "?")
	return strings.Join(strings.Split(path, "/")[:3], "/") + task
}

// opens shows a page below the page's own.
func (f *fixture) opens(s visitor.Page, task string) visitor.Page {
	f.t.Helper()
	return f.Send(http.MethodGet, below(s, task), nil)
}

// proven sends a change's form with the code that eve's app shows, each time one that it has not visitor.Page before.
func (f *fixture) proven(s visitor.Page, action string, pairs ...string) visitor.Page {
	f.t.Helper()
	f.Clock.Advance(30 * time.Second)
	return f.Post(s, action, append(pairs, "code", f.Code(f.t, f.secret))...)
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
