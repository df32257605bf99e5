package verify_test

import (
	"sync"
	"testing"
	"time"

	"twofold/pkg/audit"
	"twofold/pkg/decision"
	"twofold/pkg/login"
	posted "twofold/pkg/mail"
	"twofold/pkg/throttle"
	"twofold/pkg/verify"
)

// fail gives n wrong answers, waiting out every lock before.
func (f *fixture) fail(secret []byte, n int) {
	f.t.Helper()
	for range n {
		f.unlock()
		_, err := f.answer(f.Login(f.t, eve), totp, f.wrong(secret))
		refused(f.t, "a wrong code", err, verify.ErrRefused)
	}
}

// unlock waits until eve may try again.
func (f *fixture) unlock() {
	f.t.Helper()
	now := f.Clock.Now()
	if until, locked := f.Factors(f.t, eve).Throttle.Locked(now); locked {
		f.Clock.Advance(until.Sub(now))
	}
}

// While locked, right and wrong codes of every way look alike, and neither is evaluated.
func TestWhileLockedNothingIsEvaluated(t *testing.T) {
	f := newFixture(t)
	secret := f.Enrolled(t, eve)
	token, mailed := f.ordered()
	f.fail(secret, throttle.FreeTries)
	right := map[string]string{totp: f.Code(t, secret), mail: mailed, saved: f.saved(eve, 0)}
	wrong := map[string]string{totp: f.wrong(secret), mail: otherDigits(mailed), saved: "22223333444455AA"}
	f.untouched(eve, func() {
		for way := range right {
			_, ofRight := f.answer(token, way, right[way])
			_, ofWrong := f.answer(token, way, wrong[way])
			refused(t, "a right "+way, ofRight, verify.ErrRefused)
			if ofRight == nil || ofWrong == nil || ofRight.Error() != ofWrong.Error() {
				t.Errorf("%s: right gave %v, wrong gave %v", way, ofRight, ofWrong)
			}
		}
	})
	f.unlock()
	_, err := f.answer(token, mail, mailed)
	f.must(err)
}

func TestDelaysDoubleAndEnd(t *testing.T) {
	f := newFixture(t)
	secret := f.Enrolled(t, eve)
	f.fail(secret, throttle.FreeTries-1)
	if _, locked := f.Factors(t, eve).Throttle.Locked(f.Clock.Now()); locked {
		t.Fatal("locked before the fifth failure")
	}
	for _, want := range []time.Duration{1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900} {
		want *= time.Second
		f.fail(secret, 1)
		got := f.Factors(t, eve).Throttle.LockedUntil.Sub(f.Clock.Now())
		if got < want || got >= want+time.Second {
			t.Errorf("locked for %v, want %v", got, want)
		}
	}
	f.unlock()
	_, err := f.answer(f.Login(t, eve), totp, f.Code(t, secret))
	f.must(err)
	f.counted(eve, 0)
}

// A lock that has ended leaves no try uncounted before the next.
func TestATryAtTheEndOfALockIsEvaluated(t *testing.T) {
	f := newFixture(t)
	secret := f.Enrolled(t, eve)
	f.fail(secret, throttle.FreeTries)
	until := f.Factors(t, eve).Throttle.LockedUntil
	f.Clock.Advance(until.Sub(f.Clock.Now()) - time.Microsecond)
	f.untouched(eve, func() {
		_, err := f.answer(f.Login(t, eve), totp, f.Code(t, secret))
		refused(t, "a moment before the end", err, verify.ErrRefused)
	})
	f.Clock.Advance(time.Microsecond)
	_, err := f.answer(f.Login(t, eve), totp, f.Code(t, secret))
	f.must(err)
}

// A patient guesser who is let in now and then, or waits out every delay, gets thirty tries a day.
func TestThirtyFailuresADayWhateverSucceeds(t *testing.T) {
	f := newFixture(t)
	secret := f.Enrolled(t, eve)
	begun := f.Clock.Now()
	for range 10 {
		f.fail(secret, 3)
		if len(f.Factors(t, eve).Throttle.Failures) == throttle.Cap {
			break
		}
		f.Clock.Advance(30 * time.Second)
		_, err := f.answer(f.Login(t, eve), totp, f.Code(t, secret))
		f.must(err)
	}
	f.Clock.Advance(20 * time.Hour)
	got, err := f.begin(verify.Begin{User: eve, Nonce: "n"})
	f.must(err)
	if got.Decision.Reason != decision.IsLocked || got.Decision.Until.Sub(begun).Round(time.Minute) != throttle.Window {
		t.Errorf("%s until %v", got.Decision.Reason, got.Decision.Until)
	}
	f.untouched(eve, func() {
		_, err := f.answer(got.Token, totp, f.Code(t, secret))
		refused(t, "the right code above the cap", err, verify.ErrRefused)
		_, err = f.answer(got.Token, saved, f.saved(eve, 0))
		refused(t, "a right recovery code above the cap", err, verify.ErrRefused)
	})
	f.unlock()
	_, err = f.answer(f.Login(t, eve), totp, f.Code(t, secret))
	f.must(err)
}

func TestAHundredFailuresInARowSuspend(t *testing.T) {
	f := newFixture(t)
	secret := f.Enrolled(t, eve)
	f.fail(secret, throttle.SuspendAfter-1)
	if n := len(f.events(audit.UserSuspended)); n != 0 || !f.snapshot(eve).Profile.SuspendedAt.IsZero() {
		t.Fatalf("suspended before the hundredth, with %d events", n)
	}
	f.fail(secret, 1)
	events := f.events(audit.UserSuspended)
	if len(events) != 1 || !events[0].Notify || events[0].User != eve || events[0].Reason == "" {
		t.Fatalf("events: %+v", events)
	}
	if got := f.snapshot(eve).Profile.SuspendedAt; !got.Equal(f.Clock.Now()) {
		t.Errorf("the profile says suspended at %v", got)
	}
	f.unlock()
	token := f.Login(t, eve)
	f.untouched(eve, func() {
		_, err := f.answer(token, totp, f.Code(t, secret))
		refused(t, "the right code while suspended", err, verify.ErrRefused)
	})
	_, err := f.answer(token, saved, "22223333444455AA")
	refused(t, "a wrong recovery code while suspended", err, verify.ErrRefused)
	if n := len(f.events(audit.UserSuspended)); n != 1 {
		t.Errorf("suspended %d times", n)
	}
}

func TestARecoveryEndsASuspension(t *testing.T) {
	for _, way := range []string{mail, saved} {
		f := newFixture(t)
		secret := f.Enrolled(t, eve)
		suspended(f)
		token, code := f.ordered()
		if way == saved {
			code = f.saved(eve, 0)
		}
		got, err := f.answer(token, way, code)
		f.must(err)
		if f.claims(got).Class != login.ClassRecovery || len(f.events(audit.RecoveryUsed)) != 1 {
			t.Errorf("%s: not marked as a recovery", way)
		}
		if !f.snapshot(eve).Profile.SuspendedAt.IsZero() || f.Factors(t, eve).Throttle.Suspended() {
			t.Errorf("%s: still suspended", way)
		}
		_, err = f.answer(f.Login(t, eve), totp, f.Code(t, secret))
		f.must(err)
	}
}

func TestASuspendedUserWhoIsLockedWaits(t *testing.T) {
	f := newFixture(t)
	f.Enrolled(t, eve)
	suspended(f)
	locked(f)
	token := f.Login(t, eve)
	f.untouched(eve, func() {
		_, err := f.answer(token, saved, f.saved(eve, 0))
		refused(t, "a right recovery code while locked", err, verify.ErrRefused)
	})
}

// alarms are the orders of the writes since the last call that tell of wrong codes; others is how many there were besides.
func (f *fixture) alarms() (alarms []posted.Order, others int) {
	for _, o := range f.store.Deliveries() {
		if o.Kind == posted.AlarmOrder {
			alarms = append(alarms, o)
		} else {
			others++
		}
	}
	return alarms, others
}

// Ten wrong codes in a row are nobody's business but the throttle's; the eleventh is told in the write that counts it, and from
// where, if that is known, and none after it, until the cap is full. What was ordered a moment before is delivered all the same.
func TestAUserHearsOfWrongCodes(t *testing.T) {
	f := newFixture(t)
	secret := f.Enrolled(t, eve)
	f.fail(secret, throttle.AlarmAfter-2)
	f.unlock()
	f.alarms()
	f.ordered()
	f.fail(secret, 1)
	if alarms, others := f.alarms(); len(alarms) != 0 || others != 1 {
		t.Fatalf("after ten: %v, and %d others", alarms, others)
	}
	f.Application.Claimed = "203.0.113.7"
	f.fail(secret, 1)
	alarms, _ := f.alarms()
	if len(alarms) != 1 || alarms[0].User != eve || alarms[0].Event.Kind != audit.UserLocked || alarms[0].Event.Claimed != "203.0.113.7" {
		t.Fatalf("after eleven: %+v", alarms)
	}
	if at := f.Factors(t, eve).Throttle.Failures; !alarms[0].Event.At.Equal(at[len(at)-1]) {
		t.Errorf("it is of %v", alarms[0].Event.At)
	}
	f.fail(secret, throttle.Cap-throttle.AlarmAfter-1)
	if more, _ := f.alarms(); len(more) != 0 {
		t.Errorf("after %d: %+v", throttle.Cap-1, more)
	}
	f.fail(secret, 1)
	full, _ := f.alarms()
	f.fail(secret, 5)
	if more, _ := f.alarms(); len(full) != 1 || len(more) != 0 {
		t.Errorf("at the cap: %+v, after it %+v", full, more)
	}
}

// Of many tries at once one is the eleventh.
func TestOneOfManyTriesAtOnceAlarms(t *testing.T) {
	f := newFixture(t)
	secret := f.Enrolled(t, eve)
	f.fail(secret, throttle.AlarmAfter-1)
	f.unlock()
	f.alarms()
	token, wrong := f.Login(t, eve), f.wrong(secret)
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() { _, _ = f.answer(token, totp, wrong) })
	}
	all.Wait()
	if alarms, _ := f.alarms(); len(alarms) != 1 {
		t.Errorf("%d alarms", len(alarms))
	}
}
