package enroll_test

import (
	"testing"
	"time"

	"twofold/pkg/enroll"
	"twofold/pkg/fault"
	"twofold/pkg/login"
	"twofold/pkg/user"
)

func TestAnotherCodeAMinuteLater(t *testing.T) {
	for do, purpose := range map[login.Do]user.Purpose{login.DoProve: user.ProveLogin, login.DoVerifyRecovery: user.VerifyRecovery} {
		f := newFixture(t)
		token := f.Login(t, eve)
		f.at(token, do)
		old := f.mailed(purpose)
		f.codes()
		f.Clock.Advance(59 * time.Second)
		f.untouched(func() {
			_, err := f.resend(token)
			refused(t, string(do), err, user.ErrTooSoon)
			if wait := fault.As(err).RetryAfter; wait <= 0 || wait > time.Second {
				t.Errorf("wait %v, want a second at most", wait)
			}
		})
		f.Clock.Advance(time.Second)
		got, err := f.resend(token)
		f.must(err)
		if got.Next.Do != do || f.codes() != 1 {
			t.Errorf("%s: %+v", do, got.Next)
		}
		_, err = f.take(token, coded(old))
		refused(t, "the code before", err, enroll.ErrRefused)
		_, err = f.take(token, coded(f.mailed(purpose)))
		f.must(err)
	}
}

// Beginning again sends a new code only when the one before can no longer be answered.
func TestBeginningAgainReplacesADeadCode(t *testing.T) {
	f := newFixture(t)
	token := f.Login(t, eve)
	f.at(token, login.DoProve)
	f.codes()
	f.Clock.Advance(user.CodeLife)
	_, err := f.begin(token)
	f.must(err)
	if f.codes() != 1 {
		t.Error("no new code went out")
	}
	_, err = f.take(token, coded(f.mailed(user.ProveLogin)))
	f.must(err)
}

func TestFiveCodesInTenMinutesOfAllSteps(t *testing.T) {
	f := newFixture(t)
	token := f.Login(t, eve)
	f.at(token, login.DoProve)
	for range 2 {
		f.Clock.Advance(time.Minute)
		_, err := f.resend(token)
		f.must(err)
	}
	_, err := f.take(token, coded(f.mailed(user.ProveLogin)))
	f.must(err)
	for _, typed := range []string{recovery, "other@home.example"} {
		_, err = f.take(token, twice(typed))
		f.must(err)
	}
	f.untouched(func() {
		_, err := f.take(token, twice("third@home.example"))
		refused(t, "a sixth address", err, user.ErrTooSoon)
		f.Clock.Advance(time.Minute)
		_, err = f.resend(token)
		refused(t, "a sixth code", err, user.ErrTooSoon)
	})
	if n := f.codes(); n != user.SendLimit {
		t.Errorf("%d codes went out, want %d", n, user.SendLimit)
	}
}

// Steps that await no code have none to send.
func TestNothingIsResentWhereNoCodeIsAwaited(t *testing.T) {
	for _, do := range []login.Do{login.DoRecoveryEmail, login.DoChooseMethod, login.DoConfirm} {
		f := newFixture(t)
		token := f.Login(t, eve)
		f.at(token, do)
		f.codes()
		f.untouched(func() {
			got, err := f.resend(token)
			f.must(err)
			if got.Next.Do != do || f.codes() != 0 {
				t.Errorf("%s: %+v", do, got.Next)
			}
		})
	}
}
