package webhook_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"twofold/pkg/audit"
	"twofold/pkg/memstore"
	"twofold/pkg/notary"
	"twofold/pkg/policy"
	"twofold/pkg/report"
	"twofold/pkg/sender"
	"twofold/pkg/storetest"
	"twofold/pkg/webhook"
)

const (
	acme    = storetest.Organization
	address = "https://siem.acme.example/events?key=k"
)

var errDown = errors.New("down")

// got is one post as the receiver saw it.
type got struct {
	url, body string
	header    map[string]string
	at        time.Time
}

// receiver is the other end of all webhooks. fate says what becomes of each post; nil: 204.
type receiver struct {
	mu   sync.Mutex
	got  []got
	fate func(got) (int, error)
	now  func() time.Time
}

func (r *receiver) Post(_ context.Context, url string, header map[string]string, body []byte) (int, error) {
	p := got{url, string(body), header, r.now()}
	status, err := 204, error(nil)
	if r.fate != nil {
		status, err = r.fate(p)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if err == nil && status/100 == 2 {
		r.got = append(r.got, p)
	}
	return status, err
}

// ids are those of the events that were taken, in order, with repetitions.
func (r *receiver) ids() (ids []string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, p := range r.got {
		ids = append(ids, p.header["webhook-id"])
	}
	return ids
}

// queue keeps calls as SQS does, without losing any: each is received until it is done with.
type queue struct {
	mu    sync.Mutex
	calls []webhook.Call
	err   error
}

func (q *queue) Call(_ context.Context, c webhook.Call) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.err != nil {
		return q.err
	}
	q.calls = append(q.calls, c)
	return nil
}

func (q *queue) take() []webhook.Call {
	q.mu.Lock()
	defer q.mu.Unlock()
	calls := q.calls
	q.calls = nil
	return calls
}

// fixture is a world in memory whose organisation may have a webhook.
type fixture struct {
	*storetest.World
	*webhook.Service
	t        *testing.T
	store    *memstore.Store
	receiver *receiver
	queue    *queue
	courier  *webhook.Courier
	waker    *webhook.Waker
	notary   *notary.Notary
	troubles []string
	logged   int
}

func newFixture(t *testing.T) *fixture {
	t.Helper()
	store := memstore.New()
	f := &fixture{World: storetest.NewWorld(t, store), t: t, store: store, queue: &queue{}}
	f.receiver = &receiver{now: f.Clock.Now}
	f.Service = &webhook.Service{Store: store, Keys: storetest.Keys{}, Now: f.Clock.Now}
	f.courier = &webhook.Courier{
		Store: store, Keys: storetest.Keys{}, Poster: f.receiver, Queue: f.queue, Now: f.Clock.Now,
		Jitter:   func() float64 { return 0.999 },
		Troubled: func(_ string, _ webhook.Destination, why string) { f.troubles = append(f.troubles, why) },
	}
	f.waker = &webhook.Waker{Store: store, Queue: f.queue}
	f.notary = storetest.Notary(store, f.Clock.Now)
	_, err := f.Policy.PutOrganization(t.Context(), f.System, policy.Put{ID: acme, Name: "Acme"})
	f.must(err)
	f.sync()
	return f
}

func (f *fixture) must(err error) {
	f.t.Helper()
	if err != nil {
		f.t.Fatal(err)
	}
}

// happenTo writes an event of each user and has the log grow by them, a millisecond apart.
func (f *fixture) happenTo(users ...string) (events []audit.Event) {
	f.t.Helper()
	for _, u := range users {
		f.logged++
		f.Clock.Advance(time.Millisecond)
		events = append(events, audit.Event{
			ID: fmt.Sprintf("event-%04d", f.logged), At: f.Clock.Now(), Kind: audit.UserReset, Organization: acme, Role: "org_admin", Actor: "ann", User: u,
		})
	}
	f.must(f.store.WriteSender(f.t.Context(), sender.Change{Events: events}))
	f.sync()
	return events
}

// happen writes n events, of three users and of nobody in turn.
func (f *fixture) happen(n int) []audit.Event {
	f.t.Helper()
	users := make([]string, n)
	for at := range users {
		users[at] = []string{"", "u1", "u2", "u3"}[(f.logged+at)%4]
	}
	return f.happenTo(users...)
}

// audit are all events of the organisation.
func (f *fixture) audit() []audit.Event {
	f.t.Helper()
	events, _, err := f.store.Events(f.t.Context(), acme, report.EventQuery{Limit: 10_000})
	f.must(err)
	return events
}

// sync has the log grow by all events that there are, and whoever waits for them called.
func (f *fixture) sync() {
	f.t.Helper()
	events := f.audit()
	for _, err := range append(f.notary.Append(f.t.Context(), events), f.waker.Wake(f.t.Context(), events)...) {
		f.must(err)
	}
}

// set has the organisation's events go to the address.
func (f *fixture) set() webhook.View {
	f.t.Helper()
	v, _, err := f.Set(f.t.Context(), f.Administrator, acme, address)
	f.must(err)
	f.sync()
	return v
}

func (f *fixture) deliver(carrier string) (time.Duration, error) {
	f.t.Helper()
	return f.courier.Deliver(f.t.Context(), webhook.Call{Organization: acme, To: webhook.ToWebhook}, carrier)
}

func (f *fixture) subscription() webhook.Subscription {
	f.t.Helper()
	s, err := f.store.Subscription(f.t.Context(), acme, webhook.ToWebhook)
	f.must(err)
	return *s
}

func (f *fixture) size() uint64 {
	f.t.Helper()
	head, _, err := f.store.Log(f.t.Context(), acme, nil)
	f.must(err)
	return head.Size
}
