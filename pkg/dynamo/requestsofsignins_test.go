package dynamo_test

import (
	"fmt"
	"maps"
	"testing"
	"time"

	"twofold/pkg/signin"
	"twofold/pkg/storetest"
	"twofold/pkg/user"
)

type unmetered struct{}

func (unmetered) PatternSeen(string, signin.Pattern) {}

// TestRequestsOfTheSignInLog: right codes are written 25 at a time, each wrong one in a transaction, and counts are read once for a batch.
func TestRequestsOfTheSignInLog(t *testing.T) {
	store, wire := wired(t)
	w := storetest.NewWorld(t, store)
	r := signin.Recorder{Ledger: store, Meter: unmetered{}, Now: w.Clock.Now}
	rev := int64(0)
	seen := func(n int, o signin.Outcome) (all []signin.Seen) {
		for range n {
			rev++
			id := fmt.Sprint("user ", rev)
			all = append(all, signin.Seen{Entry: signin.Entry{
				Organization: storetest.Organization, User: id, At: w.Clock.Now(), ID: signin.IDOf(id, "", rev), Outcome: o, Way: "totp", For: user.SignIn,
				Address: "192.0.2.7",
			}})
		}
		return all
	}
	again := seen(1, signin.Wrong)
	for _, c := range []struct {
		name  string
		batch []signin.Seen
		want  map[string]int
	}{
		{"a right code", seen(1, signin.Right), map[string]int{"BatchWriteItem": 1}},
		{"a hundred", seen(100, signin.Right), map[string]int{"BatchWriteItem": 4}},
		{"a wrong one", again, map[string]int{"TransactWriteItems": 1, "BatchGetItem": 1}},
		{"the same again", again, map[string]int{"TransactWriteItems": 1, "BatchGetItem": 1}},
		{"five, and fifty that were right", append(seen(5, signin.Wrong), seen(50, signin.Right)...), map[string]int{"TransactWriteItems": 5, "BatchGetItem": 1, "BatchWriteItem": 2}},
	} {
		got := wire.requests(func() {
			for _, err := range r.Record(t.Context(), c.batch) {
				if err != nil {
					t.Error(err)
				}
			}
		})
		if !maps.Equal(got, c.want) {
			t.Errorf("%s: sent %v, want %v", c.name, got, c.want)
		}
	}
	got := wire.requests(func() {
		if _, _, err := store.SignIns(t.Context(), storetest.Organization, signin.Query{From: w.Clock.Now().Add(-time.Hour), To: w.Clock.Now().Add(time.Hour), Limit: 50}); err != nil {
			t.Error(err)
		}
	})
	if !maps.Equal(got, map[string]int{"Query": 1}) {
		t.Errorf("a page: sent %v", got)
	}
}
