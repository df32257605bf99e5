package mail

import (
	"context"
	"time"

	"twofold/pkg/delivery"
	"twofold/pkg/fault"
)

// Queue keeps orders for later.
type Queue interface {
	// Later keeps an order, which comes back after about that time.
	Later(ctx context.Context, o Order, after time.Duration) error
	// Keep puts away, for somebody to look at, what cannot be carried out.
	Keep(ctx context.Context, p Poison) error
}

// Isolate puts away what cannot be carried out, so that nothing waits behind it. An error means that it could not even be kept.
func (s *Service) Isolate(ctx context.Context, p Poison) error {
	if err := s.Queue.Keep(ctx, p); err != nil {
		return fault.Down(err)
	}
	return nil
}

// Poison is something that asked for a delivery and cannot be read, or made the mailer stumble. It is kept without its content, which
// may hold what nobody should see: the item that it came from has that.
type Poison struct {
	Source string            // "stream" or "queue"
	ID     string            // the event's or the message's
	Keys   map[string]string // of the item that it came from; nil where they cannot be read either
	Cause  string            // why, without a value
}

// Patience is how long a provider may take for one message. One that hangs costs the others in the batch no more than that, and what
// became of it can still be written down within the invocation.
const Patience = 4 * time.Second

// Take carries an order out or, where that fails for now, keeps it for later, so that nothing waits behind it. An error means that it
// could not even be kept: the record must come again.
func (s *Service) Take(ctx context.Context, o Order) error {
	failed := s.Deliver(ctx, o)
	if failed == nil {
		return nil
	}
	s.Postponed(o, failed)
	if err := s.Queue.Later(ctx, o, Backoff(1, s.Jitter())); err != nil {
		return fault.Down(err)
	}
	return nil
}

// The backoff of an order: twice as long each time, so a code has some eight tries in its ten minutes, and a notice is tried for a
// day.
const (
	firstBackoff = 2 * time.Second
	lastBackoff  = 15 * time.Minute // what a message may be delayed by at most (SQS, DelaySeconds)
)

// Backoff is how long to wait after so many tries, the first of which is 1. jitter, of [0, 1), spreads it over the second half of its
// time: whoever failed together must not come back together.
func Backoff(tried int, jitter float64) time.Duration {
	return delivery.Pause(firstBackoff, lastBackoff, tried, jitter)
}
