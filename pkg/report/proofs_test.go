package report_test

import (
	"context"
	"encoding/base64"
	"errors"
	"regexp"
	"testing"
	"time"

	"twofold/pkg/access"
	"twofold/pkg/audit"
	"twofold/pkg/fault"
	"twofold/pkg/ledger"
	"twofold/pkg/memstore"
	"twofold/pkg/report"
	"twofold/pkg/storetest"
	"twofold/pkg/user"
)

// logged is a world with 20 events about users in its log, of which the checkpoints cover 10 and 18.
func logged(t *testing.T) (*report.Service, *storetest.World, *memstore.Store, []audit.Event) {
	t.Helper()
	store := memstore.New()
	w := storetest.NewWorld(t, store)
	var events []audit.Event
	n := storetest.Notary(store, w.Clock.Now)
	for i := range 20 {
		w.Clock.Advance(time.Second)
		e := w.Event(audit.UserReset, "u")
		must(t, store.Write(t.Context(), user.Change{Events: []audit.Event{e}}))
		events = append(events, e)
		for _, err := range n.Append(t.Context(), []audit.Event{e}) {
			must(t, err)
		}
		if i == 9 || i == 17 {
			must(t, n.Tick(t.Context(), w.Clock.Now().Add(time.Hour)))
		}
	}
	return &report.Service{Store: store, Now: w.Clock.Now}, w, store, events
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func root(t *testing.T, s *report.Service, c access.Caller, size uint64) []byte {
	t.Helper()
	checkpoint, err := s.Checkpoint(t.Context(), c, storetest.Organization, size)
	must(t, err)
	signed, err := ledger.Open(checkpoint.Note, checkpoint.Keys[0])
	must(t, err)
	if signed.Size != checkpoint.Size || size != 0 && signed.Size != size {
		t.Fatalf("a checkpoint of %d, asked for %d", signed.Size, size)
	}
	return signed.Root
}

func TestProofsAreOfWhatWasSigned(t *testing.T) {
	s, w, _, events := logged(t)
	ctx, c, home := t.Context(), w.Administrator, storetest.Organization
	latest, first := root(t, s, c, 0), root(t, s, c, 10)
	for at, e := range events[:18] {
		leaf := uint64(at)
		for _, q := range []report.InclusionQuery{{Event: e.ID}, {Leaf: &leaf}, {Event: e.ID, Size: 18}} {
			line, size, err := s.Inclusion(ctx, c, home, q)
			must(t, err)
			hash := ledger.Hash(ledger.Data(*line.Event))
			if size != 18 || line.Leaf != leaf || line.Event.ID != e.ID || !ledger.Includes(hash, line.Leaf, size, line.Proof, latest) {
				t.Errorf("event %d: %+v in %d", at, line, size)
			}
		}
	}
	line, _, err := s.Inclusion(ctx, c, home, report.InclusionQuery{Event: events[4].ID, Size: 10})
	must(t, err)
	if !ledger.Includes(line.Hash, 4, 10, line.Proof, first) {
		t.Error("not proven in the earlier log")
	}
	path, to, err := s.Consistency(ctx, c, home, 10, 0)
	must(t, err)
	if to != 18 || !ledger.Extends(10, first, 18, latest, path) {
		t.Errorf("the log of 10 does not begin that of %d", to)
	}
	var lines []ledger.Line
	for from := uint64(0); ; {
		page, err := s.Lines(ctx, c, home, 18, from, 7)
		must(t, err)
		lines = append(lines, page.Lines...)
		if page.Next == nil {
			break
		}
		from = *page.Next
	}
	for at, l := range lines {
		if l.Leaf != uint64(at) || l.Event.ID != events[at].ID || !ledger.Includes(ledger.Hash(ledger.Data(*l.Event)), l.Leaf, 18, l.Proof, latest) {
			t.Errorf("line %d: %s", at, l.JSON())
		}
	}
	if len(lines) != 18 {
		t.Errorf("%d lines", len(lines))
	}
	page, err := s.Events(ctx, c, home, report.EventQuery{User: "u", Limit: 50}, "")
	must(t, err)
	for at, e := range page.Events {
		if leaf, there := page.Entries[ledger.PlaceOf(e)]; !there || leaf != uint64(at) {
			t.Errorf("event %d says that it is leaf %d, %v", at, leaf, there)
		}
	}
}

// calls are all operations on a log.
func calls(ctx context.Context, s *report.Service, c access.Caller, organization string) map[string]error {
	zero := uint64(0)
	_, checkpoint := s.Checkpoint(ctx, c, organization, 0)
	_, _, inclusion := s.Inclusion(ctx, c, organization, report.InclusionQuery{Leaf: &zero})
	_, _, consistency := s.Consistency(ctx, c, organization, 1, 0)
	_, lines := s.Lines(ctx, c, organization, 0, 0, 10)
	return map[string]error{"checkpoint": checkpoint, "inclusion": inclusion, "consistency": consistency, "lines": lines}
}

func TestProofsAreForWhoMayReadTheAudit(t *testing.T) {
	s, w, _, _ := logged(t)
	for name, err := range calls(t.Context(), s, w.Application, storetest.Organization) {
		if !errors.Is(err, access.ErrRole) {
			t.Errorf("%s, an application: %v", name, err)
		}
	}
	for name, err := range calls(t.Context(), s, w.Administrator, "another") {
		if !errors.Is(err, access.ErrNotFound) {
			t.Errorf("%s, of another organisation: %v", name, err)
		}
	}
	for name, err := range calls(t.Context(), s, w.Administrator, access.VendorHome) {
		if !errors.Is(err, access.ErrRole) {
			t.Errorf("%s, of the vendor's own log: %v", name, err)
		}
	}
	for name, err := range calls(t.Context(), s, w.System, access.VendorHome) {
		if !errors.Is(err, report.ErrNoCheckpoint) {
			t.Errorf("%s, of a log without a checkpoint: %v", name, err)
		}
	}
}

func TestWhatNoCheckpointCoversIsRefused(t *testing.T) {
	s, w, store, events := logged(t)
	ctx, c, home := t.Context(), w.Administrator, storetest.Organization
	leaf := uint64(18)
	field := func(err error) string { return fault.As(err).Field }
	for name, q := range map[string]report.InclusionQuery{"query.size": {Event: events[0].ID, Size: 19}, "query.leaf": {Leaf: &leaf}} {
		if _, _, err := s.Inclusion(ctx, c, home, q); !errors.Is(err, report.ErrBeyond) || field(err) != name {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, q := range []report.InclusionQuery{{Event: events[18].ID}, {Event: events[12].ID, Size: 10}, {Event: "none"}} {
		if _, _, err := s.Inclusion(ctx, c, home, q); !errors.Is(err, report.ErrNotInLog) {
			t.Errorf("%+v: %v", q, err)
		}
	}
	for _, q := range []report.InclusionQuery{{}, {Event: "x", Leaf: &leaf}} {
		if _, _, err := s.Inclusion(ctx, c, home, q); !errors.Is(err, report.ErrOneOf) {
			t.Errorf("%+v: %v", q, err)
		}
	}
	for _, sizes := range [][2]uint64{{0, 10}, {11, 10}, {10, 19}, {19, 0}} {
		if _, _, err := s.Consistency(ctx, c, home, sizes[0], sizes[1]); !errors.Is(err, report.ErrBeyond) {
			t.Errorf("%v: %v", sizes, err)
		}
	}
	if _, err := s.Lines(ctx, c, home, 11, 0, 5); !errors.Is(err, report.ErrNoCheckpoint) {
		t.Errorf("lines for a size without a checkpoint: %v", err)
	}
	if _, err := s.Lines(ctx, c, home, 10, 10, 5); !errors.Is(err, report.ErrBeyond) {
		t.Errorf("lines behind the log: %v", err)
	}
	for _, op := range []memstore.Operation{memstore.Checkpoint, memstore.LeafRange, memstore.Leaves, memstore.EventsAt, memstore.Entry} {
		store.FailNext(op, false, errors.New("down"))
		_, _, err := s.Inclusion(ctx, c, home, report.InclusionQuery{Event: events[3].ID})
		if fault.As(err).Kind != fault.Unavailable {
			t.Errorf("%s fails: %v", op, err)
		}
	}
}

// A cursor is of one query: with another filter it is refused.
func TestACursorIsOfOneQuery(t *testing.T) {
	s, w, _, events := logged(t)
	q := report.EventQuery{User: "u", Limit: 3, From: events[0].At}
	page, err := s.Events(t.Context(), w.Administrator, storetest.Organization, q, "")
	must(t, err)
	if _, err := s.Events(t.Context(), w.Administrator, storetest.Organization, q, page.Cursor); err != nil {
		t.Error(err)
	}
	for name, change := range map[string]func(*report.EventQuery){
		"user": func(q *report.EventQuery) { q.User = "v" }, "actor": func(q *report.EventQuery) { q.Actor = "root" },
		"kind": func(q *report.EventQuery) { q.Kinds = []audit.Kind{audit.UserReset} }, "from": func(q *report.EventQuery) { q.From = events[1].At },
		"to": func(q *report.EventQuery) { q.To = events[19].At }, "direction": func(q *report.EventQuery) { q.Descending = true },
		"nothing": func(q *report.EventQuery) { *q = report.EventQuery{Limit: 3} },
	} {
		other := q
		change(&other)
		if _, err := s.Events(t.Context(), w.Administrator, storetest.Organization, other, page.Cursor); !errors.Is(err, report.ErrCursor) {
			t.Errorf("another %s: %v", name, err)
		}
	}
	plain, err := base64.RawURLEncoding.DecodeString(page.Cursor)
	must(t, err)
	place := regexp.MustCompile(`"v":"[^"]*"`)
	for at, good := range map[string]bool{"2020-01-01T00:00:00.000000Z#x": false, events[5].At.UTC().Format(report.PlaceLayout) + "#x": true} {
		moved := place.ReplaceAll(plain, []byte(`"v":"`+at+`"`))
		_, err := s.Events(t.Context(), w.Administrator, storetest.Organization, q, base64.RawURLEncoding.EncodeToString(moved))
		if good && err != nil || !good && !errors.Is(err, report.ErrCursor) {
			t.Errorf("a cursor at %s: %v", at, err)
		}
	}
	q.To = q.From
	if _, err := s.Events(t.Context(), w.Administrator, storetest.Organization, q, ""); !errors.Is(err, report.ErrPeriod) {
		t.Errorf("a period of nothing: %v", err)
	}
}
