package enroll_test

import (
	"errors"
	"testing"

	"twofold/pkg/access"
	"twofold/pkg/audit"
	"twofold/pkg/decision"
	"twofold/pkg/enroll"
	"twofold/pkg/login"
	"twofold/pkg/org"
	"twofold/pkg/policy"
	"twofold/pkg/storetest"
	"twofold/pkg/throttle"
	"twofold/pkg/user"
	"twofold/pkg/verify"
)

func (f *fixture) reset(reason string) (enroll.Status, error) {
	return f.Enroll.Reset(f.t.Context(), f.Administrator, subject(eve), reason, false)
}

func TestAResetTakesEverythingAway(t *testing.T) {
	f := newFixture(t)
	secret := f.Enrolled(t, eve)
	token := f.Login(t, eve)
	_, err := f.Verify.Order(t.Context(), f.Application, token, string(login.MailedRecovery), "")
	f.must(err)
	f.factors(func(x *user.Factors) { // one short of the hundredth, and thirty within the day
		x.Throttle = throttle.State{Consecutive: throttle.SuspendAfter}
		for range throttle.Cap {
			x.Throttle.Failures = append(x.Throttle.Failures, f.Clock.Now())
		}
	})
	f.profile(func(p *user.Profile) { p.SuspendedAt = f.Clock.Now() })
	before := f.snapshot(eve)
	status, err := f.reset("lost phone")
	f.must(err)
	if status.User != eve || status.Enrolled || status.Decision.Reason != decision.NotEnrolled || !status.Decision.MayEnroll {
		t.Errorf("status: %+v", status)
	}
	f.wiped(before)
	if x := f.Factors(t, eve).Throttle; x.Consecutive != 0 || len(x.Failures) != 0 || !x.LockedUntil.IsZero() {
		t.Errorf("failures: %+v", x)
	}
	events := f.events(audit.UserReset)
	if len(events) != 1 || events[0].Reason != "lost phone" || events[0].Actor != "ann" || events[0].User != eve || !events[0].Notify ||
		events[0].Role != string(access.OrganizationAdministrator) {
		t.Errorf("events: %+v", events)
	}
	_, err = f.Verify.Answer(t.Context(), f.Application, verify.Answer{Login: token, Way: "totp", Code: f.Code(t, secret)})
	refused(t, "a login of before", err, login.ErrEnded)
}

func TestAResetKillsAnEnrolmentUnderWay(t *testing.T) {
	f := newFixture(t)
	token := f.Login(t, eve)
	secret := f.phone(f.at(token, login.DoConfirm))
	_, err := f.reset("suspicious")
	f.must(err)
	f.untouched(func() {
		_, err := f.take(token, coded(f.Code(t, secret)))
		refused(t, "the last step", err, login.ErrEnded)
	})
	if got := f.at(f.Login(t, eve), login.DoRecoveryEmail); got.Next.Do != login.DoRecoveryEmail {
		t.Error("the recovery email of the enrolment that was reset is still there")
	}
}

func TestAResetUserEnrolsAgain(t *testing.T) {
	f := newFixture(t)
	f.Enrolled(t, eve)
	f.policy(func(p *org.Policy) { p.Status = org.Forced })
	status, err := f.reset("lost phone")
	f.must(err)
	if status.Decision.Status != decision.Enroll || status.Decision.Reason != decision.PolicyForces {
		t.Errorf("next login: %+v", status.Decision)
	}
	token := f.Login(t, eve)
	secret := f.phone(f.at(token, login.DoConfirm))
	_, err = f.take(token, coded(f.Code(t, secret)))
	f.must(err)
	if g := f.Factors(t, eve).RecoveryCodes.Generation; g != 2 {
		t.Errorf("generation %d of recovery codes, want the second", g)
	}
}

func TestAResetNeedsItsPermission(t *testing.T) {
	f := newFixture(t)
	f.Enrolled(t, eve)
	key, text := access.NewKey(access.OrganizationAdministrator, f.Clock.Now())
	key.Holder, key.Organizations = "bob", []string{storetest.Organization}
	for _, p := range access.Permissions() {
		if p != access.UsersReset {
			key.Permissions = append(key.Permissions, p)
		}
	}
	f.must(f.store.WriteOrganization(t.Context(), storetest.Organization, policy.Change{Keys: []access.Key{key}}))
	credential, err := access.Parse(text)
	f.must(err)
	f.untouched(func() {
		_, err := f.Enroll.Reset(t.Context(), access.Caller{Credential: credential}, subject(eve), "r", false)
		refused(t, "without the permission", err, access.ErrPermission)
		for name, caller := range map[string]access.Caller{"application": f.Application, "system": f.System} {
			_, err := f.Enroll.Reset(t.Context(), caller, subject(eve), "r", false)
			refused(t, name, err, access.ErrRole)
		}
		_, err = f.Enroll.Reset(t.Context(), f.Administrator, subject("nobody"), "r", false)
		refused(t, "an unknown user", err, access.ErrNotFound)
		_, err = f.Enroll.Reset(t.Context(), f.Administrator, enroll.Subject{Organization: "other.example", User: eve}, "r", false)
		refused(t, "an unknown organisation", err, access.ErrNotFound)
	})
	if n := len(f.events(audit.UserReset)); n != 0 {
		t.Errorf("%d events of resets that were refused", n)
	}
}

func TestAResetThatCannotBeStoredIsNone(t *testing.T) {
	f := newFixture(t)
	f.Enrolled(t, eve)
	f.untouched(func() {
		f.store.FailNext("Write", false, errors.New("down"))
		_, err := f.reset("r")
		unavailable(t, "a write that failed", err)
		f.store.FailNext("Read", false, errors.New("down"))
		_, err = f.reset("r")
		unavailable(t, "a read that failed", err)
		for range 3 {
			f.store.FailNext("Write", false, user.ErrConflict)
		}
		_, err = f.reset("r")
		refused(t, "three lost races", err, user.ErrConflict)
	})
	if n := len(f.events(audit.UserReset)); n != 0 {
		t.Errorf("%d events of resets that were not", n)
	}
}
