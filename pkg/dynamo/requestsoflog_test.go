package dynamo_test

import (
	"errors"
	"maps"
	"testing"
	"time"

	"twofold/pkg/audit"
	"twofold/pkg/ledger"
	"twofold/pkg/report"
	"twofold/pkg/storetest"
	"twofold/pkg/user"
)

// They hold what docs/performance.md says of the audit and its log: as many requests for a log of five hundred events as for one of ten.
func TestRequestsOfTheLog(t *testing.T) {
	store, wire := wired(t)
	w := storetest.NewWorld(t, store)
	n := storetest.Notary(store, w.Clock.Now)
	s := &report.Service{Store: store, Now: w.Clock.Now}
	ctx, c, home := t.Context(), w.Administrator, storetest.Organization
	write := func(many int) (events []audit.Event) {
		var changes []user.Change
		for range many {
			e := w.Event(audit.UserReset, "u")
			events, changes = append(events, e), append(changes, user.Change{Events: []audit.Event{e}})
		}
		if err := store.WriteMany(ctx, changes); err != nil {
			t.Fatal(err)
		}
		return events
	}
	appended := func(events []audit.Event) func() error {
		return func() error { return errors.Join(n.Append(ctx, events)...) }
	}
	tick := func() error { return n.Tick(ctx, w.Clock.Now().Add(time.Hour)) }
	var last audit.Event
	for round := range 6 {
		events := write(48)
		last = events[47]
		first := map[string]int{"Query": 2, "BatchGetItem": 1, "TransactWriteItems": 1}
		if round > 0 { // the leaves that prove that it continues the latest
			first["BatchGetItem"]++
		}
		leaf := uint64(3)
		for _, call := range []struct {
			name string
			act  func() error
			want map[string]int
		}{
			{"48 events appended", appended(events), map[string]int{"BatchGetItem": 1, "TransactWriteItems": 1}},
			{"the same again", appended(events), map[string]int{"BatchGetItem": 1}},
			{"one more", appended(write(1)), map[string]int{"BatchGetItem": 1, "TransactWriteItems": 1}},
			{"a tick", tick, first},
			{"a tick with nothing to do", tick, map[string]int{"Query": 1}},
			{"the latest checkpoint", func() error { _, err := s.Checkpoint(ctx, c, home, 0); return err }, map[string]int{"BatchGetItem": 1, "Query": 1}},
			{"a checkpoint of a size", func() error { _, err := s.Checkpoint(ctx, c, home, 49); return err }, map[string]int{"BatchGetItem": 1, "GetItem": 1}},
			{"the proof of an event", func() error {
				_, _, err := s.Inclusion(ctx, c, home, report.InclusionQuery{Event: last.ID})
				return err
			}, map[string]int{"BatchGetItem": 3, "Query": 3}},
			{"the proof of a leaf", func() error {
				_, _, err := s.Inclusion(ctx, c, home, report.InclusionQuery{Leaf: &leaf})
				return err
			}, map[string]int{"BatchGetItem": 3, "Query": 2}},
			{"that it grew", func() error { _, _, err := s.Consistency(ctx, c, home, 3, 0); return err }, map[string]int{"BatchGetItem": 2, "Query": 1}},
			{"49 entries", func() error { _, err := s.Lines(ctx, c, home, 49, 0, 200); return err }, map[string]int{"BatchGetItem": 2, "GetItem": 1, "Query": 1}},
			{"a page of the audit", func() error {
				_, err := s.Events(ctx, c, home, report.EventQuery{Limit: 50}, "")
				return err
			}, map[string]int{"BatchGetItem": 2, "Query": 1}},
			{"a page of some kind", func() error {
				_, err := s.Events(ctx, c, home, report.EventQuery{Limit: 40, Kinds: []audit.Kind{audit.UserReset}}, "")
				return err
			}, map[string]int{"BatchGetItem": 2, "Query": 1}},
		} {
			var err error
			got := wire.requests(func() { err = call.act() })
			if err != nil || !maps.Equal(got, call.want) {
				t.Errorf("round %d, %s: sent %v, want %v; %v", round, call.name, got, call.want, err)
			}
		}
	}
	if _, there, err := store.Log(ctx, home, []ledger.Place{ledger.PlaceOf(last)}); err != nil || len(there) != 1 {
		t.Errorf("%v, %v", there, err)
	}
}
