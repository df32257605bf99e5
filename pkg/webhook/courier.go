package webhook

import (
	"context"
	"errors"
	"time"

	"twofold/pkg/audit"
	"twofold/pkg/fault"
	"twofold/pkg/ledger"
	"twofold/pkg/user"
)

// Call says that a destination may have something to get. It tells nothing of it.
type Call struct {
	Organization string
	To           Destination
}

// Queue carries calls, each at least once.
type Queue interface {
	Call(ctx context.Context, c Call) error
}

// CourierStore is what delivering needs of a store. All reads are strongly consistent.
type CourierStore interface {
	// Subscription is nil where there never was one.
	Subscription(ctx context.Context, organization string, to Destination) (*Subscription, error)
	// WriteSubscription writes the next revision of a subscription with events, in one transaction. user.ErrConflict if anybody else has
	// written that revision; nil if this very write has been done already.
	WriteSubscription(ctx context.Context, next Subscription, events ...audit.Event) error
	// LeafRange are up to limit leaves from an index on, in their order.
	LeafRange(ctx context.Context, organization string, from uint64, limit int) ([]ledger.Leaf, error)
	// EventsAt gets events by where they stand; those that are not there are missing.
	EventsAt(ctx context.Context, organization string, places []ledger.Place) (map[ledger.Place]audit.Event, error)
}

// Poster posts to a URL that somebody else chose. An error says in words that are ours alone why there was no answer.
type Poster interface {
	Post(ctx context.Context, url string, header map[string]string, body []byte) (status int, err error)
}

// ErrTooLarge is a Bus's, of a message that it can never take: delivery goes on behind it.
var ErrTooLarge = errors.New("webhook: an event is larger than the bus takes")

// Bus is the vendor's event bus. taken is how many messages, from the first on, it has.
type Bus interface {
	Put(ctx context.Context, messages []Message) (taken int, err error)
}

// Opener opens what was sealed.
type Opener interface {
	Open(ciphertext, associated []byte) ([]byte, error)
}

// Courier delivers what stands in the logs. All fields are needed, but for Bus.
type Courier struct {
	Store  CourierStore
	Keys   Opener
	Poster Poster
	Bus    Bus // nil: the vendor has none
	Queue  Queue
	// Troubled is told of every try in vain.
	Troubled func(organization string, to Destination, why string)
	Jitter   func() float64 // of [0, 1)
	Now      func() time.Time
}

const (
	// Stretch is for how long one call delivers; what is left then is another's, so that no destination keeps others waiting.
	Stretch = 20 * time.Second
	// Wide is how many leaves are taken from the log at once; after a failure it is one.
	Wide = 48
)

// errLost means that another has the subscription now.
var errLost = errors.New("webhook: another call has taken over")

// Deliver sends out what a destination has not got yet. carrier names the call: the same when it comes again. after, where it is not 0, is when it
// must, as it must after an error; otherwise it is done with.
func (c *Courier) Deliver(ctx context.Context, call Call, carrier string) (after time.Duration, err error) {
	r := &round{courier: c, call: call, carrier: carrier, began: c.Now()}
	for {
		if mine, err := r.take(ctx); err != nil || !mine {
			return 0, err
		}
		if wait := r.s.RetryAt.Sub(c.Now()); wait > 0 {
			return wait, nil
		}
		after, err := r.run(ctx)
		if !errors.Is(err, errLost) {
			return after, err
		}
	}
}

// round is one call being answered.
type round struct {
	courier *Courier
	call    Call
	carrier string
	began   time.Time
	s       Subscription // as it was read or written last
}

// take gets hold of the subscription. Where it is another's, that one is made to look at the log once more, and there is nothing to do here.
func (r *round) take(ctx context.Context) (mine bool, err error) {
	return user.Race(func() (bool, error) {
		found, err := r.courier.Store.Subscription(ctx, r.call.Organization, r.call.To)
		if err != nil {
			return false, fault.Down(err)
		}
		if found == nil {
			found = &Subscription{Organization: r.call.Organization, To: r.call.To}
		}
		now := r.courier.Now()
		switch {
		case !found.Open() || found.To == ToBus && r.courier.Bus == nil:
			return false, nil
		case !found.busy(r.carrier, now):
			if r.s = *found; r.s.RetryAt.After(now) && r.s.Carrier == r.carrier {
				return true, nil // too early: nothing to write
			}
			r.s = r.s.taken(r.carrier, now).next()
			return true, down(r.courier.Store.WriteSubscription(ctx, r.s))
		case found.RetryAt.After(now):
			return false, nil // it has yet to look
		}
		return false, down(r.courier.Store.WriteSubscription(ctx, found.next()))
	})
}

// down leaves a lost race as it is, for whoever tries again.
func down(err error) error {
	if err == nil {
		return nil
	}
	return fault.Down(err)
}
