package storetest

import (
	"errors"
	"testing"

	"twofold/pkg/audit"
	"twofold/pkg/login"
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

// proofOnce: one code of an authenticator, submitted at once to confirm different things, confirms one and lets nobody in.
func proofOnce(t *testing.T, s Contract) { proofRace(t, s, 2) }

// proofOrLogin: submitted to log in at the same moment, it does the one or the other.
func proofOrLogin(t *testing.T, s Contract) { proofRace(t, s, 3) }

// proofRace submits one code twelve times, to n ways of using it up: a key, a policy, a login.
func proofRace(t *testing.T, s Contract, n int) {
	w := NewWorld(t, s)
	secret := w.Enrolled(t, somebody)
	w.Link(t, "ann", somebody)
	key, err := w.People.ProposeKey(t.Context(), w.Administrator, Organization, people.NewKey{Holder: people.Holder{Application: "crm"}})
	must(t, err)
	change, err := w.Policy.Propose(t.Context(), w.Administrator, Organization, policy.Wanted{Policy: w.forced(7)}, 1)
	must(t, err)
	token, word := w.Login(t, somebody), stepup.Word{By: stepup.ByTOTP, Code: w.Code(t, secret)}
	ways := []func() error{
		func() error {
			_, err := w.People.ConfirmKey(t.Context(), w.Administrator, Organization, key.Change.ID, word)
			return err
		},
		func() error {
			_, err := w.Policy.Confirm(t.Context(), w.Administrator, Organization, change.Change.ID, policy.Confirmation{Word: word})
			return err
		},
		func() error { return w.answer(t, token, "totp", word.Code) },
	}
	errs := collect(12, func(i int) error { return ways[i%n]() })
	wins(t, append(errs, ways[2]()), stepup.ErrRefused, login.ErrRefused, user.ErrConflict, people.ErrShown)
	done := w.events(t, audit.KeyIssued) + w.events(t, audit.PolicyChanged)
	if let := len(w.Factors(t, somebody).Successes); done+let != 1 {
		t.Errorf("one code confirmed %d changes and let in %d times", done, let)
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
			_, err := w.Policy.Confirm(t.Context(), w.Administrator, Organization, change.Change.ID, policy.Confirmation{Word: stepup.Word{By: stepup.ByTOTP, Code: "000000"}})
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
