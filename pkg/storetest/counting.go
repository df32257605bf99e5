package storetest

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"testing"
	"time"

	"twofold/pkg/org"
	"twofold/pkg/report"
	"twofold/pkg/user"
)

// history is what a user's profile was, revision by revision.
func history(id string) []user.Profile {
	p := user.Profile{Organization: Organization, User: id, RegisteredAt: second(1)}
	var all []user.Profile
	step := func(change func()) {
		p = p.Next()
		change()
		all = append(all, p)
	}
	step(func() {})
	step(func() { p.Methods, p.EnrolledAt = []org.Method{org.TOTP, org.Email}, second(2) })
	step(func() { p.Enforcement.Kind = user.Required })
	step(func() { p.SuspendedAt = second(3) })
	step(func() { p.Enforcement = user.Enforcement{Kind: user.Exempt, Until: second(9)} })
	step(func() {
		p.Enforcement, p.Grace.Until = user.Enforcement{Kind: user.Required}, second(9).AddDate(0, 0, 30)
	})
	step(func() { p.CodesSpent, p.Services = true, []string{"smtp", "imap"} })
	step(func() { p.Email = "another@acme.example" }) // no other class
	return all
}

var counted = user.Class{
	Methods: "email+totp", Enforcement: user.Required, Suspended: true, GraceUntil: "2026-12-22", CodesSpent: true, Services: "imap+smtp",
}

func countsReordered(t *testing.T, s Contract) {
	clock := NewClock()
	counter := report.Counter{Store: s, Now: clock.Now}
	all := history(somebody)
	for _, at := range []int{1, 0, 1, 4, 3, 2, 0, 6, 5, 7, 7, 6} {
		must(t, counter.Observe(t.Context(), all[at]))
		must(t, counter.Observe(t.Context(), all[at]))
		clock.Advance(time.Second)
	}
	must(t, counter.Observe(t.Context(), history("another")[0]))
	demandCounts(t, s, user.Counts{AsOf: clock.Now(), ByClass: map[user.Class]int64{counted: 1, {}: 1}})
	got, err := s.Counted(t.Context(), Organization, somebody)
	must(t, err)
	same(t, "counted", got, user.Counted{Organization: Organization, User: somebody, Rev: 8, Class: counted, Registered: user.On(second(1))})
}

func demandCounts(t *testing.T, s Contract, want user.Counts) {
	t.Helper()
	var got user.Counts
	eventually(t, "the counts", func() bool {
		var err error
		got, err = s.Counts(t.Context(), Organization)
		must(t, err)
		return got.AsOf.Equal(want.AsOf)
	})
	same(t, "counts", got, want)
}

func countsParallel(t *testing.T, s Contract) {
	clock := NewClock()
	counter := report.Counter{Store: s, Now: clock.Now}
	together(30, func(i int) {
		for _, p := range history(fmt.Sprintf("user-%d", i%3)) {
			for {
				err := counter.Observe(t.Context(), p)
				if err == nil {
					break
				}
				if !errors.Is(err, user.ErrConflict) {
					t.Error(err)
					return
				}
			}
		}
	})
	demandCounts(t, s, user.Counts{AsOf: clock.Now(), ByClass: map[user.Class]int64{counted: 3}})
}

func countStale(t *testing.T, s Contract) {
	now := NewClock().Now()
	none := user.Counted{Organization: Organization, User: somebody}
	first, other := none, none
	first.Rev, other.Rev, other.Class = 1, 2, counted
	must(t, s.Count(t.Context(), none, first, now))
	must(t, s.Count(t.Context(), none, first, now)) // the same move again is done already
	conflict(t, "a first count of somebody counted", s.Count(t.Context(), none, other, now))
	stale := first
	stale.Rev = 7
	conflict(t, "a count from a revision that never was", s.Count(t.Context(), stale, other, now))
	demandCounts(t, s, user.Counts{AsOf: now, ByClass: map[user.Class]int64{{}: 1}})
	must(t, s.Count(t.Context(), first, other, now.Add(time.Second)))
	demandCounts(t, s, user.Counts{AsOf: now.Add(time.Second), ByClass: map[user.Class]int64{counted: 1}})
}

// countsByDay: what changes the numbers of users stands with the day on which it did, and who has no second factor with the day of
// the registration; for the organisation, and for all.
func countsByDay(t *testing.T, s Contract) {
	clock := NewClock()
	counter := report.Counter{Store: s, Now: clock.Now}
	first := user.On(clock.Now())
	all := history(somebody) // registered, enrolled, …
	must(t, counter.Observe(t.Context(), all[0]))
	other := history("other")[0]
	other.Organization, other.Enforcement.Kind = "elsewhere", user.Required
	must(t, counter.Observe(t.Context(), other))
	demandDays(t, s, Organization, first, user.DayCounts{Day: first, Change: user.Trend{Users: 1}, Waiting: map[user.Class]int64{{}: 1}})
	clock.Advance(24 * time.Hour)
	second := user.On(clock.Now())
	for range 2 {
		must(t, counter.Observe(t.Context(), all[1]))
		must(t, counter.Observe(t.Context(), all[2]))
	}
	none := map[user.Class]int64{}
	demandDays(t, s, Organization, first,
		user.DayCounts{Day: first, Change: user.Trend{Users: 1}, Waiting: none}, user.DayCounts{Day: second, Change: user.Trend{Enrolled: 1}, Waiting: none})
	demandDays(t, s, Organization, second, user.DayCounts{Day: second, Change: user.Trend{Enrolled: 1}, Waiting: none})
	demandDays(t, s, "elsewhere", first, user.DayCounts{Day: first, Change: user.Trend{Users: 1}, Waiting: map[user.Class]int64{{Enforcement: user.Required}: 1}})
	demandDays(t, s, report.Everyone, first,
		user.DayCounts{Day: first, Change: user.Trend{Users: 2}, Waiting: none}, user.DayCounts{Day: second, Change: user.Trend{Enrolled: 1}, Waiting: none})
	gone := all[len(all)-1].Bury(clock.Now())
	must(t, counter.Observe(t.Context(), gone))
	demandDays(t, s, Organization, second, user.DayCounts{Day: second, Change: user.Trend{Users: -1}, Waiting: none})
	eventually(t, "the counts of all", func() bool {
		tallies, err := s.Tallies(t.Context())
		must(t, err)
		users := map[string]int64{}
		for _, tally := range tallies {
			for _, n := range tally.ByClass {
				users[tally.Organization] += n
			}
		}
		return users[Organization] == 0 && users["elsewhere"] == 1
	})
}

func demandDays(t *testing.T, s Contract, organization string, from user.Day, want ...user.DayCounts) {
	t.Helper()
	var got []user.DayCounts
	defer func() {
		if t.Failed() {
			t.Logf("days of %q from %s: %+v", organization, from, got)
		}
	}()
	eventually(t, "the days", func() bool {
		var err error
		got, err = s.Days(t.Context(), organization, from)
		must(t, err)
		return reflect.DeepEqual(got, want)
	})
}

// recounts: counts that went wrong are made anew, from the users, while nobody counts; whoever counts meanwhile comes again.
func recounts(t *testing.T, s Contract) {
	clock := NewClock()
	counter := report.Counter{Store: s, Now: clock.Now}
	var want report.Recounted
	want.Counts.ByClass = map[user.Class]int64{}
	for i := range 7 {
		all := history(fmt.Sprint("u", i))
		for _, p := range all[:1+i] {
			must(t, s.Write(t.Context(), user.Change{Profile: &p}))
		}
		last := all[i]
		if i != 3 { // never counted
			must(t, counter.Observe(t.Context(), last))
		}
		want.Counts.ByClass[last.Class()]++
	}
	// Somebody was counted who is not there, and somebody twice.
	ghost := user.Counted{Organization: Organization, User: "ghost", Rev: 1, Registered: user.On(clock.Now())}
	must(t, s.Count(t.Context(), user.Counted{Organization: Organization, User: "ghost"}, ghost, clock.Now()))
	eventually(t, "the index", func() bool {
		found, _, err := s.Standing(t.Context(), Organization, "", 10)
		must(t, err)
		return len(found) == 7
	})
	during := func(context.Context) error {
		late := history("late")[0]
		conflict(t, "counting while it is counted anew", counter.Observe(t.Context(), late))
		held, err := s.BeginRecount(t.Context(), Organization, "another", clock.Now(), clock.Now().Add(time.Minute))
		must(t, err)
		if held {
			t.Error("two count anew at once")
		}
		return nil
	}
	r := report.Recounter{Store: s, Now: clock.Now, Wait: during}
	got, err := r.Recount(t.Context(), Organization, "first")
	must(t, err)
	want.Users, want.Mended, want.Differs, want.Counts.AsOf = 7, 1, true, clock.Now()
	same(t, "recounted", got, want)
	demandCounts(t, s, want.Counts)
	demandDays(t, s, Organization, user.On(second(1)), user.DayCounts{
		Day: user.On(second(1)), Change: user.Trend{Users: 7, Enrolled: 5}, Waiting: map[user.Class]int64{{}: 1},
	})
	clock.Advance(time.Second)
	must(t, counter.Observe(t.Context(), history("late")[0]))
	r.Wait = func(context.Context) error { return nil }
	late := history("late")[0]
	must(t, s.Write(t.Context(), user.Change{Profile: &late}))
	eventually(t, "the index", func() bool {
		found, _, err := s.Standing(t.Context(), Organization, "", 10)
		must(t, err)
		return len(found) == 8
	})
	if got, err = r.Recount(t.Context(), Organization, "second"); err != nil || got.Users != 8 || got.Mended != 0 || got.Differs {
		t.Errorf("counts that are right, counted anew: %+v, %v", got, err)
	}
	conflict(t, "counts that are held no more", s.EndRecount(t.Context(), "first", clock.Now(), user.Tally{Organization: Organization}, nil))
}
