package enroll_test

import (
	"errors"
	"testing"
	"time"

	"twofold/pkg/access"
	"twofold/pkg/enroll"
	"twofold/pkg/login"
	"twofold/pkg/org"
	"twofold/pkg/user"
)

// A later login may be a thief's with the password: it takes over the verified recovery email, which only somebody
// with the proof can have entered, and neither the proof nor the secret.
func TestALaterLoginKeepsTheVerifiedRecoveryEmailOnly(t *testing.T) {
	f := newFixture(t)
	first := f.phone(f.at(f.Login(t, eve), login.DoConfirm))
	before := f.Factors(t, eve).Enrollment
	token := f.Login(t, eve)
	f.untouched(func() {
		_, err := f.take(token, coded(f.Code(t, first)))
		refused(t, "the first login's authenticator", err, enroll.ErrStep)
	})
	got, err := f.begin(token)
	f.must(err)
	if got.Next.Do != login.DoProve {
		t.Errorf("the later login begins at %q", got.Next.Do)
	}
	e := f.Factors(t, eve).Enrollment
	if e.Proven || len(e.Secret) != 0 || e.AuthenticatorID != "" {
		t.Errorf("taken over: %+v", e)
	}
	if !e.RecoveryVerified || string(e.RecoveryEmail) != string(before.RecoveryEmail) || string(e.RecoveryDigest) != string(before.RecoveryDigest) {
		t.Error("the verified recovery email was lost")
	}
	got, err = f.take(token, coded(f.mailed(user.ProveLogin)))
	f.must(err)
	if got.Next.Do != login.DoChooseMethod {
		t.Errorf("after the proof: %q", got.Next.Do)
	}
}

func TestALaterLoginDropsAnUnverifiedRecoveryEmail(t *testing.T) {
	f := newFixture(t)
	f.at(f.Login(t, eve), login.DoVerifyRecovery)
	token := f.Login(t, eve)
	f.at(token, login.DoProve)
	if open := f.Factors(t, eve).Challenges; len(open) != 1 || open[0].Purpose != user.ProveLogin {
		t.Errorf("codes under way: %+v", open)
	}
	got := f.at(token, login.DoRecoveryEmail)
	if e := f.Factors(t, eve).Enrollment; got.Next.Do != login.DoRecoveryEmail || len(e.RecoveryEmail)+len(e.RecoveryDigest) != 0 {
		t.Errorf("taken over: %+v", e)
	}
}

// The pending parts belong to one login: the one before is back at its first step, and its codes are dead.
func TestAnEarlierLoginLosesItsPendingParts(t *testing.T) {
	f := newFixture(t)
	earlier := f.Login(t, eve)
	f.at(earlier, login.DoProve)
	code := f.mailed(user.ProveLogin)
	f.at(f.Login(t, eve), login.DoProve)
	_, err := f.take(earlier, coded(code))
	f.wrongStep(err, login.DoEnroll)
	f.counted(0) // a right code of an enrolment that is over is no guess
}

func TestAnEnrolmentEndsWithItsLogin(t *testing.T) {
	f := newFixture(t)
	token := f.Login(t, eve)
	secret := f.phone(f.at(token, login.DoConfirm))
	f.Clock.Advance(login.EnrollingLife)
	f.untouched(func() {
		_, err := f.begin(token)
		refused(t, "begin", err, login.ErrEnded)
		_, err = f.resend(token)
		refused(t, "resend", err, login.ErrEnded)
		_, err = f.take(token, coded(f.Code(t, secret)))
		refused(t, "confirm", err, login.ErrEnded)
	})
}

func TestAnEnrolmentLastsToItsLastMoment(t *testing.T) {
	f := newFixture(t)
	token := f.Login(t, eve)
	secret := f.phone(f.at(token, login.DoConfirm))
	f.Clock.Advance(login.EnrollingLife - time.Second)
	_, err := f.take(token, coded(f.Code(t, secret)))
	f.must(err)
}

func TestOnlyTheApplicationOfALoginEnrols(t *testing.T) {
	f := newFixture(t)
	token := f.Login(t, eve)
	f.untouched(func() {
		for name, caller := range map[string]access.Caller{"administrator": f.Administrator, "system": f.System} {
			_, err := f.Enroll.Begin(t.Context(), caller, token)
			refused(t, name, err, access.ErrRole)
			_, err = f.Enroll.Answer(t.Context(), caller, enroll.Answer{Login: token, Code: "12345678"})
			refused(t, name, err, access.ErrRole)
		}
		_, err := f.begin(token + "A")
		refused(t, "a forged token", err, login.ErrInvalid)
	})
}

func TestMethods(t *testing.T) {
	f := newFixture(t)
	token := f.Login(t, eve)
	f.at(token, login.DoChooseMethod)
	f.untouched(func() {
		for method, want := range map[string]error{
			string(org.Email): enroll.ErrMethod, string(org.SMS): enroll.ErrMethod, "passkey": enroll.ErrMethod, "TOTP": enroll.ErrMethod,
		} {
			_, err := f.take(token, enroll.Answer{Method: method})
			refused(t, method, err, want)
		}
	})
	f.policy(func(p *org.Policy) { p.Methods = []org.Method{org.Email} })
	f.untouched(func() {
		_, err := f.take(token, chosen)
		refused(t, "a method that the policy does not allow", err, enroll.ErrMethod)
	})
}

// Choosing again makes another secret; the one shown before was never active and never will be.
func TestChoosingAgainMakesAnotherAuthenticator(t *testing.T) {
	f := newFixture(t)
	token := f.Login(t, eve)
	first := f.phone(f.at(token, login.DoConfirm))
	id := f.Factors(t, eve).Enrollment.AuthenticatorID
	again, err := f.take(token, chosen)
	f.must(err)
	if anew := f.Factors(t, eve).Enrollment.AuthenticatorID; anew == id || anew == "" {
		t.Errorf("the new authenticator is called %q, the old one %q", anew, id)
	}
	second := f.phone(again)
	if string(first) == string(second) {
		t.Fatal("the same secret again")
	}
	_, err = f.take(token, coded(f.Code(t, first)))
	refused(t, "the first secret's code", err, enroll.ErrRefused)
	_, err = f.take(token, coded(f.Code(t, second)))
	f.must(err)
}

func TestAStepThatCannotBeStoredIsTakenAgain(t *testing.T) {
	for _, persisted := range []bool{false, true} {
		f := newFixture(t)
		token := f.Login(t, eve)
		f.store.FailNext("Write", persisted, errors.New("down"))
		_, err := f.begin(token)
		unavailable(t, "begin", err)
		f.at(token, login.DoProve)
		if n := f.codes(); n != 1 {
			t.Errorf("persisted %v: %d codes went out, want 1", persisted, n)
		}
		code := f.mailed(user.ProveLogin)
		f.store.FailNext("Read", false, errors.New("down"))
		_, err = f.take(token, coded(code))
		unavailable(t, "a read", err)
		f.counted(0)
	}
}
