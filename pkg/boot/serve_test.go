package boot

import (
	"context"
	"testing"
	"time"
)

// asked notes the end of the context it was given.
type asked struct {
	end time.Time
	has bool
}

func (a *asked) Invoke(ctx context.Context, payload []byte) ([]byte, error) {
	a.end, a.has = ctx.Deadline()
	return payload, ctx.Err()
}

func TestTheHandlerHasTimeLeftToAnswer(t *testing.T) {
	end := time.Date(2126, 1, 1, 0, 0, 0, 0, time.UTC)
	ctx, cancel := context.WithDeadline(t.Context(), end)
	defer cancel()
	a := &asked{}
	if out, err := (early{a}).Invoke(ctx, []byte("payload")); err != nil || string(out) != "payload" {
		t.Errorf("got %s, %v", out, err)
	}
	if !a.has || !a.end.Equal(end.Add(-margin)) {
		t.Errorf("it ends at %v", a.end)
	}
	if _, err := (early{a}).Invoke(t.Context(), nil); err != nil || a.has {
		t.Errorf("without a deadline: %v, %t", err, a.has)
	}
}
