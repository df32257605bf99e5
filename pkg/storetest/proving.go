package storetest

import (
	"errors"
	"testing"

	"twofold/pkg/audit"
	"twofold/pkg/people"
	"twofold/pkg/policy"
	"twofold/pkg/stepup"
	"twofold/pkg/user"
)

// proven is a docket whose write uses a step up.
func proven(rev int64, factors user.Factors) stepup.Docket {
	d := fullDocket()
	d.Rev, d.Attempt, d.Deliver = rev, user.NewAttempt(), ""
	d.Proof = &stepup.Proof{Factors: factors, Step: 59_999_999}
	return d
}

// proofsReturn: whichever way a docket is written, the factors of its proof are written with it or it is not.
func proofsReturn(t *testing.T, s Contract) {
	ctx := t.Context()
	f := fullFactors()
	must(t, s.Write(ctx, user.Change{Factors: &f}))
	must(t, s.WriteDocket(ctx, fullDocket()))
	rev := int64(1)
	for _, write := range []func(stepup.Docket) error{
		func(d stepup.Docket) error { return s.WriteDocket(ctx, d) },
		func(d stepup.Docket) error { return s.WriteWithDocket(ctx, user.Change{}, d) },
		func(d stepup.Docket) error { return s.WriteOrganization(ctx, Organization, policy.Change{Docket: &d}) },
		func(d stepup.Docket) error { return s.WritePeople(ctx, people.Change{Docket: &d}) },
	} {
		stale := fullFactors()
		stale.Attempt = user.NewAttempt()
		conflict(t, "a stale proof", write(proven(rev+1, stale)))
		conflict(t, "a stale docket", write(proven(rev, f.Next())))
		f = f.Next()
		f.Authenticators[0].LastStep++
		d := proven(rev+1, f)
		for range 2 { // the second is a repetition
			must(t, write(d))
		}
		rev++
		got, err := s.Docket(ctx, Organization, "ann")
		must(t, err)
		d.Proof = nil
		same(t, "docket", got, &d)
		_, _, factors, err := s.Recipient(ctx, Organization, somebody)
		must(t, err)
		same(t, "factors", factors, f)
	}
}

// proofOnce: one code of an authenticator, submitted to confirm different things and to log in at once, does one of it.
func proofOnce(t *testing.T, s Contract) {
	w := NewWorld(t, s)
	secret := w.Enrolled(t, somebody)
	w.Link(t, "ann", somebody)
	key, err := w.People.ProposeKey(t.Context(), w.Administrator, Organization, people.NewKey{Holder: people.Holder{Application: "crm"}})
	must(t, err)
	change, err := w.Policy.Propose(t.Context(), w.Administrator, Organization, policy.Wanted{Policy: w.forced(7)}, 1)
	must(t, err)
	token, word := w.Login(t, somebody), stepup.Word{By: stepup.ByTOTP, Code: w.Code(t, secret)}
	errs := collect(12, func(i int) error {
		switch i % 3 {
		case 0:
			_, err := w.People.ConfirmKey(t.Context(), w.Administrator, Organization, key.Change.ID, word)
			return err
		case 1:
			_, err := w.Policy.Confirm(t.Context(), w.Administrator, Organization, change.Change.ID, word)
			return err
		}
		return w.answer(t, token, "totp", word.Code)
	})
	logins := 0
	for i, err := range errs {
		if i%3 == 2 && err == nil {
			logins++
		}
		if err != nil && !errors.Is(err, stepup.ErrRefused) && !errors.Is(err, user.ErrConflict) && !errors.Is(err, people.ErrShown) {
			t.Errorf("unexpected: %v", err)
		}
	}
	if n := logins + w.events(t, audit.KeyIssued) + w.events(t, audit.PolicyChanged); n != 1 {
		t.Errorf("one code did %d things: %d logins", n, logins)
	}
}

// guessesAreOneBudget: wrong codes for a confirmation and at login are counted together, however many are sent at once.
func guessesAreOneBudget(t *testing.T, s Contract) {
	w := NewWorld(t, s)
	w.Enrolled(t, somebody)
	w.Link(t, "ann", somebody)
	change, err := w.Policy.Propose(t.Context(), w.Administrator, Organization, policy.Wanted{Policy: w.forced(7)}, 1)
	must(t, err)
	token := w.Login(t, somebody)
	errs := collect(16, func(i int) error {
		if i%2 == 0 {
			return w.settled(t, token, "totp", "000000")
		}
		for {
			_, err := w.Policy.Confirm(t.Context(), w.Administrator, Organization, change.Change.ID, stepup.Word{By: stepup.ByTOTP, Code: "000000"})
			if !errors.Is(err, user.ErrConflict) {
				return err
			}
		}
	})
	wins(t, errs, stepup.ErrRefused)
	if n := w.Factors(t, somebody).Throttle.Consecutive; n != user.TriesPerCode {
		t.Errorf("%d of 16 guesses were evaluated", n)
	}
}
