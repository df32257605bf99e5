package verify_test

import (
	"errors"
	"testing"
	"time"

	"twofold/pkg/fault"
	"twofold/pkg/login"
	sending "twofold/pkg/mail"
	"twofold/pkg/org"
	"twofold/pkg/user"
	"twofold/pkg/verify"
)

// codes counts the codes that were ordered from the mailer since it was last asked.
func (f *fixture) codes() int {
	n := 0
	for _, o := range f.store.Deliveries() {
		if o.Kind == sending.CodeOrder {
			n++
		}
	}
	return n
}

func TestAnOrderedCodeGoesToTheRecoveryEmail(t *testing.T) {
	f := newFixture(t)
	f.Enrolled(t, eve)
	token := f.Login(t, eve)
	got, err := f.order(token)
	f.must(err)
	now := f.Clock.Now()
	next := got.Next
	if got.Token != token || next.Do != login.DoAnswer || next.SentTo != "recovery email" ||
		!next.ExpiresAt.Equal(now.Add(10*time.Minute)) || next.ResendAt.Sub(now).Round(time.Second) != time.Minute {
		t.Errorf("answered %+v at %v", got, now)
	}
	x := f.Factors(t, eve)
	if len(x.Challenges) != 1 || x.Deliver != x.Challenges[0].ID || x.Challenges[0].Purpose != user.Recover {
		t.Fatalf("challenges: %+v, delivering %q", x.Challenges, x.Deliver)
	}
	if got, want := string(x.Challenges[0].Address), string(f.snapshot(eve).Profile.RecoveryDigest); got != want {
		t.Error("the code is for another address")
	}
	if n := f.codes(); n != 1 {
		t.Errorf("%d codes go out, want 1", n)
	}
	f.counted(eve, 0)
}

func TestOnlyWhatIsSentIsOrdered(t *testing.T) {
	f := newFixture(t)
	f.Enrolled(t, eve)
	token := f.Login(t, eve)
	for way, want := range map[string]error{
		totp: verify.ErrNotOrdered, saved: verify.ErrNotOrdered, "": verify.ErrMethod, "eve@evil.example": verify.ErrMethod,
		string(org.Email): verify.ErrNotEnrolled, string(org.SMS): verify.ErrNotEnrolled, bypass: verify.ErrNotOrdered,
	} {
		f.untouched(eve, func() {
			_, err := f.Verify.Order(t.Context(), f.Application, token, way, "")
			refused(t, way, err, want)
		})
	}
}

// A lost reply costs nobody a code: the same login hears of the code under way.
func TestOrderingAgainWithinAMinuteSendsNothing(t *testing.T) {
	f := newFixture(t)
	f.Enrolled(t, eve)
	token := f.Login(t, eve)
	first, err := f.order(token)
	f.must(err)
	code := f.mailed(eve)
	f.codes()
	f.Clock.Advance(30 * time.Second)
	f.untouched(eve, func() {
		again, err := f.order(token)
		f.must(err)
		resend := first.Next.ResendAt.Truncate(time.Second) // what is stored has whole seconds
		if again.Token != first.Token || again.Next.SentTo != first.Next.SentTo || !again.Next.ResendAt.Equal(resend) {
			t.Errorf("first %+v, again %+v", first.Next, again.Next)
		}
	})
	if n := f.codes(); n != 0 {
		t.Errorf("%d more codes went out", n)
	}
	_, err = f.answer(token, mail, code)
	f.must(err)
}

func TestOrderingAfterAMinuteReplacesTheCode(t *testing.T) {
	f := newFixture(t)
	f.Enrolled(t, eve)
	token := f.Login(t, eve)
	_, err := f.order(token)
	f.must(err)
	old := f.mailed(eve)
	f.Clock.Advance(time.Minute)
	_, err = f.order(token)
	f.must(err)
	if n := f.codes(); n != 2 {
		t.Errorf("%d codes went out, want 2", n)
	}
	fresh := f.mailed(eve)
	_, err = f.answer(token, mail, old)
	refused(t, "the code before", err, verify.ErrRefused)
	_, err = f.answer(token, mail, fresh)
	f.must(err)
}

func TestAnotherLoginWithinAMinuteMustWait(t *testing.T) {
	f := newFixture(t)
	f.Enrolled(t, eve)
	mine := f.Login(t, eve)
	_, err := f.order(mine)
	f.must(err)
	code := f.mailed(eve)
	f.Clock.Advance(20 * time.Second)
	f.untouched(eve, func() {
		_, err := f.order(f.Login(t, eve))
		refused(t, "another login's order", err, user.ErrTooSoon)
		if wait := fault.As(err).RetryAfter; wait <= 39*time.Second || wait > 40*time.Second {
			t.Errorf("wait %v, want 40 seconds", wait)
		}
	})
	_, err = f.answer(mine, mail, code)
	f.must(err)
}

func TestFiveCodesInTenMinutes(t *testing.T) {
	f := newFixture(t)
	f.Enrolled(t, eve)
	for range user.SendLimit {
		_, err := f.order(f.Login(t, eve))
		f.must(err)
		f.Clock.Advance(61 * time.Second)
	}
	f.untouched(eve, func() {
		_, err := f.order(f.Login(t, eve))
		refused(t, "a sixth code", err, user.ErrTooSoon)
	})
	if n := f.codes(); n != user.SendLimit {
		t.Errorf("%d codes went out, want %d", n, user.SendLimit)
	}
	f.Clock.Advance(user.SendWindow - user.SendLimit*61*time.Second + time.Second)
	_, err := f.order(f.Login(t, eve))
	f.must(err)
}

func TestAWayBackThatIsClosedIsNotOrdered(t *testing.T) {
	for _, c := range []struct {
		name  string
		given func(f *fixture)
		want  error
	}{
		{"closed by the policy", func(f *fixture) { f.policy(func(p *org.Policy) { p.Recovery.MailedCode = false }) }, verify.ErrWayClosed},
		{"no verified recovery email", func(f *fixture) {
			f.profile(eve, func(p *user.Profile) { p.RecoveryEmail, p.RecoveryDigest = nil, nil })
		}, verify.ErrWayClosed},
		{"locked", locked, verify.ErrRefused},
		{"suspended and locked", func(f *fixture) { suspended(f); locked(f) }, verify.ErrRefused},
		{"nothing to prove", exempt, verify.ErrChanged},
	} {
		f := newFixture(t)
		f.Enrolled(t, eve)
		token := f.Login(t, eve)
		c.given(f)
		f.untouched(eve, func() {
			_, err := f.order(token)
			refused(t, c.name, err, c.want)
		})
		if f.codes() != 0 {
			t.Errorf("%s: a code went out", c.name)
		}
	}
}

// What a refusal names was sent, and its words fit: an order holds no code. The stable code is one and the same.
func TestWhileLockedOnlyACodeIsNamed(t *testing.T) {
	f := newFixture(t)
	secret := f.Enrolled(t, eve)
	token := f.Login(t, eve)
	locked(f)
	_, err := f.order(token)
	ordered := fault.As(err)
	_, err = f.answer(token, totp, f.Code(t, secret))
	if answered := fault.As(err); ordered.Field != "" || answered.Field != "code" ||
		ordered.Message != login.ErrNotSent.Message || answered.Message != login.ErrRefused.Message || ordered.Code != answered.Code || ordered.Kind != answered.Kind {
		t.Errorf("an order: %q at %q; an answer: %q at %q", ordered.Message, ordered.Field, answered.Message, answered.Field)
	}
}

func TestAUserWhoIsNotEnrolledHasNoWayBack(t *testing.T) {
	f := newFixture(t)
	token := f.Login(t, eve)
	f.untouched(eve, func() {
		_, err := f.order(token)
		refused(t, "an order", err, verify.ErrChanged)
		for way, code := range map[string]string{totp: "123456", mail: "12345678", saved: "ABCDEFGHJKMNOPQR"} {
			_, err := f.answer(token, way, code)
			refused(t, way, err, verify.ErrChanged)
		}
	})
}

func TestAnOrderThatCannotBeStoredSendsNothing(t *testing.T) {
	f := newFixture(t)
	f.Enrolled(t, eve)
	token := f.Login(t, eve)
	f.store.FailNext("Write", false, errors.New("down"))
	_, err := f.order(token)
	if fault.As(err).Kind != fault.Unavailable {
		t.Errorf("answered %v", err)
	}
	if f.codes() != 0 {
		t.Error("a code went out")
	}
	_, err = f.order(token)
	f.must(err)
	f.store.FailNext("Write", true, errors.New("lost"))
	f.Clock.Advance(time.Minute)
	if _, err = f.order(token); fault.As(err).Kind != fault.Unavailable {
		t.Errorf("answered %v", err)
	}
	_, err = f.order(token)
	f.must(err)
	if n := f.codes(); n != 2 {
		t.Errorf("%d codes went out, want 2: the one whose reply was lost is under way", n)
	}
}
