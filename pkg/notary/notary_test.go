package notary_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"twofold/pkg/audit"
	"twofold/pkg/ledger"
	"twofold/pkg/memstore"
	"twofold/pkg/notary"
	"twofold/pkg/storetest"
	"twofold/pkg/user"
)

const acme = "acme.example"

var (
	errInjected = errors.New("injected")
	start       = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
)

func clock() time.Time { return start }

func event(organization string, n int) audit.Event {
	return audit.Event{
		ID: fmt.Sprintf("event-%04d", n), At: start.Add(time.Duration(n) * time.Second), Kind: audit.UserReset, Organization: organization, User: "u",
	}
}

// shard is the stream of several organisations: records in order, of which a batch is repeated from the first that failed.
func shard(n int, organizations ...string) (events []audit.Event) {
	for i := range n {
		events = append(events, event(organizations[i%len(organizations)], i))
	}
	return events
}

// deliver does what Lambda does with a shard, for whoever appends.
func deliver(t *testing.T, n *notary.Notary, events []audit.Event, random *rand.Rand) {
	for tries := 0; len(events) > 0; tries++ {
		if tries > 2000 {
			t.Error("the stream does not come to its end")
			return
		}
		batch := events[:min(len(events), 1+random.IntN(60))]
		fresh := len(batch)
		if random.IntN(4) == 0 { // the records of a batch may come again, beside each other
			batch = append(slices.Clone(batch), batch[:random.IntN(len(batch))]...)
		}
		failed := n.Append(context.Background(), batch)
		done := slices.IndexFunc(failed, func(err error) bool { return err != nil })
		if done < 0 || done > fresh {
			done = fresh
		}
		events = events[done:]
	}
}

// whole demands that a log has the events once, and gives the order in which they stand.
func whole(t *testing.T, s *memstore.Store, organization string, want []audit.Event) (order []string) {
	t.Helper()
	leaves, err := s.LeafRange(t.Context(), organization, 0, len(want)+10)
	if err != nil {
		t.Fatal(err)
	}
	var ids []string
	for at, l := range leaves {
		if l.Index != uint64(at) {
			t.Errorf("leaf %d stands at %d", l.Index, at)
		}
		order = append(order, l.Event.ID)
	}
	for _, e := range want {
		ids = append(ids, e.ID)
	}
	if !slices.Equal(slices.Sorted(slices.Values(order)), slices.Sorted(slices.Values(ids))) {
		t.Fatalf("the log of %q has %d leaves, the stream %d events; not the same", organization, len(order), len(ids))
	}
	return order
}

func of(events []audit.Event, organization string) (some []audit.Event) {
	for _, e := range events {
		if e.Organization == organization {
			some = append(some, e)
		}
	}
	return some
}

// signed demands that the latest checkpoint is of the whole log, and that each leaf proves that it is in it.
func signed(t *testing.T, s *memstore.Store, organization string, want int) {
	t.Helper()
	c, err := s.Checkpoint(t.Context(), organization, 0)
	if err != nil || c == nil {
		t.Fatalf("%v, %v", c, err)
	}
	said, err := ledger.Open(c.Note, c.Keys[0])
	if err != nil || said.Size != uint64(want) {
		t.Fatalf("%+v, %v, want the size %d", said, err, want)
	}
	ranged, _ := s.LeafRange(t.Context(), organization, 0, want)
	leaves := map[uint64]ledger.Leaf{}
	for _, l := range ranged {
		leaves[l.Index] = l
	}
	for _, l := range ranged {
		path, err := ledger.Inclusion(l.Index, said.Size)
		if err != nil {
			t.Fatal(err)
		}
		if hashes, err := path.Hashes(leaves); err != nil || !ledger.Includes(l.Hash, l.Index, said.Size, hashes, said.Root) {
			t.Errorf("leaf %d is not proven: %v", l.Index, err)
		}
	}
}

// Whatever fails, before or after it was done, and however records come again: nothing is lost, nothing stands twice, and the log is in the order of
// the stream.
func TestAppendingUnderFailures(t *testing.T) {
	for seed := range uint64(60) {
		random := rand.New(rand.NewPCG(seed, 1))
		s := memstore.New()
		for range random.IntN(30) {
			op := []memstore.Operation{memstore.Log, memstore.Extend, memstore.Unsigned, memstore.WriteCheckpoint, memstore.Checkpoint, memstore.Leaves}[random.IntN(6)]
			s.FailAfter(op, random.IntN(4), random.IntN(2) == 0, errInjected)
		}
		n := storetest.Notary(s, clock)
		events := shard(200, acme, acme, "", "zeta")
		for at := 0; at < len(events); at += 50 {
			deliver(t, n, events[at:at+50], random)
			_ = n.Tick(t.Context(), start.Add(time.Hour)) // which may fail
		}
		for range 100 { // until no failure is left
			_ = n.Tick(t.Context(), start.Add(time.Hour))
			_, _ = s.Checkpoint(t.Context(), acme, 0)
		}
		for _, organization := range []string{acme, "", "zeta"} {
			want := of(events, organization)
			order := whole(t, s, organization, want)
			if !slices.IsSorted(order) {
				t.Errorf("seed %d: the log of %q is not in the order of the stream: %v", seed, organization, order)
			}
			signed(t, s, organization, len(want))
		}
	}
}

// One projector whose invocation ended may still run beside the next, and both see the same records.
func TestTwoProjectorsCompete(t *testing.T) {
	for seed := range uint64(20) {
		s := memstore.New()
		events := shard(300, acme, "")
		var wait sync.WaitGroup
		for i := range uint64(2) {
			wait.Go(func() {
				n := storetest.Notary(s, clock)
				random := rand.New(rand.NewPCG(seed, i))
				for at := 0; at < len(events); at += 100 {
					deliver(t, n, events[at:at+100], random)
					if err := n.Tick(t.Context(), start.Add(time.Hour)); err != nil && !errors.Is(err, user.ErrConflict) {
						t.Error(err)
					}
				}
			})
		}
		wait.Wait()
		n := storetest.Notary(s, clock)
		if err := n.Tick(t.Context(), start.Add(time.Hour)); err != nil {
			t.Error(err)
		}
		for _, organization := range []string{acme, ""} {
			whole(t, s, organization, of(events, organization))
			signed(t, s, organization, 150)
		}
	}
}

// Behind one that failed nothing of its organisation is appended, and all of another's.
func TestOneOrganizationHoldsNoOtherUp(t *testing.T) {
	s := memstore.New()
	s.FailNext(memstore.Extend, false, errInjected)
	events := slices.Concat(shard(notary.MaxAppend+5, acme), []audit.Event{event("zeta", 1)})
	failed := storetest.Notary(s, clock).Append(t.Context(), events)
	for at, err := range failed {
		if (err != nil) != (events[at].Organization == acme) {
			t.Errorf("event %d of %s: %v", at, events[at].Organization, err)
		}
	}
	whole(t, s, acme, nil)
	whole(t, s, "zeta", events[len(events)-1:])
}

// A tick begins with nothing after its time, and what is left is signed by the next.
func TestATickEnds(t *testing.T) {
	s := memstore.New()
	n := storetest.Notary(s, clock)
	n.Append(t.Context(), shard(3, "a", "b", "c"))
	if err := n.Tick(t.Context(), start); err != nil {
		t.Error(err)
	}
	if waits, _, _ := s.Unsigned(t.Context(), "", 10); len(waits) != 3 {
		t.Errorf("%v wait", waits)
	}
	steps := 0
	n.Now = func() time.Time { steps++; return start.Add(time.Duration(steps) * time.Second) }
	if err := n.Tick(t.Context(), start.Add(3500*time.Millisecond)); err != nil {
		t.Error(err)
	}
	if waits, _, _ := s.Unsigned(t.Context(), "", 10); len(waits) != 1 {
		t.Errorf("%v wait", waits)
	}
}
