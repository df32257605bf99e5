package memstore

import (
	"context"
	"maps"
	"time"

	"twofold/pkg/report"
	"twofold/pkg/user"
)

// hold is who counts anew, and until when nobody else counts.
type hold struct {
	by    string
	until time.Time
}

// BeginRecount implements report.RecountStore.
func (s *Store) BeginRecount(_ context.Context, organization, by string, now, until time.Time) (held bool, err error) {
	err = s.do(BeginRecount, func() error {
		stored := s.holds[organization]
		if held = stored.until.Before(now) || stored == (hold{by, until}); held {
			s.holds[organization] = hold{by, until}
		}
		return nil
	})
	return held, err
}

// KeepRecount implements report.RecountStore.
func (s *Store) KeepRecount(_ context.Context, organization, by string, now, until time.Time) (held bool, err error) {
	err = s.do(KeepRecount, func() error {
		stored := s.holds[organization]
		if held = stored.by == by && !stored.until.Before(now); held {
			s.holds[organization] = hold{by, until}
		}
		return nil
	})
	return held, err
}

// Standing implements report.RecountStore.
func (s *Store) Standing(ctx context.Context, organization, after string, limit int) (found []report.Standing, next string, err error) {
	listed, next, err := s.Users(ctx, organization, report.UserQuery{Sort: report.ByUser, Limit: limit, After: after})
	if err != nil {
		return nil, "", err
	}
	err = s.do(Standing, func() error {
		for _, l := range listed {
			at := member{organization, l.Profile.User}
			found = append(found, report.Standing{Is: s.profiles[at].Counted(), Was: s.counted[at]})
		}
		return nil
	})
	return found, next, err
}

// Recounted implements report.RecountStore.
func (s *Store) Recounted(_ context.Context, users []user.Counted) error {
	return s.do(Recounted, func() error {
		for _, u := range users {
			if at := (member{u.Organization, u.User}); s.counted[at].Rev <= u.Rev {
				s.counted[at] = u
			}
		}
		return nil
	})
}

// EndRecount implements report.RecountStore.
func (s *Store) EndRecount(_ context.Context, by string, now time.Time, tally user.Tally, days []user.DayCounts) error {
	return s.do(EndRecount, func() error {
		stored := s.holds[tally.Organization]
		if stored.by != by || stored.until.Before(now) {
			if counts := s.counts[tally.Organization]; stored.by == by && counts.AsOf.Equal(micro(tally.AsOf)) && counts.Equal(tally.Counts) {
				return nil
			}
			return user.ErrConflict
		}
		for _, d := range s.days[tally.Organization] {
			d.Waiting = map[user.Class]int64{}
		}
		for _, d := range days {
			s.day(tally.Organization, d.Day).Waiting = maps.Clone(d.Waiting)
		}
		s.counts[tally.Organization] = user.Counts{AsOf: micro(tally.AsOf), ByClass: maps.Clone(tally.ByClass)}
		s.holds[tally.Organization] = hold{by: by}
		return nil
	})
}

// waits reports whether counting an organisation has to wait for somebody who counts it anew.
func (s *Store) waits(organization string, now time.Time) bool {
	return !s.holds[organization].until.Before(now)
}
