package signin_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"twofold/pkg/audit"
	"twofold/pkg/memstore"
	"twofold/pkg/report"
	"twofold/pkg/signin"
	"twofold/pkg/user"
)

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

type fixture struct {
	*signin.Recorder
	t     *testing.T
	store *memstore.Store
	seen  []signin.Pattern
}

func (f *fixture) PatternSeen(_ string, p signin.Pattern) { f.seen = append(f.seen, p) }

func newFixture(t *testing.T) *fixture {
	f := &fixture{t: t, store: memstore.New()}
	f.Recorder = &signin.Recorder{Ledger: f.store, Meter: f, Now: func() time.Time { return noon }}
	return f
}

// tried is a code of a user at a second after noon, wrong unless said otherwise.
func tried(id, from string, second int) signin.Seen {
	return signin.Seen{Entry: signin.Entry{
		Organization: "acme", User: id, At: noon.Add(time.Duration(second) * time.Second), ID: signin.IDOf(id, "", int64(second+1)),
		Outcome: signin.Wrong, Reason: signin.NotRight, Way: "totp", For: user.SignIn, Address: from,
	}}
}

func (f *fixture) record(seen ...signin.Seen) {
	f.t.Helper()
	for _, err := range f.Record(f.t.Context(), seen) {
		if err != nil {
			f.t.Fatal(err)
		}
	}
}

// told are the patterns that stand in the audit, in order.
func (f *fixture) told() (all []string) {
	f.t.Helper()
	events, _, err := f.store.Events(f.t.Context(), "acme", report.EventQuery{Limit: 1000})
	if err != nil {
		f.t.Fatal(err)
	}
	for _, e := range events {
		all = append(all, e.Details["pattern"]+" "+e.Details["count"]+" "+e.Claimed)
	}
	slices.Sort(all)
	return all
}

func (f *fixture) demand(what string, want ...string) {
	f.t.Helper()
	if got := f.told(); !slices.Equal(got, want) {
		f.t.Errorf("%s: told %q, want %q", what, got, want)
	}
}

// many are n users who fail once each, no two of whom share a bucket.
func many(n int) (users []string) {
	buckets := map[int]bool{}
	for i := 0; len(users) < n; i++ {
		id := fmt.Sprint("user ", i)
		if b := signin.BucketOf(id); !buckets[b] {
			buckets[b] = true
			users = append(users, id)
		}
	}
	return users
}

func TestOneAddressAndManyUsers(t *testing.T) {
	f := newFixture(t)
	users := many(signin.SourceUsers)
	for i, id := range users[1:] {
		f.record(tried(id, "192.0.2.7", i))
		f.record(tried(id, "192.0.2.7", i)) // again
	}
	f.record(tried(users[1], "192.0.2.7", 100), tried(users[0], "198.51.100.7", 101), tried(users[0], "", 102))
	f.demand("one user fewer, one of them twice")
	f.record(tried(users[0], "192.0.2.7", 103))
	want := fmt.Sprintf("%s %d 192.0.2.7", signin.GuessingSource, signin.SourceUsers)
	f.demand("the last", want)
	f.record(tried("one more", "192.0.2.7", 104))
	f.demand("one more", want)
	for i, id := range users {
		f.record(tried(id, "192.0.2.7", 3600+i))
	}
	f.demand("the next hour", want, want)
}

// The addresses of one network of IPv6 are one attacker's.
func TestOneNetworkIsOneSource(t *testing.T) {
	f := newFixture(t)
	for i, id := range many(signin.SourceUsers) {
		f.record(tried(id, fmt.Sprintf("2001:db8::%x", i+1), i))
	}
	f.demand("addresses of one network", fmt.Sprintf("%s %d 2001:db8::/64", signin.GuessingSource, signin.SourceUsers))
}

func TestOneUserAndManyFailures(t *testing.T) {
	f := newFixture(t)
	guess := func(failures, second int) {
		s := tried("ann", "192.0.2.7", second)
		s.Failures = failures
		f.record(s)
	}
	guess(signin.UserFailures-1, 1)
	f.demand("one fewer")
	guess(signin.UserFailures, 2)
	guess(signin.UserFailures+1, 3)
	guess(signin.UserFailures+1, 3)
	f.demand("and on", fmt.Sprintf("%s %d ", signin.GuessingUser, signin.UserFailures))
	events, _, _ := f.store.Events(t.Context(), "acme", report.EventQuery{Limit: 10})
	since := audit.InWords(tried("ann", "", 2).At.Add(-signin.Window)) // the hour that ended with the fifteenth
	if e := events[0]; e.Details["user"] != "ann" || e.Details["since"] != since || e.User != "" || e.Kind != audit.GuessingSeen || e.Role != audit.System || !e.Notify {
		t.Errorf("told as %+v", e)
	}
}

// Any call fails, before it did anything or after, in any batch: what comes again until nothing fails is written once, counted once and
// told once.
func TestWhateverFailsComesAgainAndIsDoneOnce(t *testing.T) {
	operations := []memstore.Operation{memstore.AddSignIns, memstore.CountSignIn, memstore.Tallied, memstore.Raise}
	for round := range 80 {
		f := newFixture(t)
		var all []signin.Seen
		for i, id := range many(signin.SourceUsers) {
			s := tried(id, "192.0.2.7", i)
			all = append(all, s)
			s.Outcome, s.Reason, s.At = signin.Right, "", s.At.Add(time.Second)
			all = append(all, s)
		}
		rand.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
		for range 1 + rand.IntN(6) {
			f.store.FailAfter(operations[rand.IntN(4)], rand.IntN(20), rand.IntN(2) == 0, errors.New("down"))
		}
		for left := all; len(left) > 0; {
			n := min(1+rand.IntN(25), len(left))
			var again []signin.Seen
			for at, err := range f.Record(t.Context(), left[:n]) {
				if err != nil {
					again = append(again, left[at])
				}
			}
			left = append(left[n:len(left):len(left)], again...)
		}
		rows, _, err := f.store.SignIns(t.Context(), "acme", signin.Query{From: noon, To: noon.Add(time.Hour), Limit: 1000})
		if err != nil || len(rows) != len(all) {
			t.Fatalf("round %d: %d rows, want %d, %v", round, len(rows), len(all), err)
		}
		f.demand(fmt.Sprint("round ", round), fmt.Sprintf("%s %d 192.0.2.7", signin.GuessingSource, signin.SourceUsers))
		if len(f.seen) > 1 {
			t.Fatalf("counted %d times", len(f.seen))
		}
	}
}

func TestMessagesThatAreNearlyUsedUp(t *testing.T) {
	for _, c := range []struct {
		used, limit int64
		want        bool
	}{{12, 15, true}, {11, 15, false}, {15, 15, true}, {1, 1, true}, {0, 0, false}, {5, 0, false}, {160, 200, true}, {159, 200, false}} {
		f := newFixture(t)
		s := signin.Spent{Pattern: signin.BombingMailbox, Organization: "acme", Subject: "00", Window: noon, Used: c.used, Limit: c.limit}
		for range 2 {
			if err := f.Watch(t.Context(), s); err != nil {
				t.Fatal(err)
			}
		}
		if got := f.told(); (len(got) == 1) != c.want || len(got) > 1 || len(f.seen) != len(got) {
			t.Errorf("%d of %d: told %q, counted %q", c.used, c.limit, got, f.seen)
		}
	}
}

// A Monday morning on which everybody's code is right is no pattern, and costs no count.
func TestRightCodesAreNotCounted(t *testing.T) {
	f := newFixture(t)
	f.store.FailNext(memstore.CountSignIn, false, errors.New("counted"))
	f.store.FailNext(memstore.Tallied, false, errors.New("counted"))
	for i, id := range many(signin.SourceUsers + 5) {
		s := tried(id, "192.0.2.7", i)
		s.Outcome, s.Reason = signin.Right, ""
		f.record(s)
	}
	f.demand("right codes")
}
