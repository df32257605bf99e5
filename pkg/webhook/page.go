package webhook

import (
	"context"
	"errors"
	"slices"
	"time"

	"twofold/pkg/fault"
	"twofold/pkg/ledger"
)

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
