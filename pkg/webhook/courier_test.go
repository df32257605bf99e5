package webhook_test

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"twofold/pkg/audit"
	"twofold/pkg/ledger"
	"twofold/pkg/webhook"
)

// A webhook gets what happens from when it was set, the setting itself first, each once, and the log's order.
func TestEventsGoOutInOrder(t *testing.T) {
	f := newFixture(t)
	f.happen(3)
	f.set()
	want := f.happen(100)
	if calls := f.queue.take(); len(calls) == 0 || calls[0] != (webhook.Call{Organization: acme, To: webhook.ToWebhook}) {
		t.Fatalf("called: %v", calls)
	}
	if after, err := f.deliver("m1"); after != 0 || err != nil {
		t.Fatal(after, err)
	}
	f.inOrder(want)
	if ids := f.receiver.ids(); len(ids) != 101 {
		t.Errorf("%d posts for 101 events", len(ids))
	}
	s := f.subscription()
	if s.Position != f.size() || s.Carrier != "" || s.DeliveredAt.IsZero() {
		t.Errorf("afterwards: %+v", s)
	}
	f.receiver.got = nil
	if _, err := f.deliver("m2"); err != nil || len(f.receiver.got) != 0 {
		t.Errorf("a call for nothing sent %d, %v", len(f.receiver.got), err)
	}
}

// inOrder fails unless the receiver took every event, and each user's for the first time in their order.
func (f *fixture) inOrder(events []audit.Event) {
	f.t.Helper()
	first := map[string]int{}
	for at, id := range f.receiver.ids() {
		if _, again := first[id]; !again {
			first[id] = at
		}
	}
	last := map[string]int{}
	for _, e := range events {
		at, there := first[e.ID]
		if !there {
			f.t.Fatalf("%s was not taken", e.ID)
		}
		if before, any := last[e.User]; any && at < before {
			f.t.Fatalf("%s of %q came before an earlier one", e.ID, e.User)
		}
		last[e.User] = at
	}
}

// A receiver that fails gets nothing for longer and longer, one event at each try, and all of it once it is back: nothing is lost.
func TestAReceiverThatFailsAndRecovers(t *testing.T) {
	f := newFixture(t)
	f.set()
	if _, err := f.deliver("m0"); err != nil {
		t.Fatal(err)
	}
	want := f.happen(60)
	asked := &asking{CourierStore: f.store}
	f.courier.Store = asked
	f.receiver.fate = func(got) (int, error) { return 503, nil }
	var pauses []time.Duration
	for range 12 {
		after, err := f.deliver("m1")
		f.must(err)
		pauses = append(pauses, after.Truncate(time.Second))
		f.Clock.Advance(after)
		f.happen(1)
	}
	if !slices.IsSorted(pauses) || pauses[0] < 2*time.Second || pauses[0] > 5*time.Second || pauses[11] != 30*time.Minute-time.Second {
		t.Errorf("pauses: %v", pauses)
	}
	if s := f.subscription(); s.Trouble != "status 503" || s.FailingSince.IsZero() || s.Tries != 12 {
		t.Errorf("while it fails: %+v", s)
	}
	if asked.limits[0] != webhook.Wide || slices.Max(asked.limits[1:]) != 1 {
		t.Errorf("it was asked for %v", asked.limits)
	}
	f.receiver.fate = nil
	if after, err := f.deliver("m1"); after != 0 || err != nil {
		t.Fatal(after, err)
	}
	f.inOrder(want)
	if s := f.subscription(); s.Position != f.size() || s.Tries != 0 || !s.FailingSince.IsZero() || s.Trouble != "" || s.Carrier != "" {
		t.Errorf("afterwards: %+v", s)
	}
}

// asking notes how many leaves are asked for.
type asking struct {
	webhook.CourierStore
	limits []int
}

func (a *asking) LeafRange(ctx context.Context, organization string, from uint64, limit int) ([]ledger.Leaf, error) {
	a.limits = append(a.limits, limit)
	return a.CourierStore.LeafRange(ctx, organization, from, limit)
}

// Whoever is called too early waits, and sends nothing; whoever is called besides has nothing to do.
func TestATryWaitsForItsTime(t *testing.T) {
	f := newFixture(t)
	f.set()
	f.receiver.fate = func(got) (int, error) { return 0, errDown }
	after, err := f.deliver("m1")
	if err != nil || after == 0 {
		t.Fatal(after, err)
	}
	f.receiver.fate = nil
	f.Clock.Advance(after / 2)
	rev := f.subscription().Rev
	if again, err := f.deliver("m1"); err != nil || again <= 0 || again > after {
		t.Errorf("too early: %v, %v", again, err)
	}
	if again, err := f.deliver("m2"); err != nil || again != 0 {
		t.Errorf("another: %v, %v", again, err)
	}
	if len(f.receiver.got) != 0 || f.subscription().Rev != rev {
		t.Error("something was sent or written before its time")
	}
	// When it is due, it is still the carrier's: a queue is not on the dot.
	f.Clock.Advance(after)
	if again, err := f.deliver("m2"); err != nil || again != 0 || len(f.receiver.got) != 0 {
		t.Errorf("another, when it is due: %v, %v", again, err)
	}
	// The carrier is lost: after its time another takes over.
	f.Clock.Advance(time.Hour)
	if again, err := f.deliver("m3"); err != nil || again != 0 || len(f.receiver.got) != 1 {
		t.Errorf("after the carrier was lost: %v, %v, %d", again, err, len(f.receiver.got))
	}
}

// After a day of failure a webhook is disabled, with an event that tells the administrators; setting it again goes on where it was.
func TestADayOfFailureDisables(t *testing.T) {
	f := newFixture(t)
	f.set()
	want := f.happen(3)
	f.receiver.fate = func(got) (int, error) { return 0, errDown }
	began := f.Clock.Now()
	for tries := 0; f.subscription().Open(); tries++ {
		after, err := f.deliver("m1")
		f.must(err)
		if tries > 100 {
			t.Fatal("it is never disabled")
		}
		f.Clock.Advance(after)
	}
	if lasted := f.Clock.Now().Sub(began); lasted < webhook.Patience || lasted > webhook.Patience+time.Hour {
		t.Errorf("disabled after %v", lasted)
	}
	events := f.told(audit.WebhookDisabled)
	if len(events) != 1 || !events[0].Notify || events[0].Role != audit.System || events[0].Details["host"] != "siem.acme.example" {
		t.Errorf("told: %+v", events)
	}
	f.receiver.fate = nil
	f.sync()
	if after, err := f.deliver("m2"); after != 0 || err != nil || len(f.receiver.got) != 0 {
		t.Errorf("a disabled one got %d: %v %v", len(f.receiver.got), after, err)
	}
	if len(f.queue.take()) > 5 {
		t.Error("a disabled one is called")
	}
	f.set()
	if _, err := f.deliver("m3"); err != nil {
		t.Fatal(err)
	}
	f.inOrder(want)
}

// told are the events of a kind in the audit.
func (f *fixture) told(kind audit.Kind) (events []audit.Event) {
	f.t.Helper()
	for _, e := range f.audit() {
		if e.Kind == kind {
			events = append(events, e)
		}
	}
	return events
}

// A receiver that answers 410 wants no more.
func TestAReceiverThatIsGoneIsDisabled(t *testing.T) {
	f := newFixture(t)
	f.set()
	f.receiver.fate = func(got) (int, error) { return 410, nil }
	if after, err := f.deliver("m1"); after != 0 || err != nil || f.subscription().Open() || len(f.told(audit.WebhookDisabled)) != 1 {
		t.Errorf("%v, %v, %+v", after, err, f.subscription())
	}
}

// Only an answer of success counts as taken: a redirect is none.
func TestOtherAnswersAreFailures(t *testing.T) {
	for _, status := range []int{100, 199, 300, 302, 400, 401, 404, 429, 500} {
		f := newFixture(t)
		f.set()
		f.receiver.fate = func(got) (int, error) { return status, nil }
		if after, err := f.deliver("m1"); after == 0 || err != nil || f.subscription().Trouble != fmt.Sprintf("status %d", status) {
			t.Errorf("%d: %v, %v", status, after, err)
		}
	}
	for _, status := range []int{200, 201, 202, 204, 299} {
		f := newFixture(t)
		f.set()
		f.receiver.fate = func(got) (int, error) { return status, nil }
		if after, err := f.deliver("m1"); after != 0 || err != nil || f.subscription().Position != f.size() {
			t.Errorf("%d: %v, %v", status, after, err)
		}
	}
}

// One user's event that is not taken holds up that user and what comes behind in the log, and nothing is counted as delivered that was not.
func TestOneEventThatIsNeverTaken(t *testing.T) {
	f := newFixture(t)
	f.set()
	if _, err := f.deliver("m0"); err != nil {
		t.Fatal(err)
	}
	events := f.happen(20)
	poison := events[6].ID
	f.receiver.fate = func(p got) (int, error) {
		if p.header["webhook-id"] == poison {
			return 400, nil
		}
		return 200, nil
	}
	after, err := f.deliver("m1")
	if after == 0 || err != nil {
		t.Fatal(after, err)
	}
	s := f.subscription()
	if behind := f.size() - s.Position; behind < 14 || s.Tries != 1 {
		t.Errorf("%d are left, %d tries", behind, s.Tries)
	}
	for range 20 {
		f.Clock.Advance(time.Hour)
		if _, err := f.deliver("m1"); err != nil {
			t.Fatal(err)
		}
	}
	if s := f.subscription(); s.FailingSince.IsZero() || f.size()-s.Position != 14 || strings.Contains(strings.Join(f.receiver.ids(), " "), poison) {
		t.Errorf("%+v", s)
	}
}

// without is a store whose audit lacks events.
type without struct {
	webhook.CourierStore
	ids []string
}

func (w without) EventsAt(ctx context.Context, organization string, places []ledger.Place) (map[ledger.Place]audit.Event, error) {
	found, err := w.CourierStore.EventsAt(ctx, organization, places)
	maps.DeleteFunc(found, func(p ledger.Place, _ audit.Event) bool { return slices.Contains(w.ids, p.ID) })
	return found, err
}

// What was taken out of the audit, as after its retention, is passed over.
func TestEventsThatAreGoneArePassedOver(t *testing.T) {
	f := newFixture(t)
	f.set()
	events := f.happen(5)
	f.courier.Store = without{f.store, []string{events[0].ID, events[4].ID}}
	if after, err := f.deliver("m1"); after != 0 || err != nil {
		t.Fatal(after, err)
	}
	f.inOrder(events[1:4])
	if f.subscription().Position != f.size() {
		t.Error("its place is not behind all of them")
	}
}

// A long log is delivered in stretches, so that nobody waits behind it; each hands on to the next.
func TestALongLogIsDeliveredInStretches(t *testing.T) {
	f := newFixture(t)
	f.set()
	want := f.happen(300)
	f.queue.take()
	f.receiver.fate = func(got) (int, error) { f.Clock.Advance(500 * time.Millisecond); return 200, nil }
	stretches := 0
	for calls := []webhook.Call{{Organization: acme, To: webhook.ToWebhook}}; len(calls) > 0; calls = f.queue.take() {
		for range calls {
			began := f.Clock.Now()
			stretches++
			if after, err := f.deliver(fmt.Sprint("m", stretches)); after != 0 || err != nil {
				t.Fatal(after, err)
			}
			if took := f.Clock.Now().Sub(began); took > webhook.Stretch+webhook.SideBySide*time.Second {
				t.Errorf("a stretch of %v", took)
			}
		}
	}
	if f.inOrder(want); stretches < 5 || len(f.receiver.ids()) != 301 {
		t.Errorf("%d stretches, %d posts", stretches, len(f.receiver.ids()))
	}
}
