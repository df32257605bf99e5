package dynamo_test

import (
	"context"
	"errors"
	"maps"
	"testing"

	"twofold/pkg/audit"
	"twofold/pkg/storetest"
	"twofold/pkg/user"
	"twofold/pkg/webhook"
)

// outside takes everything.
type outside struct{ posts, calls int }

func (o *outside) Post(context.Context, string, map[string]string, []byte) (int, error) {
	o.posts++
	return 204, nil
}

func (o *outside) Call(context.Context, webhook.Call) error { o.calls++; return nil }

// They hold what docs/performance.md says of events that go out: for one event and for many, for a log of ten and of hundreds.
func TestRequestsOfEventsThatGoOut(t *testing.T) {
	store, wire := wired(t)
	w := storetest.NewWorld(t, store)
	n := storetest.Notary(store, w.Clock.Now)
	ctx, c, home := t.Context(), w.Administrator, storetest.Organization
	s := &webhook.Service{Store: store, Keys: storetest.Keys{}, Now: w.Clock.Now}
	out := &outside{}
	courier := &webhook.Courier{Store: store, Keys: storetest.Keys{}, Poster: out, Queue: out, Now: w.Clock.Now, Jitter: func() float64 { return 0 }}
	waker := &webhook.Waker{Store: store, Queue: out}
	logged := func(many int) (events []audit.Event) {
		var changes []user.Change
		for range many {
			e := w.Event(audit.UserReset, "u")
			events, changes = append(events, e), append(changes, user.Change{Events: []audit.Event{e}})
		}
		if err := errors.Join(store.WriteMany(ctx, changes), errors.Join(n.Append(ctx, events)...)); err != nil {
			t.Fatal(err)
		}
		return events
	}
	deliver := func() error {
		_, err := courier.Deliver(ctx, webhook.Call{Organization: home, To: webhook.ToWebhook}, "m")
		return err
	}
	zero := uint64(0)
	for round := range 3 {
		set := map[string]int{"BatchGetItem": 2, "TransactWriteItems": 1}
		if round > 0 {
			set = map[string]int{"BatchGetItem": 2} // it stands already
		}
		var last []audit.Event
		for _, call := range []struct {
			name string
			act  func() error
			want map[string]int
		}{
			{"set", func() error { _, _, err := s.Set(ctx, c, home, "https://siem.acme.example/"); return err }, set},
			{"looked at", func() error { _, err := s.Look(ctx, c, home); return err }, map[string]int{"BatchGetItem": 2}},
			{"another secret", func() error { _, err := s.Renew(ctx, c, home); return err }, map[string]int{"BatchGetItem": 2, "TransactWriteItems": 1}},
			{"set back", func() error { _, err := s.Replay(ctx, c, home, "", &zero); return err }, map[string]int{"BatchGetItem": 2, "TransactWriteItems": 1}},
			{"forty events called for", func() error { return errors.Join(waker.Wake(ctx, last)...) }, map[string]int{"BatchGetItem": 1}},
			{"forty events and what was before", deliver, nil},
			{"one event", deliver, map[string]int{"GetItem": 1, "UpdateItem": 2, "Query": 1, "BatchGetItem": 1}},
			{"forty events", deliver, map[string]int{"GetItem": 1, "UpdateItem": 2, "Query": 1, "BatchGetItem": 1}},
			{"sixty events", deliver, map[string]int{"GetItem": 1, "UpdateItem": 3, "Query": 2, "BatchGetItem": 2}},
			{"nothing", deliver, map[string]int{"GetItem": 1, "UpdateItem": 2, "Query": 1}},
		} {
			switch call.name {
			case "one event":
				last = logged(1)
			case "forty events", "forty events called for":
				last = logged(40)
			case "sixty events":
				last = logged(60)
			}
			var err error
			got := wire.requests(func() { err = call.act() })
			if err != nil || call.want != nil && !maps.Equal(got, call.want) {
				t.Errorf("round %d, %s: sent %v, want %v; %v", round, call.name, got, call.want, err)
			}
		}
	}
	if out.posts < 3*140 || out.calls != 3 {
		t.Errorf("%d posts, %d calls", out.posts, out.calls)
	}
}
