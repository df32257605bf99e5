package webhook_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"twofold/pkg/audit"
	"twofold/pkg/webhook"
)

// bus takes at most so many messages a call, and then err.
type bus struct {
	got  []webhook.Message
	most int
	err  error
}

func (b *bus) Put(_ context.Context, messages []webhook.Message) (int, error) {
	n := min(len(messages), b.most)
	b.got = append(b.got, messages[:n]...)
	if n < len(messages) {
		return n, b.err
	}
	return n, nil
}

func (f *fixture) toBus(organization, carrier string) (time.Duration, error) {
	f.t.Helper()
	return f.courier.Deliver(f.t.Context(), webhook.Call{Organization: organization, To: webhook.ToBus}, carrier)
}

// The bus gets a log from its beginning, in its order, with the leaves.
func TestTheBusGetsTheLog(t *testing.T) {
	f := newFixture(t)
	b := &bus{most: 1000}
	f.happen(100)
	if after, err := f.toBus(acme, "m1"); after != 0 || err != nil || len(b.got) != 0 {
		t.Errorf("without a bus: %v, %v", after, err)
	}
	f.courier.Bus = b
	if after, err := f.toBus(acme, "m1"); after != 0 || err != nil {
		t.Fatal(after, err)
	}
	if uint64(len(b.got)) != f.size() {
		t.Fatalf("%d of %d", len(b.got), f.size())
	}
	for at, m := range b.got {
		if m.Leaf != uint64(at) || m.Organization != acme {
			t.Fatalf("message %d: %+v", at, m)
		}
	}
	if after, err := f.toBus("", "m2"); after != 0 || err != nil {
		t.Errorf("the system's: %v, %v", after, err)
	}
}

// What the bus does not take is tried again, in its order and for ever.
func TestABusThatFails(t *testing.T) {
	f := newFixture(t)
	b := &bus{err: errDown}
	f.courier.Bus = b
	f.happen(20)
	for range 100 {
		after, err := f.toBus(acme, "m1")
		if f.must(err); after == 0 {
			t.Fatal("it is given up")
		}
		f.Clock.Advance(after)
	}
	if s := f.busAt(); !s.Open() || s.Tries != 100 || s.Position != 0 || len(f.troubles) != 100 || len(f.told(audit.WebhookDisabled)) != 0 {
		t.Errorf("%+v, %d troubles", s, len(f.troubles))
	}
	b.most = 3
	for range 100 {
		after, err := f.toBus(acme, "m1")
		if f.must(err); after == 0 {
			break
		}
		f.Clock.Advance(after)
	}
	if uint64(len(b.got)) != f.size() || !slices.IsSortedFunc(b.got, func(a, b webhook.Message) int { return int(a.Leaf) - int(b.Leaf) }) {
		t.Errorf("%d of %d", len(b.got), f.size())
	}
}

// What it can never take is told of and passed over.
func TestAnEventThatTheBusCannotTake(t *testing.T) {
	f := newFixture(t)
	b := &bus{most: 4, err: fmt.Errorf("refused: %w", webhook.ErrTooLarge)}
	f.courier.Bus = b
	f.happen(9)
	if after, err := f.toBus(acme, "m1"); after != 0 || err != nil {
		t.Fatal(after, err)
	}
	if s := f.busAt(); s.Position != f.size() || s.Tries != 0 || len(f.troubles) == 0 || uint64(len(b.got)+len(f.troubles)) != f.size() {
		t.Errorf("%+v, %d taken, %d told of", s, len(b.got), len(f.troubles))
	}
}

func (f *fixture) busAt() webhook.Subscription {
	f.t.Helper()
	s, err := f.store.Subscription(f.t.Context(), acme, webhook.ToBus)
	f.must(err)
	return *s
}
