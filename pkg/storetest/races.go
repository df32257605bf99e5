package storetest

import (
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"twofold/pkg/audit"
	"twofold/pkg/factor"
	"twofold/pkg/login"
	"twofold/pkg/org"
	"twofold/pkg/report"
	"twofold/pkg/stepup"
	"twofold/pkg/throttle"
	"twofold/pkg/user"
	"twofold/pkg/verify"
)

// answer submits a code and gives the error; success has an assertion.
func (w *World) answer(t *testing.T, token, way, code string) error {
	a, err := w.Verify.Answer(t.Context(), w.Application, verify.Answer{Login: token, Way: way, Code: code})
	if err == nil && a.Assertion == "" {
		t.Error("an answer without error has no assertion")
	}
	return err
}

// settled submits a code until somebody hears its outcome: a conflict says that it was not judged.
func (w *World) settled(t *testing.T, token, way, code string) error {
	for {
		if err := w.answer(t, token, way, code); !errors.Is(err, user.ErrConflict) {
			return err
		}
	}
}

// wins counts the successes and demands that every other is one of the refusals.
func wins(t *testing.T, errs []error, refusals ...error) int {
	t.Helper()
	n := 0
next:
	for _, err := range errs {
		if err == nil {
			n++
			continue
		}
		for _, refusal := range refusals {
			if errors.Is(err, refusal) {
				continue next
			}
		}
		t.Errorf("unexpected: %v", err)
	}
	return n
}

func oneCodeOneSuccess(t *testing.T, s Contract) {
	w := NewWorld(t, s)
	secret := w.Enrolled(t, somebody)
	token, code := w.Login(t, somebody), w.Code(t, secret)
	errs := collect(100, func(int) error { return w.answer(t, token, string(org.TOTP), code) })
	if n := wins(t, errs, verify.ErrRefused, user.ErrConflict); n != 1 {
		t.Errorf("%d successes, want 1", n)
	}
	w.Clock.Advance(throttle.MaxDelay)
	if err := w.answer(t, w.Login(t, somebody), string(org.TOTP), code); !errors.Is(err, verify.ErrRefused) {
		t.Errorf("the code again: %v", err)
	}
}

func parallelGuesses(t *testing.T, s Contract) {
	w := NewWorld(t, s)
	secret := w.Enrolled(t, somebody)
	token := w.Login(t, somebody)
	right := w.Code(t, secret)
	errs := collect(20, func(i int) error {
		guess := fmt.Sprintf("%06d", i)
		if guess == right {
			guess = "999999"
		}
		return w.settled(t, token, string(org.TOTP), guess)
	})
	if n := wins(t, errs, verify.ErrRefused); n != 0 {
		t.Errorf("%d guesses were let in", n)
	}
	f := w.Factors(t, somebody)
	if f.Throttle.Consecutive != throttle.FreeTries || len(f.Throttle.Failures) != throttle.FreeTries {
		t.Errorf("%d guesses were evaluated, %d remembered, want %d", f.Throttle.Consecutive, len(f.Throttle.Failures), throttle.FreeTries)
	}
	if err := w.answer(t, token, string(org.TOTP), right); !errors.Is(err, verify.ErrRefused) {
		t.Errorf("the right code while locked: %v", err)
	}
	w.Clock.Advance(2 * time.Second)
	must(t, w.answer(t, token, string(org.TOTP), w.Code(t, secret)))
}

func recoveryOnce(t *testing.T, s Contract) {
	w := NewWorld(t, s)
	w.Enrolled(t, somebody)
	set := factor.RecoverySet{Organization: Organization, User: somebody, Generation: 1}
	code, err := factor.RecoveryCode(w.Keys, CurrentKey, set, 3)
	must(t, err)
	tokens := make([]string, 30)
	for i := range tokens {
		tokens[i] = w.Login(t, somebody)
	}
	errs := collect(30, func(i int) error { return w.answer(t, tokens[i], string(login.SavedRecovery), code) })
	if n := wins(t, errs, verify.ErrRefused, user.ErrConflict); n != 1 {
		t.Errorf("%d successes, want 1", n)
	}
	if left := w.Factors(t, somebody).RecoveryCodes.Left(); left != factor.RecoveryCodes-1 {
		t.Errorf("%d codes left, want %d", left, factor.RecoveryCodes-1)
	}
	if n := w.events(t, audit.RecoveryUsed); n != 1 {
		t.Errorf("%d events of a recovery, want 1", n)
	}
}

// events counts those of a kind.
func (w *World) events(t *testing.T, kind audit.Kind) int {
	events, _, err := w.Store.Events(t.Context(), Organization, report.EventQuery{Limit: report.MaxLimit})
	must(t, err)
	n := 0
	for _, e := range events {
		if e.Kind == kind {
			n++
		}
	}
	return n
}

// resetRace: whoever begins to answer after a reset has returned must not get in with what was reset, and no
// answer that the reset overtook may bring the authenticator back.
func resetRace(t *testing.T, s Contract) {
	w := NewWorld(t, s)
	for round := range 20 {
		w.Clock.Advance(stepup.FreeWindow / stepup.FreeUsers) // no more in an hour than an administrator may
		id := fmt.Sprintf("user-%d", round)
		secret := w.Enrolled(t, id)
		token, code := w.Login(t, id), w.Code(t, secret)
		var reset atomic.Bool
		var failed sync.Once
		together(4, func(i int) {
			if i == 0 {
				w.reset(t, id)
				reset.Store(true)
				return
			}
			for range 3 {
				after := reset.Load()
				if err := w.answer(t, token, string(org.TOTP), code); err == nil && after {
					failed.Do(func() { t.Errorf("round %d: let in with what was reset", round) })
				}
			}
		})
		f := w.Factors(t, id)
		if len(f.Authenticators) != 0 || len(f.Successes) != 0 || f.RecoveryCodes.Left() != 0 || f.Epoch != 1 {
			t.Fatalf("round %d: something survived the reset: %+v", round, f)
		}
		snap, err := s.Read(t.Context(), w.Application.Credential, Organization, id)
		must(t, err)
		if len(snap.Profile.Methods) != 0 || !snap.Profile.EnrolledAt.IsZero() {
			t.Fatalf("round %d: the profile says that the user is enrolled", round)
		}
	}
}

// reset resets a user; three answers in a row may be faster, so it insists.
func (w *World) reset(t *testing.T, id string) {
	for {
		subject := subject(id)
		_, err := w.Enroll.Reset(t.Context(), w.Administrator, subject, "lost phone", false)
		if err == nil {
			return
		}
		if !errors.Is(err, user.ErrConflict) {
			t.Error(err)
			return
		}
	}
}

func resetKills(t *testing.T, s Contract) {
	w := NewWorld(t, s)
	secret := w.Enrolled(t, somebody)
	before := w.Login(t, somebody)
	_, err := w.Verify.Order(t.Context(), w.Application, before, string(login.MailedRecovery), "")
	must(t, err)
	f := w.Factors(t, somebody)
	if len(f.Challenges) != 1 || f.Deliver != f.Challenges[0].ID {
		t.Fatalf("an order left %+v", f.Challenges)
	}
	mailed, err := factor.MailedCode(w.Keys, CurrentKey, f.Mailed(f.Challenges[0]))
	must(t, err)
	w.reset(t, somebody)
	for way, code := range map[string]string{string(org.TOTP): w.Code(t, secret), string(login.MailedRecovery): mailed} {
		if err := w.answer(t, before, way, code); !errors.Is(err, login.ErrEnded) {
			t.Errorf("%s of an old login: %v", way, err)
		}
		if err := w.answer(t, w.Login(t, somebody), way, code); err == nil {
			t.Errorf("%s of a new login was let in", way)
		}
	}
	if n := w.events(t, audit.UserReset); n != 1 {
		t.Errorf("%d events of a reset, want 1", n)
	}
}

func registeredOnce(t *testing.T, s Contract) {
	w := NewWorld(t, s)
	together(10, func(int) { w.Login(t, somebody) })
	snap, err := s.Read(t.Context(), w.Application.Credential, Organization, somebody)
	must(t, err)
	if snap.Profile == nil || snap.Profile.Rev != 1 {
		t.Errorf("profile: %+v", snap.Profile)
	}
	if n := w.events(t, audit.UserRegistered); n != 1 {
		t.Errorf("%d events of a registration, want 1", n)
	}
}
