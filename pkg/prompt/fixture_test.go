package prompt_test

import (
	"crypto/rand"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"twofold/infra/local/visitor"
	"twofold/pkg/factor"
	"twofold/pkg/memstore"
	"twofold/pkg/org"
	"twofold/pkg/page"
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
	*visitor.Browser
	t     *testing.T
	store *memstore.Store
	logs  *strings.Builder
}

func newFixture(t *testing.T) *fixture {
	t.Helper()
	store := memstore.New()
	f := &fixture{World: storetest.NewWorld(t, store), t: t, store: store, logs: &strings.Builder{}}
	pages, err := prompt.Prompt{
		Logins: f.Verify, Enrollments: f.Enroll, Tokens: f.Keys,
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

// enter begins a login of eve's and opens its page.
func (f *fixture) enter() visitor.Page {
	f.t.Helper()
	return f.Follow(f.Send(http.MethodGet, "/prompt?login="+f.entry(), nil))
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
func (f *fixture) returned(s visitor.Page) (code, state string) {
	f.t.Helper()
	to, err := url.Parse(s.Header.Get("Location"))
	f.must(err)
	if s.Status != http.StatusSeeOther || !strings.HasPrefix(to.String(), storetest.ReturnAddress+"?code=") {
		f.t.Fatalf("%s: %d to %q: %s", s.Path, s.Status, to, s.Text)
	}
	return to.Query().Get("code"), to.Query().Get("state")
}

// exchanged demands that what the browser came back with is good, and whether it proves anything.
func (f *fixture) exchanged(s visitor.Page, proven bool) {
	f.t.Helper()
	code, state := f.returned(s)
	a, err := f.Verify.Exchange(f.t.Context(), f.Application, verify.Exchange{Code: code, Nonce: "nonce-of-eve", IdempotencyKey: rand.Text()})
	f.must(err)
	if (a.Assertion != "") != proven || state != "s 1&x=y" {
		f.t.Errorf("%s: exchanged %+v, state %q", s.Path, a, state)
	}
}
