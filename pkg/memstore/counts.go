package memstore

import (
	"context"
	"maps"
	"slices"
	"time"

	"twofold/pkg/report"
	"twofold/pkg/user"
)

// Counts implements policy.Store.
func (s *Store) Counts(_ context.Context, organization string) (counts user.Counts, err error) {
	err = s.do(Counts, func() error {
		counts = s.counts[organization]
		counts.ByClass = maps.Clone(counts.ByClass)
		return nil
	})
	return counts, err
}

// Counted implements report.CountStore.
func (s *Store) Counted(_ context.Context, organization, id string) (counted user.Counted, err error) {
	err = s.do(Counted, func() error {
		counted = user.Counted{Organization: organization, User: id}
		if stored, present := s.counted[member{organization, id}]; present {
			counted = stored
		}
		return nil
	})
	return counted, err
}

// Count implements report.CountStore.
func (s *Store) Count(_ context.Context, before, after user.Counted, now time.Time) error {
	return s.do(Count, func() error {
		at := member{after.Organization, after.User}
		stored := s.counted[at]
		return commit([]part{{
			holds: stored.Rev == before.Rev && !s.waits(after.Organization, now), ours: stored == after,
			apply: func() {
				s.counted[at] = after
				s.move(before, after, now)
			},
		}})
	})
}

func (s *Store) move(before, after user.Counted, now time.Time) {
	counts := s.counts[after.Organization]
	counts.AsOf = micro(now)
	if counts.ByClass == nil {
		counts.ByClass = map[user.Class]int64{}
	}
	for _, m := range []struct {
		of user.Counted
		n  int64
	}{{after, 1}, {before, -1}} {
		if m.of.In() {
			counts.ByClass[m.of.Class] += m.n
		}
		if m.of.Waits() {
			s.day(after.Organization, m.of.Registered).Waiting[m.of.Class] += m.n
		}
	}
	none := func(_ user.Class, n int64) bool { return n == 0 }
	maps.DeleteFunc(counts.ByClass, none)
	s.counts[after.Organization] = counts
	if change := after.Trend().Less(before.Trend()); change != (user.Trend{}) {
		day := s.day(after.Organization, user.On(now))
		day.Change.Users += change.Users
		day.Change.Enrolled += change.Enrolled
	}
}

// day is what is counted of a day, from now on if nothing was.
func (s *Store) day(organization string, day user.Day) *user.DayCounts {
	days := s.days[organization]
	if days == nil {
		days = map[user.Day]*user.DayCounts{}
		s.days[organization] = days
	}
	if days[day] == nil {
		days[day] = &user.DayCounts{Day: day, Waiting: map[user.Class]int64{}}
	}
	return days[day]
}

// Tallies implements report.Store.
func (s *Store) Tallies(context.Context) (all []user.Tally, err error) {
	err = s.do(Tallies, func() error {
		for organization, counts := range s.counts {
			counts.ByClass = maps.Clone(counts.ByClass)
			all = append(all, user.Tally{Organization: organization, Counts: counts})
		}
		return nil
	})
	return all, err
}

// Days implements report.Store.
func (s *Store) Days(_ context.Context, organization string, from user.Day) (found []user.DayCounts, err error) {
	err = s.do(Days, func() error {
		sums := map[user.Day]user.DayCounts{}
		for of, days := range s.days {
			for _, d := range days {
				if d.Day < from || organization != report.Everyone && of != organization {
					continue
				}
				sum := user.DayCounts{Day: d.Day, Waiting: map[user.Class]int64{}}
				if organization != report.Everyone {
					sum.Waiting = maps.Clone(d.Waiting)
					maps.DeleteFunc(sum.Waiting, func(_ user.Class, n int64) bool { return n == 0 })
				}
				sum.Change = user.Trend{Users: sums[d.Day].Change.Users + d.Change.Users, Enrolled: sums[d.Day].Change.Enrolled + d.Change.Enrolled}
				sums[d.Day] = sum
			}
		}
		for _, day := range slices.Sorted(maps.Keys(sums)) {
			found = append(found, sums[day])
		}
		return nil
	})
	return found, err
}

// AddFacts implements report.FactsStore.
func (s *Store) AddFacts(_ context.Context, organization, id string, f user.Facts) error {
	return s.do(AddFacts, func() error {
		at := member{organization, id}
		stored, present := s.profiles[at]
		if known := stored.Facts.With(f); present && stored.Told(f) && known != stored.Facts {
			stored.Facts = known
			s.profiles[at] = stored
			s.written = append(s.written, settleProfile(stored))
		}
		return nil
	})
}
