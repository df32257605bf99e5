package memstore

import (
	"context"
	"maps"
	"time"

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
			holds: stored.Rev == before.Rev, ours: stored == after,
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
	if after.In() {
		counts.ByClass[after.Class]++
	}
	if before.In() {
		counts.ByClass[before.Class]--
	}
	maps.DeleteFunc(counts.ByClass, func(_ user.Class, n int64) bool { return n == 0 })
	s.counts[after.Organization] = counts
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
