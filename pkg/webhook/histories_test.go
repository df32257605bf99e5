package webhook_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"twofold/pkg/audit"
	"twofold/pkg/memstore"
	"twofold/pkg/webhook"
)

// sqs keeps messages until they are done with, each under its own name.
type sqs struct {
	*fixture
	mu       sync.Mutex
	made     int
	messages map[string]time.Time // and when it is to be seen again
}

func (q *sqs) Call(context.Context, webhook.Call) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.made++
	q.messages[fmt.Sprint("m", q.made)] = time.Time{}
	return nil
}

// visible is a message that may be received, by chance; empty where there is none.
func (q *sqs) visible() string {
	q.mu.Lock()
	defer q.mu.Unlock()
	for name, from := range q.messages {
		if !from.After(q.Clock.Now()) {
			q.messages[name] = q.Clock.Now().Add(2 * time.Minute)
			return name
		}
	}
	return ""
}

// receive handles one message as pkg/sqs does. What failed comes back.
func (q *sqs) receive(t *testing.T) {
	name := q.visible()
	if name == "" {
		return
	}
	after, err := q.courier.Deliver(t.Context(), webhook.Call{Organization: acme, To: webhook.ToWebhook}, name)
	q.mu.Lock()
	defer q.mu.Unlock()
	switch {
	case err != nil: // after its visibility
	case after > 0:
		q.messages[name] = q.Clock.Now().Add(after)
	default:
		delete(q.messages, name)
	}
}

func (q *sqs) waiting() int {
	q.mu.Lock()
	defer q.mu.Unlock()
	return len(q.messages)
}

// calls of the store that may fail while events go out.
var fallible = []memstore.Operation{memstore.Subscription, memstore.WriteSubscription, memstore.LeafRange, memstore.EventsAt}

// Whatever fails, whoever comes between and in whatever order: every event goes out, and each user's in their order.
func TestNothingIsLostInAnyHistory(t *testing.T) {
	for seed := range uint64(60) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			f := newFixture(t)
			q := &sqs{fixture: f, messages: map[string]time.Time{}}
			f.courier.Queue, f.waker.Queue = q, q
			f.courier.Troubled = func(string, webhook.Destination, string) {}
			random := rand.New(rand.NewPCG(seed, 1))
			f.set()
			var want []audit.Event
			sick := false
			var fates sync.Mutex
			chance := rand.New(rand.NewPCG(seed, 2))
			f.receiver.fate = func(got) (int, error) {
				fates.Lock()
				defer fates.Unlock()
				switch {
				case sick, chance.IntN(20) == 0:
					return 500, nil
				case chance.IntN(20) == 0:
					return 0, errDown // and it may have been taken all the same
				}
				return 200, nil
			}
			for range 40 {
				f.step(q, random, &want, &sick)
			}
			fates.Lock()
			sick = false
			fates.Unlock()
			for range 400 {
				if q.waiting() == 0 {
					break
				}
				f.Clock.Advance(time.Minute)
				q.receive(t)
			}
			if n := q.waiting(); n > 0 {
				t.Fatalf("%d messages never end", n)
			}
			f.inOrder(want)
			if s := f.subscription(); s.Position != f.size() || s.Carrier != "" {
				t.Errorf("afterwards: %+v, the log has %d", s, f.size())
			}
		})
	}
}

// step is something that happens.
func (f *fixture) step(q *sqs, random *rand.Rand, want *[]audit.Event, sick *bool) {
	f.t.Helper()
	switch random.IntN(10) {
	case 0, 1, 2:
		*want = append(*want, f.happen(1+random.IntN(30))...)
	case 3:
		*sick = !*sick
	case 4:
		f.Clock.Advance(time.Duration(random.IntN(600)) * time.Second)
	case 5:
		f.store.FailAfter(fallible[random.IntN(len(fallible))], random.IntN(4), random.IntN(2) == 0, errDown)
	case 6:
		f.manage(random)
	default:
		var together sync.WaitGroup
		for range 1 + random.IntN(4) {
			together.Go(func() { q.receive(f.t) })
		}
		together.Wait()
	}
}

// manage is what an administrator does meanwhile; a store that fails, or somebody who was faster, may be in the way.
func (f *fixture) manage(random *rand.Rand) {
	f.t.Helper()
	ctx := f.t.Context()
	switch random.IntN(3) {
	case 0:
		_, _ = f.Renew(ctx, f.Administrator, acme)
	case 1:
		s, err := f.store.Subscription(ctx, acme, webhook.ToWebhook)
		if err == nil {
			leaf := s.Position / 2
			_, _ = f.Replay(ctx, f.Administrator, acme, "", &leaf)
		}
	case 2:
		_, _, _ = f.Set(ctx, f.Administrator, acme, fmt.Sprintf("https://siem.acme.example/%d", random.IntN(3)))
	}
	f.sync()
}
