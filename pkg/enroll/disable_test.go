package enroll_test

import (
	"errors"
	"testing"
	"time"

	"twofold/pkg/access"
	"twofold/pkg/audit"
	"twofold/pkg/decision"
	"twofold/pkg/enroll"
	"twofold/pkg/fault"
	"twofold/pkg/login"
	"twofold/pkg/org"
	"twofold/pkg/storetest"
	"twofold/pkg/throttle"
	"twofold/pkg/user"
)

func (f *fixture) disable(code string) (enroll.Status, error) {
	return f.Enroll.Disable(f.t.Context(), f.Application, proofOf(subject(eve), code))
}

// isSuspended demands everything that a suspension leaves.
func (f *fixture) isSuspended() {
	f.t.Helper()
	snap, events := f.snapshot(eve), f.events(audit.UserSuspended)
	if !snap.Factors.Throttle.Suspended() || !snap.Profile.SuspendedAt.Equal(f.Clock.Now()) {
		f.t.Errorf("suspended in the factors: %v, in the profile at %v", snap.Factors.Throttle.Suspended(), snap.Profile.SuspendedAt)
	}
	if len(events) != 1 || !events[0].Notify || events[0].User != eve {
		f.t.Errorf("events: %+v", events)
	}
}

// wiped demands that nothing which was enrolled or issued is left, but for the recovery email.
func (f *fixture) wiped(before login.Snapshot) {
	f.t.Helper()
	after := f.snapshot(eve)
	x, p := after.Factors, after.Profile
	if len(x.Authenticators)+len(x.Challenges)+len(x.Successes) != 0 || x.Enrollment != nil || x.RecoveryCodes.Left() != 0 {
		f.t.Errorf("left: %+v", x)
	}
	if x.Epoch != before.Factors.Epoch+1 || x.RecoveryCodes.Generation != before.Factors.RecoveryCodes.Generation {
		f.t.Errorf("epoch %d after %d, generation %d after %d", x.Epoch, before.Factors.Epoch,
			x.RecoveryCodes.Generation, before.Factors.RecoveryCodes.Generation)
	}
	if len(p.Methods) != 0 || !p.EnrolledAt.IsZero() || !p.SuspendedAt.IsZero() || string(p.RecoveryEmail) != string(before.Profile.RecoveryEmail) {
		f.t.Errorf("profile: %+v", p)
	}
}

func TestSwitchingOffTakesEverythingAway(t *testing.T) {
	f := newFixture(t)
	secret := f.Enrolled(t, eve)
	before, token, code := f.snapshot(eve), f.Login(t, eve), f.Code(t, secret)
	status, err := f.disable(code[:3] + " " + code[3:])
	f.must(err)
	if status.Organization != "acme.example" || status.User != eve || status.Enrolled || status.Decision.Reason != decision.NotEnrolled {
		t.Errorf("status: %+v", status)
	}
	f.wiped(before)
	events := f.events(audit.UserDisabled)
	if len(events) != 1 || !events[0].Notify || events[0].User != eve || events[0].Actor != "crm" {
		t.Errorf("events: %+v", events)
	}
	_, err = f.begin(token)
	refused(t, "a login of before", err, login.ErrEnded)
	_, err = f.disable(code)
	refused(t, "again", err, enroll.ErrNotEnrolled)
}

func TestWhoeverIsObligedKeepsTheSecondFactor(t *testing.T) {
	for name, given := range map[string]func(f *fixture){
		"forced":          func(f *fixture) { f.policy(func(p *org.Policy) { p.Status = org.Forced }) },
		"forced in grace": func(f *fixture) { f.policy(func(p *org.Policy) { p.Status, p.GraceDays = org.Forced, 30 }) },
		"required":        func(f *fixture) { f.profile(func(p *user.Profile) { p.Enforcement.Kind = user.Required }) },
	} {
		f := newFixture(t)
		secret := f.Enrolled(t, eve)
		given(f)
		f.untouched(func() {
			for _, code := range []string{f.Code(t, secret), f.wrong(secret), ""} {
				_, err := f.disable(code)
				refused(t, name, err, enroll.ErrObliged)
				if told, ok := fault.As(err).Attached.(login.Answer); !ok || told.Decision.Rule != decision.RuleVerify || told.Token != "" {
					t.Errorf("%s: attached %+v", name, fault.As(err).Attached)
				}
			}
		})
	}
}

func TestAnExemptUserMaySwitchOff(t *testing.T) {
	f := newFixture(t)
	secret := f.Enrolled(t, eve)
	f.policy(func(p *org.Policy) { p.Status = org.Forced })
	exempt(f)
	_, err := f.disable(f.Code(t, secret))
	f.must(err)
}

func TestSwitchingOffNeedsARightCode(t *testing.T) {
	f := newFixture(t)
	secret := f.Enrolled(t, eve)
	f.untouched(func() {
		for _, code := range []string{"", "12345", "12345678", "abcdef"} {
			_, err := f.disable(code)
			refused(t, code, err, enroll.ErrCode)
		}
	})
	_, err := f.disable(f.wrong(secret))
	refused(t, "a wrong code", err, enroll.ErrRefused)
	f.counted(1)
	if !f.Factors(t, eve).Enrolled() || len(f.events(audit.UserDisabled)) != 0 {
		t.Error("a wrong code switched off")
	}
	f.factors(func(x *user.Factors) { x.Authenticators[0].LastStep = 1 << 40 })
	_, err = f.disable(f.Code(t, secret))
	refused(t, "a code that was used", err, enroll.ErrRefused)
	f.counted(2)
}

// Guesses are limited here as everywhere, also where the decision would not ask for a second factor.
func TestSwitchingOffIsNoWayAroundALock(t *testing.T) {
	nothing := func(*fixture) {}
	for name, free := range map[string]func(f *fixture){"enabled": nothing, "exempt": exempt, "policy disabled": disablePolicy} {
		for barred, given := range map[string]func(f *fixture){"locked": lock, "suspended": suspend} {
			f := newFixture(t)
			secret := f.Enrolled(t, eve)
			free(f)
			given(f)
			f.untouched(func() {
				for _, code := range []string{f.Code(t, secret), f.wrong(secret)} {
					_, err := f.disable(code)
					refused(t, barred+", "+name, err, enroll.ErrRefused)
				}
			})
		}
	}
}

func TestGuessesAtSwitchingOffLockAndSuspend(t *testing.T) {
	f := newFixture(t)
	secret := f.Enrolled(t, eve)
	for range throttle.FreeTries {
		_, err := f.disable(f.wrong(secret))
		refused(t, "a wrong code", err, enroll.ErrRefused)
	}
	if _, locked := f.Factors(t, eve).Throttle.Locked(f.Clock.Now()); !locked {
		t.Error("not locked after five")
	}
	f.Clock.Advance(time.Hour)
	f.factors(func(x *user.Factors) { x.Throttle.Consecutive = throttle.SuspendAfter - 1 })
	_, err := f.disable(f.wrong(secret))
	refused(t, "the hundredth", err, enroll.ErrRefused)
	f.isSuspended()
}

func TestNobodyElseIsSwitchedOff(t *testing.T) {
	f := newFixture(t)
	secret := f.Enrolled(t, eve)
	f.untouched(func() {
		for name, caller := range map[string]access.Caller{"administrator": f.Administrator, "system": f.System} {
			_, err := f.Enroll.Disable(t.Context(), caller, proofOf(subject(eve), f.Code(t, secret)))
			refused(t, name, err, access.ErrRole)
		}
		_, err := f.Enroll.Disable(t.Context(), f.Application, proofOf(subject("nobody"), f.Code(t, secret)))
		refused(t, "an unknown user", err, access.ErrNotFound)
		_, err = f.Enroll.Disable(t.Context(), f.Application, proofOf(enroll.Subject{Organization: "other.example", User: eve}, f.Code(t, secret)))
		refused(t, "an unknown organisation", err, access.ErrNotFound)
	})
	f.Login(t, "adam")
	_, err := f.Enroll.Disable(t.Context(), f.Application, proofOf(enroll.Subject{Organization: storetest.Organization, User: "adam"}, f.Code(t, secret)))
	refused(t, "a user without a second factor", err, enroll.ErrNotEnrolled)
}

func TestASwitchOffThatCannotBeStoredIsNone(t *testing.T) {
	f := newFixture(t)
	secret := f.Enrolled(t, eve)
	f.untouched(func() {
		for _, code := range []string{f.Code(t, secret), f.wrong(secret)} {
			f.store.FailNext("Write", false, errors.New("down"))
			_, err := f.disable(code)
			unavailable(t, "a write that failed", err)
			for range 3 {
				f.store.FailNext("Write", false, user.ErrConflict)
			}
			_, err = f.disable(code)
			refused(t, "three lost races", err, user.ErrConflict)
		}
	})
	_, err := f.disable(f.Code(t, secret))
	f.must(err)
}
