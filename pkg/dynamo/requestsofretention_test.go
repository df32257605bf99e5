package dynamo_test

import (
	"maps"
	"testing"
	"time"

	"twofold/pkg/org"
	"twofold/pkg/retention"
	"twofold/pkg/storetest"
)

// They hold what docs/performance.md says of removing what is kept no longer: an organisation whose logs are as they should be costs three requests an hour, and 25 rows two or three.
func TestRequestsOfRetention(t *testing.T) {
	store, wire := wired(t)
	w := storetest.NewWorld(t, store)
	w.Log(t, store, 60, 10*24*time.Hour)
	w.Clock.Advance(5 * time.Hour) // so that no row comes of age in the hours below
	sweeper := &retention.Sweeper{Store: store, Now: w.Clock.Now}
	tick := func() error { return sweeper.Tick(t.Context(), w.Clock.Now().Add(time.Hour)) }
	hour := func() error {
		for range retention.Slots {
			if err := tick(); err != nil {
				return err
			}
			w.Clock.Advance(time.Hour / retention.Slots)
		}
		return nil
	}
	keep := func(r org.Retention) func() error {
		return func() error { w.Keep(t, r); return hour() }
	}
	for _, c := range []struct {
		name string
		act  func() error
		want map[string]int
	}{
		{"a tick where nobody has a retention", tick, map[string]int{"Query": 1}},
		// Twelve queries for who has one; the policy; of 60 sign-ins 57 are removed: three pages. With Keep's own read and write.
		{"57 sign-ins", keep(org.Retention{SignInDays: 30}), map[string]int{"Query": 12 + 3, "BatchGetItem": 2, "BatchWriteItem": 3, "TransactWriteItems": 1}},
		{"an hour with nothing to do", hour, map[string]int{"Query": 12 + 1, "BatchGetItem": 1}},
		{"23 events", keep(org.Retention{AuditDays: 366, SignInDays: 30}), map[string]int{"Query": 12 + 2, "BatchGetItem": 3, "BatchWriteItem": 1, "TransactWriteItems": 1}},
		// One event is looked at: that the organisation was made, which this log has not.
		{"an hour with nothing to do in both", hour, map[string]int{"Query": 12 + 2, "BatchGetItem": 2}},
	} {
		var err error
		got := wire.requests(func() { err = c.act() })
		if err != nil || !maps.Equal(got, c.want) {
			t.Errorf("%s: sent %v, want %v; %v", c.name, got, c.want, err)
		}
	}
}
