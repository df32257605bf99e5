package policy_test

import (
	"errors"
	"testing"
	"time"

	"twofold/pkg/access"
	"twofold/pkg/audit"
	"twofold/pkg/decision"
	"twofold/pkg/login"
	"twofold/pkg/memstore"
	"twofold/pkg/org"
	"twofold/pkg/policy"
	"twofold/pkg/user"
)

func (f *fixture) grace(days int) user.Grace {
	return user.Grace{Until: f.Clock.Now().AddDate(0, 0, days), Reason: "on leave"}
}

func (f *fixture) extend(id string, want user.Grace) (policy.Enforced, error) {
	return f.Policy.ExtendGrace(f.t.Context(), f.Administrator, subject(id), want)
}

func TestAnExtensionGivesOneUserTime(t *testing.T) {
	f := newFixture(t)
	f.Login(t, eve)
	f.Login(t, "other")
	f.decree(func(p *org.Policy) { p.Status = org.Forced })
	f.decide(eve, decision.Enroll, decision.PolicyForces)
	f.notices()
	got, err := f.extend(eve, f.grace(10))
	f.must(err)
	if !got.Changed || !got.Deadline.Equal(f.Clock.Now().AddDate(0, 0, 10)) || got.Profile.Grace.SetBy != "ann" {
		t.Errorf("answered %+v", got)
	}
	f.decide(eve, decision.Complete, decision.InGrace)
	f.decide("other", decision.Enroll, decision.PolicyForces)
	told := f.notices()
	if len(told) != 1 || told[0].Kind != audit.GraceExtended || told[0].Reason != "on leave" || told[0].User != eve ||
		told[0].Details["deadline"] == "" {
		t.Errorf("told: %+v", told)
	}
	f.untouched(func() {
		got, err := f.extend(eve, f.grace(10))
		if f.must(err); got.Changed {
			t.Error("the same again is a change")
		}
	})
	_, err = f.extend(eve, f.grace(9))
	faulty(t, "a shorter one", err, "grace_shortened", "until")
	f.Clock.Advance(10 * 24 * time.Hour)
	f.decide(eve, decision.Enroll, decision.PolicyForces)
}

func TestAnExtensionNeverShortensThePolicysGrace(t *testing.T) {
	f := newFixture(t)
	f.Login(t, eve)
	f.decree(func(p *org.Policy) { p.Status, p.GraceDays = org.Forced, 30 })
	got, err := f.extend(eve, f.grace(3))
	f.must(err)
	if !got.Deadline.Equal(f.Clock.Now().AddDate(0, 0, 30)) {
		t.Errorf("the deadline is %v", got.Deadline)
	}
}

func TestEndingAnExtension(t *testing.T) {
	f := newFixture(t)
	f.Login(t, eve)
	f.decree(func(p *org.Policy) { p.Status = org.Forced })
	_, err := f.extend(eve, f.grace(10))
	f.must(err)
	token := f.Login(t, eve)
	f.notices()
	f.must(f.Policy.EndGrace(t.Context(), f.Administrator, subject(eve)))
	f.decide(eve, decision.Enroll, decision.PolicyForces)
	_, err = f.Enroll.Begin(t.Context(), f.Application, token)
	refused(t, "a login of before", err, login.ErrEnded)
	if events := f.events(acme, audit.GraceEnded); len(events) != 1 || events[0].Notify {
		t.Errorf("events: %+v", events)
	}
	f.untouched(func() { f.must(f.Policy.EndGrace(t.Context(), f.Administrator, subject(eve))) })
	// One that had ended by itself is tidied away, and kills nothing.
	_, err = f.extend(eve, f.grace(1))
	f.must(err)
	f.Clock.Advance(48 * time.Hour)
	epoch := f.Factors(t, eve).Epoch
	f.must(f.Policy.EndGrace(t.Context(), f.Administrator, subject(eve)))
	if f.Factors(t, eve).Epoch != epoch || f.profile(eve).Grace != (user.Grace{}) {
		t.Errorf("a lapsed extension: %+v", f.profile(eve).Grace)
	}
}

func TestWhoMayExtend(t *testing.T) {
	f := newFixture(t)
	f.Login(t, eve)
	without, _ := f.key(access.OrganizationAdministrator, "ann", []string{acme}, access.UsersReset)
	elsewhere, _ := f.key(access.OrganizationAdministrator, "ann", []string{"globex"}, access.UsersWrite)
	f.untouched(func() {
		for name, c := range map[string]struct {
			caller access.Caller
			id     string
			want   error
		}{
			"another permission": {without, eve, access.ErrPermission}, "another organisation": {elsewhere, eve, access.ErrNotFound},
			"the system": {f.System, eve, access.ErrRole}, "an application": {f.Application, eve, access.ErrRole},
			"an unknown user": {f.Administrator, "nobody", access.ErrNotFound},
		} {
			_, err := f.Policy.ExtendGrace(t.Context(), c.caller, subject(c.id), f.grace(1))
			refused(t, name, err, c.want)
			refused(t, name+", ending", f.Policy.EndGrace(t.Context(), c.caller, subject(c.id)), c.want)
		}
	})
}

func TestExtendingInAnOutage(t *testing.T) {
	f := newFixture(t)
	f.Login(t, eve)
	down := errors.New("down")
	for _, op := range []memstore.Operation{memstore.Read, memstore.Write} {
		f.store.FailNext(op, false, down)
		_, err := f.extend(eve, f.grace(1))
		unavailable(t, string(op), err)
	}
	f.store.FailNext(memstore.Write, true, down)
	_, err := f.extend(eve, f.grace(1))
	unavailable(t, "a lost acknowledgement", err)
	got, err := f.extend(eve, f.grace(1))
	if f.must(err); got.Changed || len(f.events(acme, audit.GraceExtended)) != 1 {
		t.Errorf("repeated: changed %v", got.Changed)
	}
	f.store.FailNext(memstore.Write, false, down)
	unavailable(t, "ending", f.Policy.EndGrace(t.Context(), f.Administrator, subject(eve)))
}
