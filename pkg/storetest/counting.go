package storetest

import (
	"errors"
	"fmt"
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
	same(t, "counted", got, user.Counted{Organization: Organization, User: somebody, Rev: 8, Class: counted})
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
