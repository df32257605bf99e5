package policy_test

import (
	"errors"
	"math/rand/v2"
	"reflect"
	"testing"
	"time"

	"twofold/pkg/access"
	"twofold/pkg/decision"
	"twofold/pkg/memstore"
	"twofold/pkg/org"
	"twofold/pkg/policy"
	"twofold/pkg/throttle"
	"twofold/pkg/user"
	"twofold/pkg/verify"
)

// random are states that support is asked about, dates within some days of now.
type random struct {
	*rand.Rand
	now time.Time
}

func (r random) yes() bool { return r.IntN(2) == 0 }

func (r random) day() time.Time {
	return r.now.Add(time.Duration(r.IntN(41)-20) * 24 * time.Hour).Add(time.Duration(r.IntN(3)-1) * time.Microsecond)
}

func (r random) organization(o *org.Organization) {
	o.Rev++
	o.Entitlements = org.Entitlements{TwoFactor: r.IntN(5) > 0, AppPasswords: r.yes()}
	p := &o.Policy
	p.Version++
	p.Status = []org.Status{org.Disabled, org.Enabled, org.Forced, org.Forced}[r.IntN(4)]
	p.Methods = []org.Method{[]org.Method{org.TOTP, org.Email}[r.IntN(2)]}
	p.GraceDays, p.RememberDevice, p.EnforceFrom = r.IntN(20), r.yes(), time.Time{}
	if r.yes() {
		p.EnforceFrom = r.day()
	}
}

func (r random) user(id string) (user.Profile, user.Factors) {
	p := user.Profile{Organization: acme, User: id, Rev: 1, Email: "user@acme.example", RegisteredAt: r.day()}
	f := user.Factors{Organization: acme, User: id}.Next()
	p.Enforcement.Kind = []user.EnforcementKind{user.Inherit, user.Required, user.Exempt}[r.IntN(3)]
	if p.Enforcement.Kind == user.Exempt {
		p.Enforcement.Until = r.day()
	}
	if r.yes() {
		p.Grace.Until = r.day()
	}
	if r.yes() {
		f.Authenticators = []user.Authenticator{{ID: "a1b2c3d4e5f60718", Method: org.TOTP, CreatedAt: r.now}}
		f.RecoveryCodes = user.RecoveryCodes{Generation: 1, Used: uint16(r.IntN(1 << 10))}
		p.Methods, p.EnrolledAt = f.Methods(), r.now
	}
	switch r.IntN(4) {
	case 0:
		f.Throttle = throttle.State{Consecutive: throttle.SuspendAfter}
		p.SuspendedAt = r.now
	case 1:
		f.Throttle = throttle.State{Consecutive: 9, LockedUntil: r.now.Add(time.Duration(r.IntN(20)-10) * time.Second)}
	}
	return p, f
}

// Support hears what the user heard: whatever the state, status and the next login tell the same.
func TestStatusExplainsTheNextLogin(t *testing.T) {
	f := newFixture(t)
	r := random{rand.New(rand.NewPCG(1, 2)), f.Clock.Now()}
	reasons := map[decision.Reason]int{}
	for n := range 3000 {
		id := "user-" + string(rune('a'+n%26)) + time.Duration(n).String()
		o := f.organization(acme)
		r.organization(o)
		f.must(f.store.WriteOrganization(t.Context(), acme, policy.Change{Organization: o}))
		p, x := r.user(id)
		f.must(f.store.Write(t.Context(), user.Change{Profile: &p, Factors: &x}))
		st, err := f.Policy.Status(t.Context(), f.Administrator, subject(id))
		f.must(err)
		if told := f.begin(id).Decision; !reflect.DeepEqual(st.Decision, told) {
			t.Fatalf("status says %+v, the login %+v\nof %+v\n%+v", st.Decision, told, o, p)
		}
		if st.CodesLeft != x.RecoveryCodes.Left() || st.Suspended != x.Throttle.Suspended() || !reflect.DeepEqual(st.Methods, x.Methods()) {
			t.Fatalf("status %+v of %+v", st, x)
		}
		reasons[st.Decision.Reason]++
	}
	if len(reasons) < 11 {
		t.Errorf("only these reasons came about: %v", reasons)
	}
}

func TestStatusOfAnOrganisationThatIsNotEntitled(t *testing.T) {
	f := newFixture(t)
	f.Login(t, eve)
	_, err := f.put(policy.Put{ID: acme, Name: "Acme"})
	f.must(err)
	st, err := f.Policy.Status(t.Context(), f.Administrator, subject(eve))
	f.must(err)
	if st.Decision.Reason != decision.NotAvailable || st.MayDisable || !st.Deadline.IsZero() {
		t.Errorf("status %+v", st)
	}
}

func TestStatusChangesNothingAndRegistersNobody(t *testing.T) {
	f := newFixture(t)
	f.Login(t, eve)
	before := f.profile(eve)
	f.untouched(func() {
		_, err := f.Policy.Status(t.Context(), f.Application, subject(eve))
		f.must(err)
		_, err = f.Policy.Status(t.Context(), f.Application, subject("nobody"))
		refused(t, "an unknown user", err, access.ErrNotFound)
	})
	if !reflect.DeepEqual(before, f.profile(eve)) {
		t.Error("the user has changed")
	}
	_, err := f.Verify.Begin(t.Context(), f.Application, verify.Begin{Organization: acme, User: "nobody", Email: "n@acme.example", Nonce: "nonce"})
	f.must(err)
	if p := f.profile("nobody"); p.Rev != 1 {
		t.Errorf("the user had been there: %+v", p)
	}
}

func TestWhoMaySeeAStatus(t *testing.T) {
	f := newFixture(t)
	f.Login(t, eve)
	with, _ := f.key(access.OrganizationAdministrator, "ann", []string{acme}, access.ReportsRead)
	without, _ := f.key(access.OrganizationAdministrator, "ann", []string{acme}, access.UsersWrite)
	reader, _ := f.key(access.Reader, "siem", []string{acme})
	foreign, _ := f.key(access.Application, "crm", []string{"globex"})
	for name, c := range map[string]struct {
		caller access.Caller
		want   error
	}{
		"reports:read": {with, nil}, "the system": {f.System, nil}, "an application": {f.Application, nil},
		"another permission": {without, access.ErrPermission}, "a reader": {reader, access.ErrRole},
		"another organisation's application": {foreign, access.ErrNotFound}, "nobody": {access.Caller{}, access.ErrUnauthenticated},
	} {
		_, err := f.Policy.Status(t.Context(), c.caller, subject(eve))
		refused(t, name, err, c.want)
	}
	f.store.FailNext(memstore.Read, false, errors.New("down"))
	_, err := f.Policy.Status(t.Context(), with, subject(eve))
	unavailable(t, "an outage", err)
}
