package policy_test

import (
	"errors"
	"reflect"
	"testing"

	"twofold/pkg/access"
	"twofold/pkg/audit"
	"twofold/pkg/factor"
	"twofold/pkg/fault"
	"twofold/pkg/mail"
	"twofold/pkg/memstore"
	"twofold/pkg/org"
	"twofold/pkg/policy"
	"twofold/pkg/report"
	"twofold/pkg/stepup"
	"twofold/pkg/storetest"
)

const acme = storetest.Organization

// fixture is a world in memory, whose store fails on demand.
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

// faulty demands a refusal by its code and the field that it names.
func faulty(t *testing.T, what string, err error, code, field string) {
	t.Helper()
	if got := fault.As(err); err == nil || got.Code != code || got.Field != field {
		t.Errorf("%s: got %v at %q, want %s at %q", what, err, fault.As(err).Field, code, field)
	}
}

// unavailable demands the answer to a failure of something that we depend on.
func unavailable(t *testing.T, what string, err error) {
	t.Helper()
	if got := fault.As(err); err == nil || got.Kind != fault.Unavailable || got.RetryAfter <= 0 {
		t.Errorf("%s: got %v, want that a part cannot be reached", what, err)
	}
}

func (f *fixture) organization(id string) *org.Organization {
	f.t.Helper()
	_, o, err := f.store.ReadOrganization(f.t.Context(), f.System.Credential, id)
	f.must(err)
	return o
}

// events are those of a kind in an organisation's log, oldest first.
func (f *fixture) events(organization string, kind audit.Kind) []audit.Event {
	f.t.Helper()
	all, _, err := f.store.Events(f.t.Context(), organization, report.EventQuery{Limit: report.MaxLimit})
	f.must(err)
	var found []audit.Event
	for _, e := range all {
		if e.Kind == kind {
			found = append(found, e)
		}
	}
	return found
}

// mails counts the step-up codes that were ordered since it was last asked.
func (f *fixture) mails() int {
	n := 0
	for _, o := range f.store.Deliveries() {
		if o.Kind == mail.StepUpOrder {
			n++
		}
	}
	return n
}

// policy is the default one, changed.
func (f *fixture) policy(change func(p *org.Policy)) org.Policy {
	p := org.DefaultOrganizationPolicy(f.Clock.Now())
	change(&p)
	return p
}

// begun is forced as it comes into force when it is confirmed now.
func (f *fixture) begun(days int) org.Policy {
	return f.forced(days).Begun(org.DefaultOrganizationPolicy(f.Clock.Now()), f.Clock.Now())
}

func (f *fixture) forced(days int) org.Policy {
	return f.policy(func(p *org.Policy) { p.Status, p.GraceDays = org.Forced, days })
}

func (f *fixture) propose(p org.Policy) (policy.Proposed, error) {
	return f.Policy.Propose(f.t.Context(), f.Administrator, acme, policy.Wanted{Policy: p}, f.organization(acme).Policy.Version)
}

// proposed proposes, and gives the proposal's id and the code that is mailed for it.
func (f *fixture) proposed(p org.Policy) (id, code string) {
	f.t.Helper()
	got, err := f.propose(p)
	f.must(err)
	return got.Change.ID, f.mailed("ann")
}

func (f *fixture) docket(administrator string) stepup.Docket {
	f.t.Helper()
	d, err := f.store.Docket(f.t.Context(), acme, administrator)
	f.must(err)
	if d == nil {
		f.t.Fatalf("%s has proposed nothing", administrator)
	}
	return *d
}

// waiting is what an administrator has proposed for the policy.
func (f *fixture) waiting(administrator string) stepup.Change {
	f.t.Helper()
	d := f.docket(administrator)
	return d.Changes[len(d.Changes)-1]
}

// mailed is the code that the mailer would send an administrator.
func (f *fixture) mailed(administrator string) string {
	f.t.Helper()
	c := f.waiting(administrator)
	code, err := factor.MailedCode(f.Keys, c.KeyID, f.docket(administrator).Mailed(c))
	f.must(err)
	return code
}

func otherDigits(code string) string { return string('0'+(code[0]-'0'+1)%10) + code[1:] }

func (f *fixture) confirm(id, code string) (org.Policy, error) {
	return f.Policy.Confirm(f.t.Context(), f.Administrator, acme, id, policy.Confirmation{Word: stepup.Word{Code: code}})
}

// untouched runs what must change neither the organisation nor what ann has proposed.
func (f *fixture) untouched(act func()) {
	f.t.Helper()
	state := func() []any {
		p, err := f.store.Docket(f.t.Context(), acme, "ann")
		f.must(err)
		all, _, err := f.store.Events(f.t.Context(), acme, report.EventQuery{Limit: report.MaxLimit})
		f.must(err)
		return []any{f.organization(acme), p, all}
	}
	before := state()
	act()
	if !reflect.DeepEqual(before, state()) {
		f.t.Error("something was written")
	}
}

// key makes a key of its own for a holder of acme.
func (f *fixture) key(role access.Role, holder string, organizations []string, permissions ...access.Permission) (access.Caller, access.Key) {
	f.t.Helper()
	key, text := access.NewKey(role, f.Clock.Now())
	key.Holder, key.Organizations, key.Permissions = holder, organizations, permissions
	f.must(f.store.WriteOrganization(f.t.Context(), acme, policy.Change{Keys: []access.Key{key}}))
	credential, err := access.Parse(text)
	f.must(err)
	return access.Caller{Credential: credential}, key
}
