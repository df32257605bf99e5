package verify_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"testing"

	"twofold/pkg/audit"
	"twofold/pkg/enroll"
	"twofold/pkg/factor"
	"twofold/pkg/login"
	"twofold/pkg/memstore"
	"twofold/pkg/org"
	"twofold/pkg/policy"
	"twofold/pkg/report"
	"twofold/pkg/storetest"
	"twofold/pkg/user"
	"twofold/pkg/verify"
)

const (
	eve   = "eve"
	totp  = string(org.TOTP)
	saved = string(login.SavedRecovery)
	mail  = string(login.MailedRecovery)

	bypass = string(login.Bypass)
)

// fixture is a world in memory, whose store fails on demand and whose state can be set by hand.
type fixture struct {
	*storetest.World
	t     *testing.T
	store *memstore.Store
}

func newFixture(t *testing.T) *fixture {
	t.Helper()
	store := memstore.New()
	return &fixture{World: storetest.NewWorld(t, store), t: t, store: store}
}

func (f *fixture) must(err error) {
	f.t.Helper()
	if err != nil {
		f.t.Fatal(err)
	}
}

// refused demands one certain refusal.
func refused(t *testing.T, what string, err, want error) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Errorf("%s: got %v, want %v", what, err, want)
	}
}

func (f *fixture) begin(in verify.Begin) (login.Answer, error) {
	in.Organization = storetest.Organization
	return f.Verify.Begin(f.t.Context(), f.Application, in)
}

// answer submits a code without an idempotency key.
func (f *fixture) answer(token, way, code string) (login.Answer, error) {
	return f.Verify.Answer(f.t.Context(), f.Application, verify.Answer{Login: token, Way: way, Code: code})
}

func (f *fixture) order(token string) (login.Answer, error) {
	return f.Verify.Order(f.t.Context(), f.Application, token, mail, "")
}

func (f *fixture) snapshot(id string) login.Snapshot {
	f.t.Helper()
	snap, err := f.store.Read(f.t.Context(), f.Application.Credential, storetest.Organization, id)
	f.must(err)
	return snap
}

// organization changes what the organisation is entitled to or decides, under a new version.
func (f *fixture) organization(change func(o *org.Organization)) {
	f.t.Helper()
	o := f.snapshot(eve).Organization
	o.Rev++
	o.Policy.Version++
	change(o)
	f.must(f.store.WriteOrganization(f.t.Context(), o.ID, policy.Change{Organization: o}))
}

func (f *fixture) policy(change func(p *org.Policy)) {
	f.t.Helper()
	f.organization(func(o *org.Organization) { change(&o.Policy) })
}

func (f *fixture) profile(id string, change func(p *user.Profile)) {
	f.t.Helper()
	p := f.snapshot(id).Profile.Next()
	change(&p)
	f.must(f.store.Write(f.t.Context(), user.Change{Profile: &p}))
}

func (f *fixture) factors(id string, change func(x *user.Factors)) {
	f.t.Helper()
	x := f.Factors(f.t, id).Next()
	change(&x)
	f.must(f.store.Write(f.t.Context(), user.Change{Factors: &x}))
}

// wrong is a code that no step near now has.
func (f *fixture) wrong(secret []byte) string {
	for i := 0; ; i++ {
		code := fmt.Sprintf("%06d", i)
		if _, right := factor.MatchTOTP(secret, code, f.Clock.Now(), 0); !right {
			return code
		}
	}
}

// mailed is the code that the mailer would send for the live order of a user.
func (f *fixture) mailed(id string) string {
	f.t.Helper()
	x := f.Factors(f.t, id)
	for _, c := range x.Challenges {
		if c.Purpose == user.Recover {
			code, err := factor.MailedCode(f.Keys, c.KeyID, x.Mailed(c))
			f.must(err)
			return code
		}
	}
	f.t.Fatal("no recovery code was ordered")
	return ""
}

// saved is a user's saved recovery code of an index.
func (f *fixture) saved(id string, index int) string {
	f.t.Helper()
	x := f.Factors(f.t, id)
	code, err := factor.RecoveryCode(f.Keys, x.RecoveryCodes.KeyID, x.RecoverySet(), index)
	f.must(err)
	return code
}

// events are those of a kind, oldest first.
func (f *fixture) events(kind audit.Kind) []audit.Event {
	f.t.Helper()
	all, _, err := f.store.Events(f.t.Context(), storetest.Organization, report.EventQuery{Limit: report.MaxLimit})
	f.must(err)
	var found []audit.Event
	for _, e := range all {
		if e.Kind == kind {
			found = append(found, e)
		}
	}
	return found
}

// claims reads an assertion, which these keys write as JSON.
func (f *fixture) claims(a login.Answer) login.Assertion {
	f.t.Helper()
	var claims login.Assertion
	if err := json.Unmarshal([]byte(a.Assertion), &claims); err != nil {
		f.t.Fatalf("no assertion: %v", err)
	}
	return claims
}

// counted demands how many failures in a row stand against a user.
func (f *fixture) counted(id string, want int) {
	f.t.Helper()
	if got := f.Factors(f.t, id).Throttle.Consecutive; got != want {
		f.t.Errorf("%d failures are counted, want %d", got, want)
	}
}

// untouched runs what must not write anything of a user.
func (f *fixture) untouched(id string, act func()) {
	f.t.Helper()
	before := f.snapshot(id)
	act()
	if after := f.snapshot(id); !reflect.DeepEqual(before.Factors, after.Factors) || !reflect.DeepEqual(before.Profile, after.Profile) {
		f.t.Error("something was written")
	}
}

func subjectOf(id string) enroll.Subject {
	return enroll.Subject{Organization: storetest.Organization, User: id}
}
