package enroll_test

import (
	"errors"
	"testing"
	"time"

	"twofold/pkg/enroll"
	"twofold/pkg/fault"
	"twofold/pkg/login"
	"twofold/pkg/org"
	"twofold/pkg/storetest"
	"twofold/pkg/throttle"
	"twofold/pkg/user"
	"twofold/pkg/verify"
)

func exempt(f *fixture) {
	f.profile(func(p *user.Profile) {
		p.Enforcement = user.Enforcement{Kind: user.Exempt, Until: f.Clock.Now().Add(time.Hour)}
	})
}

func lock(f *fixture) {
	f.factors(func(x *user.Factors) {
		x.Throttle.Consecutive, x.Throttle.LockedUntil = throttle.FreeTries, f.Clock.Now().Add(time.Minute)
	})
}

func suspend(f *fixture) {
	f.factors(func(x *user.Factors) { x.Throttle.Consecutive = throttle.SuspendAfter })
	f.profile(func(p *user.Profile) { p.SuspendedAt = f.Clock.Now() })
}

func disablePolicy(f *fixture) { f.policy(func(p *org.Policy) { p.Status = org.Disabled }) }

// admission tries every entry of an enrolment, at a step where a right code is at hand.
func (f *fixture) admission(t *testing.T, token, code string, want error) {
	t.Helper()
	withoutCode := refused
	if errors.Is(want, login.ErrNotSent) {
		withoutCode = func(t *testing.T, what string, err, _ error) { unsent(t, what, err) }
	}
	f.untouched(func() {
		_, err := f.begin(token)
		withoutCode(t, "begin", err, want)
		_, err = f.resend(token)
		withoutCode(t, "resend", err, want)
		_, err = f.take(token, coded(code))
		refused(t, "a right code", err, want)
		_, err = f.take(token, coded(otherDigits(code)))
		refused(t, "a wrong code", err, want)
	})
}

func TestWhoMayNotEnrolNow(t *testing.T) {
	for _, c := range []struct {
		name  string
		given []func(f *fixture)
		want  error
	}{
		{"policy disabled", []func(f *fixture){disablePolicy}, enroll.ErrNotOffered},
		{"suspended", []func(f *fixture){suspend}, enroll.ErrNotOffered},
		{"locked", []func(f *fixture){lock}, enroll.ErrRefused},
		{"locked and forced", []func(f *fixture){lock, func(f *fixture) { f.policy(func(p *org.Policy) { p.Status = org.Forced }) }}, enroll.ErrRefused},
		// An exemption frees from the second factor, not from the limits on guessing.
		{"locked and exempt", []func(f *fixture){lock, exempt}, enroll.ErrRefused},
		{"suspended and exempt", []func(f *fixture){suspend, exempt}, enroll.ErrNotOffered},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := newFixture(t)
			token := f.Login(t, eve)
			f.at(token, login.DoProve)
			code := f.mailed(user.ProveLogin)
			for _, given := range c.given {
				given(f)
			}
			f.admission(t, token, code, c.want)
		})
	}
}

// What a refusal names was sent.
func TestWhileLockedOnlyACodeIsNamed(t *testing.T) {
	f := newFixture(t)
	token := f.Login(t, eve)
	f.at(token, login.DoProve)
	lock(f)
	for field, attempts := range map[string][]func() (login.Answer, error){
		"": {
			func() (login.Answer, error) { return f.begin(token) },
			func() (login.Answer, error) { return f.resend(token) },
			func() (login.Answer, error) { return f.take(token, twice("eve@home.example")) },
			func() (login.Answer, error) { return f.take(token, chosen) },
		},
		"code": {func() (login.Answer, error) { return f.take(token, coded("12345678")) }},
	} {
		for i, attempt := range attempts {
			_, err := attempt()
			refused(t, "while locked", err, enroll.ErrRefused)
			if got := fault.As(err).Field; got != field {
				t.Errorf("attempt %d: the field %q is named, want %q", i, got, field)
			}
		}
	}
}

func TestALockEnds(t *testing.T) {
	f := newFixture(t)
	token := f.Login(t, eve)
	f.at(token, login.DoProve)
	code := f.mailed(user.ProveLogin)
	lock(f)
	f.Clock.Advance(time.Minute + time.Second)
	_, err := f.take(token, coded(code))
	f.must(err)
}

// A session without second factor must not put another secret in the place of the one there is.
func TestAnEnrolledUserDoesNotEnrolAgain(t *testing.T) {
	for _, given := range []func(f *fixture){nil, exempt} {
		f := newFixture(t)
		secret := f.Enrolled(t, eve)
		token := f.Login(t, eve)
		if given != nil {
			given(f)
		}
		f.admission(t, token, f.Code(t, secret), enroll.ErrEnrolled)
	}
}

func TestAnExemptUserMayEnrol(t *testing.T) {
	f := newFixture(t)
	token := f.Login(t, eve)
	exempt(f)
	secret := f.phone(f.at(token, login.DoConfirm))
	done, err := f.take(token, coded(f.Code(t, secret)))
	f.must(err)
	if done.Assertion == "" {
		t.Error("nothing was proven")
	}
}

func TestALoginOfAnotherServiceEnrolsNobody(t *testing.T) {
	f := newFixture(t)
	got, err := f.Verify.Begin(t.Context(), f.Application, verify.Begin{
		Organization: storetest.Organization, User: eve, Email: address, Nonce: "n", Service: "imap",
	})
	f.must(err)
	f.untouched(func() {
		_, err := f.begin(got.Token)
		refused(t, "an enrolment over imap", err, enroll.ErrNotOffered)
	})
}

// The hundredth failure in a row suspends, wherever it was given.
func TestGuessesWhileEnrollingSuspendToo(t *testing.T) {
	f := newFixture(t)
	token := f.Login(t, eve)
	secret := f.phone(f.at(token, login.DoConfirm))
	f.factors(func(x *user.Factors) { x.Throttle.Consecutive = throttle.SuspendAfter - 1 })
	_, err := f.take(token, coded(f.wrong(secret)))
	refused(t, "a wrong code", err, enroll.ErrRefused)
	f.isSuspended()
}
