package policy_test

import (
	"errors"
	"testing"
	"time"

	"twofold/pkg/access"
	"twofold/pkg/audit"
	"twofold/pkg/decision"
	"twofold/pkg/login"
	"twofold/pkg/mail"
	"twofold/pkg/memstore"
	"twofold/pkg/org"
	"twofold/pkg/policy"
	"twofold/pkg/report"
	"twofold/pkg/user"
	"twofold/pkg/verify"
)

const eve = "eve"

var required = user.Enforcement{Kind: user.Required}

func (f *fixture) exempt(days int) user.Enforcement {
	return user.Enforcement{Kind: user.Exempt, Until: f.Clock.Now().AddDate(0, 0, days), Reason: "phone lost"}
}

func subject(id string) policy.Subject { return policy.Subject{Organization: acme, User: id} }

func (f *fixture) enforce(id string, want user.Enforcement) (policy.Enforced, error) {
	return f.Policy.Enforce(f.t.Context(), f.Administrator, subject(id), want)
}

func (f *fixture) profile(id string) user.Profile {
	f.t.Helper()
	snap, err := f.store.Read(f.t.Context(), access.Credential{ID: "none"}, acme, id)
	f.must(err)
	if snap.Profile == nil {
		f.t.Fatalf("there is no user %s", id)
	}
	return *snap.Profile
}

func (f *fixture) begin(id string) login.Answer {
	f.t.Helper()
	a, err := f.Verify.Begin(f.t.Context(), f.Application, verify.Begin{Organization: acme, User: id, Email: "user@acme.example", Nonce: "nonce"})
	f.must(err)
	return a
}

func (f *fixture) decide(id string, status decision.Status, reason decision.Reason) {
	f.t.Helper()
	if d := f.begin(id).Decision; d.Status != status || d.Reason != reason {
		f.t.Errorf("the login of %s is %s, %s; want %s, %s", id, d.Status, d.Reason, status, reason)
	}
}

// notices are the events that people are told of, since it was last asked.
func (f *fixture) notices() []audit.Event {
	var found []audit.Event
	for _, o := range f.store.Deliveries() {
		if o.Kind == mail.NoticeOrder {
			found = append(found, o.Event)
		}
	}
	return found
}

func TestRequiredWorksWhileThePolicyIsOnlyEnabled(t *testing.T) {
	f := newFixture(t)
	f.decide(eve, decision.Complete, decision.NotEnrolled)
	token, epoch := f.Login(t, eve), f.Factors(t, eve).Epoch
	got, err := f.enforce(eve, required)
	f.must(err)
	if !got.Changed || got.Decision.Reason != decision.UserRequired || got.MayDisable {
		t.Errorf("answered %+v", got)
	}
	f.decide(eve, decision.Enroll, decision.UserRequired)
	if e := f.Factors(t, eve).Epoch; e != epoch+1 {
		t.Errorf("epoch %d, want %d: what was issued under the weaker rule still works", e, epoch+1)
	}
	_, err = f.Enroll.Begin(t.Context(), f.Application, token)
	refused(t, "a login of before", err, login.ErrEnded)
	if e := f.profile(eve).Enforcement; e.SetBy != "ann" || !e.SetAt.Equal(f.Clock.Now()) {
		t.Errorf("stored %+v", e)
	}
	events := f.events(acme, audit.UserRequired)
	if len(events) != 1 || events[0].User != eve || events[0].Actor != "ann" || events[0].Notify || events[0].Details["enforcement"] != "inherit → required" {
		t.Errorf("events: %+v", events)
	}
}

func TestRequiredNeedsTheEntitlement(t *testing.T) {
	f := newFixture(t)
	f.Login(t, eve)
	_, err := f.put(policy.Put{ID: acme, Name: "Acme"})
	f.must(err)
	f.untouched(func() {
		_, err := f.enforce(eve, required)
		faulty(t, "not entitled", err, "not_available", "enforcement")
	})
}

func TestAnExemptionFreesAndEveryAdministratorIsTold(t *testing.T) {
	f := newFixture(t)
	f.Login(t, eve)
	f.decree(func(p *org.Policy) { p.Status = org.Forced })
	f.decide(eve, decision.Enroll, decision.PolicyForces)
	f.notices()
	epoch := f.Factors(t, eve).Epoch
	got, err := f.enforce(eve, f.exempt(30))
	f.must(err)
	if !got.Changed || got.Decision.Reason != decision.IsExempt || !got.Decision.Until.Equal(got.Profile.Enforcement.Until) {
		t.Errorf("answered %+v", got)
	}
	told := f.notices()
	if len(told) != 1 || told[0].Kind != audit.UserExempted || told[0].User != eve || told[0].Reason != "phone lost" || told[0].Actor != "ann" {
		t.Errorf("told: %+v", told)
	}
	if f.Factors(t, eve).Epoch != epoch {
		t.Error("a weakening has ended logins under way")
	}
	f.decide(eve, decision.Complete, decision.IsExempt)
	f.Clock.Advance(30 * 24 * time.Hour)
	f.decide(eve, decision.Enroll, decision.PolicyForces)
}

func TestEndingOrShorteningAnExemptionKillsWhatWasIssued(t *testing.T) {
	for name, next := range map[string]func(f *fixture) user.Enforcement{
		"ended":     func(*fixture) user.Enforcement { return user.Enforcement{} },
		"shortened": func(f *fixture) user.Enforcement { return f.exempt(3) },
		"required":  func(*fixture) user.Enforcement { return required },
	} {
		f := newFixture(t)
		f.Login(t, eve)
		_, err := f.enforce(eve, f.exempt(30))
		f.must(err)
		f.notices()
		epoch := f.Factors(t, eve).Epoch
		_, err = f.enforce(eve, next(f))
		f.must(err)
		if e := f.Factors(t, eve).Epoch; e != epoch+1 {
			t.Errorf("%s: epoch %d, want %d", name, e, epoch+1)
		}
		if told := f.notices(); len(told) != 0 {
			t.Errorf("%s is no weakening, and was told: %+v", name, told)
		}
	}
}

func TestClearingSaysWhetherTheUserMaySwitchOff(t *testing.T) {
	for name, c := range map[string]struct {
		status  org.Status
		enroled bool
		want    bool
	}{
		"enabled":             {org.Enabled, true, true},
		"forced":              {org.Forced, true, false},
		"enabled, no factors": {org.Enabled, false, false},
	} {
		f := newFixture(t)
		if f.Login(t, "other"); c.enroled {
			f.Enrolled(t, eve)
		} else {
			f.Login(t, eve)
		}
		f.decree(func(p *org.Policy) { p.Status = c.status })
		_, err := f.enforce(eve, required)
		f.must(err)
		got, err := f.enforce(eve, user.Enforcement{})
		f.must(err)
		if !got.Changed || got.MayDisable != c.want {
			t.Errorf("%s: changed %v, may switch off %v, want %v", name, got.Changed, got.MayDisable, c.want)
		}
	}
}

func TestSettingWhatStandsChangesNothing(t *testing.T) {
	for name, want := range map[string]func(f *fixture) user.Enforcement{
		"inherit":  func(*fixture) user.Enforcement { return user.Enforcement{} },
		"required": func(*fixture) user.Enforcement { return required },
		"exempt":   func(f *fixture) user.Enforcement { return f.exempt(30) },
	} {
		f := newFixture(t)
		f.Login(t, eve)
		_, err := f.enforce(eve, want(f))
		f.must(err)
		before, factors := f.profile(eve), f.Factors(t, eve)
		f.untouched(func() {
			got, err := f.enforce(eve, want(f))
			f.must(err)
			if got.Changed {
				t.Errorf("%s set again: changed", name)
			}
		})
		if p := f.profile(eve); p.Rev != before.Rev || f.Factors(t, eve).Rev != factors.Rev {
			t.Errorf("%s set again: written", name)
		}
	}
}

func TestWhoMayEnforce(t *testing.T) {
	f := newFixture(t)
	f.Login(t, eve)
	without, _ := f.key(access.OrganizationAdministrator, "ann", []string{acme}, access.PolicyWrite)
	with, _ := f.key(access.OrganizationAdministrator, "ann", []string{acme}, access.UsersWrite)
	elsewhere, _ := f.key(access.OrganizationAdministrator, "ann", []string{"globex"}, access.UsersWrite)
	for name, c := range map[string]struct {
		caller access.Caller
		want   error
	}{
		"the permission":          {with, nil},
		"another permission":      {without, access.ErrPermission},
		"another organisation":    {elsewhere, access.ErrNotFound},
		"the system":              {f.System, access.ErrRole},
		"an application":          {f.Application, access.ErrRole},
		"no key that was issued":  {access.Caller{}, access.ErrUnauthenticated},
		"the administrator's own": {f.Administrator, nil},
	} {
		_, err := f.Policy.Enforce(t.Context(), c.caller, subject(eve), required)
		refused(t, name, err, c.want)
		_, err = f.Policy.Enforcement(t.Context(), c.caller, subject(eve))
		refused(t, name+", reading", err, c.want)
		_, err = f.Policy.EnforceMany(t.Context(), c.caller, acme, []policy.Line{{User: eve, Want: required}})
		refused(t, name+", many", err, c.want)
	}
}

func TestAnUnknownUserIsNotRegistered(t *testing.T) {
	f := newFixture(t)
	f.untouched(func() {
		_, err := f.enforce("nobody", required)
		refused(t, "an unknown user", err, access.ErrNotFound)
		_, err = f.Policy.Enforcement(t.Context(), f.Administrator, subject("nobody"))
		refused(t, "an unknown user, reading", err, access.ErrNotFound)
	})
	snap, err := f.store.Read(t.Context(), access.Credential{ID: "none"}, acme, "nobody")
	f.must(err)
	if snap.Profile != nil {
		t.Error("the user is registered")
	}
}

func TestEnforcingInAnOutage(t *testing.T) {
	f := newFixture(t)
	f.Login(t, eve)
	down := errors.New("down")
	for _, op := range []memstore.Operation{memstore.Read, memstore.Write} {
		f.store.FailNext(op, false, down)
		_, err := f.enforce(eve, required)
		unavailable(t, string(op), err)
	}
	if f.profile(eve).Enforcement.Kind != user.Inherit {
		t.Error("something was written")
	}
	// Somebody else was faster, twice: the third try reads what is there now.
	f.store.FailNext(memstore.Write, false, user.ErrConflict)
	f.store.FailNext(memstore.Write, false, user.ErrConflict)
	if _, err := f.enforce(eve, required); err != nil {
		t.Errorf("after two lost races: %v", err)
	}
	for range 3 {
		f.store.FailNext(memstore.Write, false, user.ErrConflict)
	}
	_, err := f.enforce(eve, user.Enforcement{})
	refused(t, "three lost races", err, user.ErrConflict)
	f.store.FailNext(memstore.Write, true, down)
	_, err = f.enforce(eve, f.exempt(3))
	unavailable(t, "a lost acknowledgement", err)
	got, err := f.enforce(eve, f.exempt(3))
	if f.must(err); got.Changed || len(f.events(acme, audit.UserExempted)) != 1 {
		t.Errorf("repeated after a lost acknowledgement: changed %v", got.Changed)
	}
}

// decree makes the next version of the policy without the ceremony.
func (f *fixture) decree(change func(p *org.Policy)) {
	f.t.Helper()
	o := f.organization(acme)
	o.Rev++
	o.Policy.Version++
	change(&o.Policy)
	f.must(f.store.WriteOrganization(f.t.Context(), acme, policy.Change{Organization: o}))
}

func (f *fixture) countEvents() int {
	f.t.Helper()
	n := 0
	for q := (report.EventQuery{Limit: report.MaxLooked}); ; {
		page, next, err := f.store.Events(f.t.Context(), acme, q)
		f.must(err)
		if n, q.After = n+len(page), next; next == "" {
			return n
		}
	}
}
