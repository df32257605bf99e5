package verify_test

import (
	"context"
	"testing"

	"twofold/pkg/memstore"
	"twofold/pkg/storetest"
	"twofold/pkg/user"
	"twofold/pkg/verify"
)

// overtaken loses the acknowledgement of the first success that is written, and lets somebody else write before
// the caller looks again: the attempt id that would have told is gone by then.
type overtaken struct {
	storetest.Contract
	done bool
}

func (o *overtaken) Write(ctx context.Context, c user.Change) error {
	err := o.Contract.Write(ctx, c)
	if err != nil || o.done || c.Factors == nil || len(c.Factors.Successes) == 0 {
		return err
	}
	o.done = true
	other := c.Factors.Next()
	if err := o.Contract.Write(ctx, user.Change{Factors: &other}); err != nil {
		return err
	}
	return user.ErrConflict
}

func TestAWinThatWasOvertakenIsStillAWin(t *testing.T) {
	store := &overtaken{Contract: memstore.New()}
	w := storetest.NewWorld(t, store)
	secret := w.Enrolled(t, "ana")
	answer, err := w.Verify.Answer(t.Context(), w.Application, verify.Answer{
		Login: w.Login(t, "ana"), Way: "totp", Code: w.Code(t, secret), // and no idempotency key
	})
	if err != nil || answer.Assertion == "" {
		t.Fatalf("the code was used up and nobody was let in: %v", err)
	}
	if !store.done {
		t.Error("nothing was overtaken, so nothing was shown")
	}
}
