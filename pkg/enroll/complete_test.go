package enroll_test

import (
	"context"
	"errors"
	"reflect"
	"slices"
	"testing"
	"time"

	"twofold/pkg/audit"
	"twofold/pkg/decision"
	"twofold/pkg/enroll"
	"twofold/pkg/factor"
	"twofold/pkg/login"
	"twofold/pkg/org"
	"twofold/pkg/storetest"
	"twofold/pkg/user"
	"twofold/pkg/verify"
)

// confirming brings an enrolment to its last step, and gives the answer that completes it.
func (f *fixture) confirming(key string) (secret []byte, last enroll.Answer) {
	f.t.Helper()
	token := f.Login(f.t, eve)
	secret = f.phone(f.at(token, login.DoConfirm))
	return secret, enroll.Answer{Login: token, Code: f.Code(f.t, secret), IdempotencyKey: key}
}

func TestCompletionIsOneChange(t *testing.T) {
	f := newFixture(t)
	_, last := f.confirming("k")
	f.factors(func(x *user.Factors) { // whatever is under way must not outlive the state that it was ordered in
		x.Challenges = []user.Challenge{{ID: "left", Purpose: user.Recover, ExpiresAt: f.Clock.Now().Add(user.CodeLife)}}
	})
	f.profile(func(p *user.Profile) { p.CodesSpent = true }) // of the factors before
	f.store.FailNext("Write", false, errors.New("down"))
	f.untouched(func() {
		_, err := f.Enroll.Answer(t.Context(), f.Application, last)
		unavailable(t, "a write that failed", err)
		if n := len(f.events(audit.UserEnrolled)); n != 0 {
			t.Errorf("%d events without an enrolment", n)
		}
	})
	_, err := f.Enroll.Answer(t.Context(), f.Application, last)
	f.must(err)
	x, p := f.Factors(t, eve), f.snapshot(eve).Profile
	if len(x.Authenticators) != 1 || x.Authenticators[0].Method != org.TOTP || x.Enrollment != nil || len(x.Challenges) != 0 {
		t.Errorf("factors: %+v", x)
	}
	if x.RecoveryCodes.Generation != 1 || x.RecoveryCodes.Left() != factor.RecoveryCodes || x.Epoch != 0 {
		t.Errorf("recovery codes %+v, epoch %d", x.RecoveryCodes, x.Epoch)
	}
	opened, err := f.Keys.Open(p.RecoveryEmail, user.RecoveryUse("acme.example", eve))
	f.must(err)
	if string(opened) != recovery || !slices.Equal(p.Methods, []org.Method{org.TOTP}) || !p.EnrolledAt.Equal(f.Clock.Now()) ||
		p.CodesSpent {
		t.Errorf("profile: %+v", p)
	}
	if same, err := factor.SameAddress(f.Keys, p.RecoveryDigest, recovery); err != nil || !same {
		t.Errorf("the digest is of another address: %v", err)
	}
	events := f.events(audit.UserEnrolled)
	if len(events) != 1 || !events[0].Notify || events[0].User != eve || events[0].Actor != "crm" || events[0].Details["method"] != "totp" {
		t.Errorf("events: %+v", events)
	}
}

func TestCompletionProvesAndShowsTheRecoveryCodes(t *testing.T) {
	f := newFixture(t)
	secret, last := f.confirming("")
	done, err := f.Enroll.Answer(t.Context(), f.Application, last)
	f.must(err)
	claims, at := f.claims(done), f.Clock.Now().Truncate(time.Second)
	if claims.Subject != eve || claims.Audience != "crm" || claims.Nonce != "nonce" || claims.Class != login.ClassTOTP || claims.Recovery != "" ||
		!claims.AuthTime.Equal(at) || !done.AssertedUntil.Equal(at.Add(login.AssertionLife)) {
		t.Errorf("claims: %+v until %v", claims, done.AssertedUntil)
	}
	if len(done.RecoveryCodes) != factor.RecoveryCodes || done.CodesLeft != factor.RecoveryCodes {
		t.Fatalf("%d recovery codes, %d left", len(done.RecoveryCodes), done.CodesLeft)
	}
	sorted := slices.Sorted(slices.Values(done.RecoveryCodes))
	if len(slices.Compact(sorted)) != factor.RecoveryCodes {
		t.Error("a recovery code stands twice")
	}
	_, err = f.Verify.Answer(t.Context(), f.Application, verify.Answer{Login: f.Login(t, eve), Way: "totp", Code: last.Code})
	refused(t, "the code of the enrolment again", err, verify.ErrRefused)
	_, err = f.Verify.Answer(t.Context(), f.Application, verify.Answer{
		Login: f.Login(t, eve), Way: "recovery_code", Code: done.RecoveryCodes[9],
	})
	f.must(err)
	f.Clock.Advance(time.Minute)
	_, err = f.Verify.Answer(t.Context(), f.Application, verify.Answer{Login: f.Login(t, eve), Way: "totp", Code: f.Code(t, secret)})
	f.must(err)
}

func TestCompletionEndsTheRunOfFailures(t *testing.T) {
	f := newFixture(t)
	secret, last := f.confirming("")
	_, err := f.take(last.Login, coded(f.wrong(secret)))
	refused(t, "a wrong code", err, enroll.ErrRefused)
	_, err = f.Enroll.Answer(t.Context(), f.Application, last)
	f.must(err)
	if x := f.Factors(t, eve).Throttle; x.Consecutive != 0 || len(x.Failures) != 1 {
		t.Errorf("left %d in a row and %d in the day, want 0 and 1", x.Consecutive, len(x.Failures))
	}
}

// A lost reply must not cost the user the recovery codes, nor the application the assertion.
func TestARetryShowsTheSameCodesAndClaims(t *testing.T) {
	f := newFixture(t)
	_, last := f.confirming("k")
	f.store.FailNext("Write", true, errors.New("reset by peer"))
	_, err := f.Enroll.Answer(t.Context(), f.Application, last)
	unavailable(t, "a lost acknowledgement", err)
	var first login.Answer
	f.untouched(func() {
		first, err = f.Enroll.Answer(t.Context(), f.Application, last)
		f.must(err)
		f.Clock.Advance(2 * time.Minute)
		again, err := f.Enroll.Answer(t.Context(), f.Application, last)
		f.must(err)
		if !reflect.DeepEqual(first, again) || len(again.RecoveryCodes) != factor.RecoveryCodes || f.claims(again).ID == "" {
			t.Errorf("first %+v\nagain %+v", first, again)
		}
	})
	if n := len(f.events(audit.UserEnrolled)); n != 1 {
		t.Errorf("%d events of one enrolment", n)
	}
}

func TestOnlyTheSameRequestIsARetry(t *testing.T) {
	f := newFixture(t)
	secret, last := f.confirming("k")
	_, err := f.Enroll.Answer(t.Context(), f.Application, last)
	f.must(err)
	f.untouched(func() {
		for what, change := range map[string]func(a *enroll.Answer){
			"another key":   func(a *enroll.Answer) { a.IdempotencyKey = "another" },
			"no key":        func(a *enroll.Answer) { a.IdempotencyKey = "" },
			"another code":  func(a *enroll.Answer) { a.Code = f.wrong(secret) },
			"another login": func(a *enroll.Answer) { a.Login = f.Login(t, eve) },
		} {
			other := last
			change(&other)
			got, err := f.Enroll.Answer(t.Context(), f.Application, other)
			refused(t, what, err, enroll.ErrEnrolled)
			if len(got.RecoveryCodes) > 0 {
				t.Errorf("%s shows the recovery codes", what)
			}
		}
	})
}

// The success of a later login is remembered too, but it is none that shows recovery codes.
func TestALoginIsNoRetryOfAnEnrolment(t *testing.T) {
	f := newFixture(t)
	secret := f.Enrolled(t, eve)
	token, code := f.Login(t, eve), f.Code(t, secret)
	_, err := f.Verify.Answer(t.Context(), f.Application, verify.Answer{Login: token, Way: "totp", Code: code, IdempotencyKey: "k"})
	f.must(err)
	got, err := f.take(token, enroll.Answer{Code: code, IdempotencyKey: "k"})
	refused(t, "a login's request as an enrolment's", err, enroll.ErrEnrolled)
	if len(got.RecoveryCodes) > 0 {
		t.Error("recovery codes are shown")
	}
}

// failing is a signer that fails as often as it is told.
type failing struct {
	storetest.Keys
	times int
}

func (s *failing) Sign(ctx context.Context, a login.Assertion) (string, error) {
	if s.times--; s.times >= 0 {
		return "", errors.New("KMS is down")
	}
	return s.Keys.Sign(ctx, a)
}

func TestAFailureToSignLosesNothing(t *testing.T) {
	f := newFixture(t)
	_, last := f.confirming("k")
	f.Enroll.Signer = &failing{times: 1}
	got, err := f.Enroll.Answer(t.Context(), f.Application, last)
	unavailable(t, "signing", err)
	if got.Assertion != "" || len(got.RecoveryCodes) > 0 {
		t.Error("something was shown with the failure")
	}
	got, err = f.Enroll.Answer(t.Context(), f.Application, last)
	f.must(err)
	if got.Decision.Status != decision.Complete || got.Assertion == "" || len(got.RecoveryCodes) != factor.RecoveryCodes {
		t.Errorf("the retry gave %+v", got)
	}
}

func TestThreeLostRacesTellNothing(t *testing.T) {
	f := newFixture(t)
	secret, last := f.confirming("k")
	f.untouched(func() {
		for _, code := range []string{last.Code, f.wrong(secret)} {
			for range 3 {
				f.store.FailNext("Write", false, user.ErrConflict)
			}
			got, err := f.take(last.Login, coded(code))
			refused(t, "three lost races", err, user.ErrConflict)
			if got.Token != "" || got.Assertion != "" {
				t.Error("an answer came with the conflict")
			}
		}
	})
	f.store.FailNext("Write", false, user.ErrConflict)
	f.store.FailNext("Write", false, user.ErrConflict)
	_, err := f.Enroll.Answer(t.Context(), f.Application, last)
	f.must(err)
}

// A second enrolment after a switch-off begins another generation of codes: those of the first stay dead.
func TestEnrollingAgainBeginsAnotherGeneration(t *testing.T) {
	f := newFixture(t)
	secret, last := f.confirming("")
	first, err := f.Enroll.Answer(t.Context(), f.Application, last)
	f.must(err)
	f.Clock.Advance(time.Minute)
	_, err = f.Enroll.Disable(t.Context(), f.Application, proofOf(subject(eve), f.Code(t, secret)))
	f.must(err)
	_, last = f.confirming("")
	second, err := f.Enroll.Answer(t.Context(), f.Application, last)
	f.must(err)
	if slices.ContainsFunc(second.RecoveryCodes, func(code string) bool { return slices.Contains(first.RecoveryCodes, code) }) {
		t.Error("a recovery code came back")
	}
	_, err = f.Verify.Answer(t.Context(), f.Application, verify.Answer{
		Login: f.Login(t, eve), Way: "recovery_code", Code: first.RecoveryCodes[0],
	})
	refused(t, "a code of the first generation", err, verify.ErrRefused)
}
