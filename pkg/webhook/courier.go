package webhook

import (
	"context"
	"errors"
	"slices"
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
	if err == nil || errors.Is(err, user.ErrConflict) {
		return err
	}
	return fault.Down(err)
}

// run delivers page by page, until nothing is left, the time is over, or one fails.
func (r *round) run(ctx context.Context) (time.Duration, error) {
	for {
		leaves, err := r.courier.Store.LeafRange(ctx, r.s.Organization, r.s.Position, r.width())
		if err != nil {
			return 0, fault.Down(err)
		}
		done, trouble, err := r.page(ctx, leaves)
		if err != nil {
			return 0, err
		}
		ends := len(leaves) < r.width() && len(done) == len(leaves)
		after, err := r.settle(ctx, done, trouble, ends)
		switch {
		case err != nil || r.s.Carrier == "":
			return 0, err
		case after != 0:
			return after, nil
		case r.over():
			return 0, r.handOn(ctx)
		}
	}
}

// width is how many leaves are taken next. A destination that fails is tried with one, so that the others do not go out again each time.
func (r *round) width() int {
	if r.s.Tries > 0 {
		return 1
	}
	return Wide
}

func (r *round) over() bool { return r.courier.Now().Sub(r.began) >= Stretch }

// page sends the events of leaves, and says which of them are dealt with, in order, and what was in the way of another. What has gone out
// already is dealt with, and so is an event that is gone from the audit, as after its retention.
func (r *round) page(ctx context.Context, leaves []ledger.Leaf) (done []uint64, what trouble, err error) {
	places := make([]ledger.Place, len(leaves))
	for at, l := range leaves {
		places[at] = l.Event
	}
	events, err := r.courier.Store.EventsAt(ctx, r.s.Organization, places)
	if err != nil {
		return nil, trouble{}, fault.Down(err)
	}
	var messages []Message
	for _, l := range leaves {
		e, there := events[l.Event]
		if !there || slices.Contains(r.s.Ahead, l.Index) {
			done = append(done, l.Index)
			continue
		}
		messages = append(messages, messageOf(e, l.Index))
	}
	if len(messages) == 0 {
		return done, trouble{}, nil
	}
	taken, what, err := r.send(ctx, messages)
	return append(done, taken...), what, err
}

// send is to whichever destination, and gives the leaves that were taken. What a bus can never take is told of and passed over.
func (r *round) send(ctx context.Context, messages []Message) ([]uint64, trouble, error) {
	if r.s.To == ToWebhook {
		taken, what, err := r.post(ctx, messages)
		if ctx.Err() != nil { // the end of an invocation is no trouble of the receiver's
			return nil, trouble{}, ctx.Err()
		}
		return taken, what, err
	}
	n, err := r.courier.Bus.Put(ctx, messages)
	if errors.Is(err, ErrTooLarge) {
		r.courier.Troubled(r.s.Organization, r.s.To, err.Error())
		n, err = n+1, nil
	}
	taken := make([]uint64, n)
	for at := range taken {
		taken[at] = messages[at].Leaf
	}
	return taken, troubleOf(err), nil
}

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
