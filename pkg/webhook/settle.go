package webhook

import (
	"context"
	"errors"
	"time"

	"twofold/pkg/audit"
	"twofold/pkg/fault"
	"twofold/pkg/user"
)

// settle writes down what became of a page, and lets go of the subscription where that ends the log: unless somebody called meanwhile, since
// the log may have grown behind what was read of it. after is when to try again, 0 where nothing failed.
func (r *round) settle(ctx context.Context, done []uint64, what trouble, ends bool) (after time.Duration, err error) {
	now := r.courier.Now()
	first := true
	err = r.turn(ctx, func(s Subscription) (Subscription, []audit.Event) {
		if len(done) > 0 {
			s = s.advanced(done, now)
			s.DeliveredAt = now
		}
		if what.why != "" {
			return s.inVain(what, r.courier.Jitter(), now)
		}
		if ends && first {
			s = s.free()
		}
		first = false
		return s, nil
	})
	if err != nil || what.why == "" {
		return 0, err
	}
	r.courier.Troubled(r.s.Organization, r.s.To, what.why)
	return max(r.s.RetryAt.Sub(now), time.Second), nil
}

// turns is how often a change is tried beside others, who only raise the revision: as often as events come while one write is made.
const turns = 16

// turn writes a change of the subscription, as it stands by then. errLost if another has it.
func (r *round) turn(ctx context.Context, change func(Subscription) (Subscription, []audit.Event)) error {
	for range turns {
		next, events := change(r.s)
		next = next.next()
		err := r.courier.Store.WriteSubscription(ctx, next, events...)
		if err == nil {
			r.s = next
			return nil
		}
		if !errors.Is(err, user.ErrConflict) {
			return fault.Down(err)
		}
		if err := r.again(ctx); err != nil {
			return err
		}
	}
	return user.ErrConflict
}

// again reads the subscription anew. errLost if another has it, or nobody.
func (r *round) again(ctx context.Context) error {
	found, err := r.courier.Store.Subscription(ctx, r.s.Organization, r.s.To)
	if err != nil {
		return fault.Down(err)
	}
	if found == nil || found.Carrier != r.carrier {
		return errLost
	}
	r.s = *found
	return nil
}

// handOn leaves the rest to another call. In this order: a crash in between leaves the present one.
func (r *round) handOn(ctx context.Context) error {
	err := r.turn(ctx, func(s Subscription) (Subscription, []audit.Event) { return s.free(), nil })
	if err != nil {
		return err
	}
	return down(r.courier.Queue.Call(ctx, r.call))
}
