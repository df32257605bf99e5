package storetest

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"testing"
	"time"

	"twofold/pkg/audit"
	"twofold/pkg/fault"
	"twofold/pkg/ledger"
	"twofold/pkg/notary"
	"twofold/pkg/user"
)

// Pen signs checkpoints.
type Pen struct{ Seed byte }

func (p Pen) private() ed25519.PrivateKey {
	return ed25519.NewKeyFromSeed(bytes.Repeat([]byte{p.Seed}, ed25519.SeedSize))
}

// Public implements ledger.Key.
func (p Pen) Public() ed25519.PublicKey { return p.private().Public().(ed25519.PublicKey) }

// Sign implements ledger.Key.
func (p Pen) Sign(message []byte) ([]byte, error) { return ed25519.Sign(p.private(), message), nil }

// Notary appends to the logs of a store and signs them.
func Notary(s notary.Store, now func() time.Time) *notary.Notary {
	return &notary.Notary{Store: s, Keys: []ledger.Key{Pen{1}}, Issuer: "https://auth.vendor.example", Now: now}
}

// logged is the n-th event of an organisation's stream.
func logged(organization string, n int) audit.Event {
	at := second(1).Add(time.Duration(n/2) * time.Millisecond)
	return audit.Event{
		ID: fmt.Sprintf("event-%03d", n), At: at, Kind: audit.UserReset, Organization: organization, User: somebody,
		Role: "org_admin", Actor: "ann", Details: map[string]string{"before": "", "after": fmt.Sprint(n)},
	}
}

func stream(organization string, from, to int) (events []audit.Event) {
	for n := from; n < to; n++ {
		events = append(events, logged(organization, n))
	}
	return events
}

// extended is a head with the events of a stream at its end.
func extended(t *testing.T, h ledger.Head, attempt string, events []audit.Event) (ledger.Head, []ledger.Leaf) {
	t.Helper()
	next, leaves, err := h.Append(events)
	must(t, err)
	next.Attempt = []byte(attempt)
	return next, leaves
}

func logsReturn(t *testing.T, s Contract) {
	ctx := t.Context()
	for _, organization := range []string{Organization, ""} {
		events := stream(organization, 0, 7)
		var places []ledger.Place
		for _, e := range events {
			places = append(places, ledger.PlaceOf(e))
		}
		head, there, err := s.Log(ctx, organization, append(places, places[0]))
		must(t, err)
		same(t, "an empty log", head, ledger.Head{Organization: organization})
		same(t, "an empty log's entries", there, map[ledger.Place]uint64{})
		none, err := s.Checkpoint(ctx, organization, 0)
		must(t, err)
		same(t, "no checkpoint", none, nil)
		next, leaves := extended(t, head, "attempt", events[:6])
		must(t, s.Extend(ctx, next, leaves))
		got, there, err := s.Log(ctx, organization, places)
		must(t, err)
		same(t, "a head", got, next)
		same(t, "entries", there, map[ledger.Place]uint64{places[0]: 0, places[1]: 1, places[2]: 2, places[3]: 3, places[4]: 4, places[5]: 5})
		found, err := s.Leaves(ctx, organization, []uint64{3, 5, 3, 6, 1 << 40})
		must(t, err)
		same(t, "leaves", found, map[uint64]ledger.Leaf{3: leaves[3], 5: leaves[5]})
		leavesFound(t, s, organization, leaves)
		checkpointsReturn(t, s, next)
	}
}

func leavesFound(t *testing.T, s Contract, organization string, leaves []ledger.Leaf) {
	t.Helper()
	ctx := t.Context()
	ranged, err := s.LeafRange(ctx, organization, 2, 3)
	must(t, err)
	same(t, "a range of leaves", ranged, leaves[2:5])
	ranged, err = s.LeafRange(ctx, organization, 4, 200)
	must(t, err)
	same(t, "a range to the end", ranged, leaves[4:])
	index, there, err := s.Entry(ctx, organization, leaves[4].Event.ID)
	must(t, err)
	if !there || index != 4 {
		t.Errorf("the event is found at %d, %v", index, there)
	}
	for _, id := range []string{"event-00", "event-999", "", "#"} {
		if _, there, err := s.Entry(ctx, organization, id); err != nil || there && id != "" {
			t.Errorf("the event %q is there, %v", id, err)
		}
	}
}

func checkpointsReturn(t *testing.T, s Contract, h ledger.Head) {
	t.Helper()
	ctx := t.Context()
	for n := range 2 {
		c := ledger.Checkpoint{Organization: h.Organization, Size: h.Size, Note: "text\n", Keys: []string{"a", "b"}, At: second(n)}
		h = h.Sign()
		h.Attempt = []byte{byte(n)}
		must(t, s.WriteCheckpoint(ctx, h, c))
		must(t, s.WriteCheckpoint(ctx, h, c))
		for _, size := range []uint64{0, h.Size} {
			got, err := s.Checkpoint(ctx, h.Organization, size)
			must(t, err)
			same(t, "a checkpoint", got, &c)
		}
		got, err := s.Checkpoint(ctx, h.Organization, h.Size+1)
		must(t, err)
		same(t, "no such checkpoint", got, nil)
		head, _, err := s.Log(ctx, h.Organization, nil)
		must(t, err)
		same(t, "a signed head", head, h)
		var leaves []ledger.Leaf
		h, leaves = extended(t, h, "more", stream(h.Organization, 100+n, 101+n))
		must(t, s.Extend(ctx, h, leaves))
	}
}

func logsConflict(t *testing.T, s Contract) {
	ctx := t.Context()
	first, leaves := extended(t, ledger.Head{Organization: Organization}, "one", stream(Organization, 0, 3))
	must(t, s.Extend(ctx, first, leaves))
	must(t, s.Extend(ctx, first, leaves)) // its acknowledgement was lost
	other, others := extended(t, ledger.Head{Organization: Organization}, "two", stream(Organization, 5, 6))
	again, repeated := extended(t, first, "three", stream(Organization, 2, 4))
	for name, err := range map[string]error{
		"of a head that has gone": s.Extend(ctx, other, others), "with an event that is there": s.Extend(ctx, again, repeated),
	} {
		if !errors.Is(err, user.ErrConflict) {
			t.Errorf("a log extended %s: %v", name, err)
		}
	}
	head, there, err := s.Log(ctx, Organization, []ledger.Place{ledger.PlaceOf(logged(Organization, 3)), ledger.PlaceOf(logged(Organization, 5))})
	must(t, err)
	same(t, "the head", head, first)
	same(t, "what lost", there, map[ledger.Place]uint64{})
	signed := first.Sign()
	signed.Attempt = []byte("signed")
	must(t, s.WriteCheckpoint(ctx, signed, ledger.Checkpoint{Organization: Organization, Size: 3, Note: "n", Keys: []string{"k"}, At: second(1)}))
	late, leaves := extended(t, first, "four", stream(Organization, 7, 8))
	if err := s.Extend(ctx, late, leaves); !errors.Is(err, user.ErrConflict) {
		t.Errorf("a log extended as it was before a checkpoint: %v", err)
	}
	stale := first.Sign()
	stale.Attempt = []byte("stale")
	if err := s.WriteCheckpoint(ctx, stale, ledger.Checkpoint{Organization: Organization, Size: 3, Note: "m", Keys: []string{"k"}}); !errors.Is(err, user.ErrConflict) {
		t.Errorf("a checkpoint twice: %v", err)
	}
}

// waiting are all logs that wait, read in pages of one.
func waiting(t *testing.T, s Contract) (all []string) {
	t.Helper()
	for after := ""; ; {
		some, next, err := s.Unsigned(t.Context(), after, 1)
		must(t, err)
		all = append(all, some...)
		if after = next; after == "" {
			return all
		}
	}
}

func logsWait(t *testing.T, s Contract) {
	n := Notary(s, NewClock().Now)
	later := n.Now().Add(time.Hour)
	for round := range 3 {
		for _, organization := range []string{Organization, "", "zeta"} {
			for _, err := range n.Append(t.Context(), stream(organization, round*5, round*5+5)) {
				must(t, err)
			}
		}
		same(t, "logs that wait", waiting(t, s), []string{"", Organization, "zeta"})
		must(t, n.Tick(t.Context(), later))
		same(t, "logs that wait after a tick", waiting(t, s), nil)
		must(t, n.Tick(t.Context(), later))
		c, err := s.Checkpoint(t.Context(), "zeta", 0)
		must(t, err)
		if c == nil || c.Size != uint64(round*5+5) {
			t.Errorf("round %d: the latest checkpoint is %+v", round, c)
		}
	}
}

// appendedOnce: two instances of the projector with the same records, and ticks between them.
func appendedOnce(t *testing.T, s Contract) {
	const total, workers, step = 60, 4, 20
	clock := NewClock()
	together(workers, func(i int) {
		n := Notary(s, clock.Now)
		for from := 0; from < total; from += step {
			repeat(t, func(ctx context.Context) error {
				return errors.Join(n.Append(ctx, append(stream(Organization, from, from+step), stream("", from, from+step)...))...)
			})
			repeat(t, func(ctx context.Context) error { return n.Tick(ctx, clock.Now().Add(time.Hour)) })
		}
	})
	for _, organization := range []string{Organization, ""} {
		wholeLog(t, s, organization, total)
	}
}

// repeat tries again what lost a race, as Lambda does.
func repeat(t *testing.T, try func(context.Context) error) {
	for range 100 {
		err := try(t.Context())
		if err == nil {
			return
		}
		if !errors.Is(err, user.ErrConflict) && fault.As(err).Kind != fault.Unavailable {
			t.Errorf("a projector: %v", err)
			return
		}
	}
	t.Error("a projector lost a hundred times")
}

// wholeLog demands that a log holds so many events once, in the order of the stream, and that its checkpoint says so.
func wholeLog(t *testing.T, s Contract, organization string, total int) {
	t.Helper()
	leaves, err := s.LeafRange(t.Context(), organization, 0, total+1)
	must(t, err)
	events := stream(organization, 0, total)
	_, want := extended(t, ledger.Head{Organization: organization}, "", events)
	same(t, "the log", leaves, want)
	head, _, err := s.Log(t.Context(), organization, nil)
	must(t, err)
	root, err := head.Root()
	must(t, err)
	c, err := s.Checkpoint(t.Context(), organization, 0)
	must(t, err)
	signed, err := ledger.Open(c.Note, c.Keys[0])
	must(t, err)
	if signed.Size != uint64(total) || !bytes.Equal(signed.Root, root) || head.Dirty() {
		t.Errorf("a checkpoint of %d, the log has %d", signed.Size, head.Size)
	}
}
