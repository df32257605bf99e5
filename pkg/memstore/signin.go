package memstore

import (
	"context"
	"maps"
	"time"

	"twofold/pkg/audit"
	"twofold/pkg/signin"
	"twofold/pkg/user"
)

// tally is how often a tally was counted, by whom, and the event that was raised for it.
type tally struct {
	n       int64
	buckets map[int]bool
	event   string
}

// AddSignIns implements signin.Ledger.
func (s *Store) AddSignIns(_ context.Context, rows []signin.Entry, _ func(signin.Entry) time.Time) []error {
	failed := make([]error, len(rows))
	for i, row := range rows {
		failed[i] = s.do(AddSignIns, func() error {
			s.signIn(row)
			return nil
		})
	}
	return failed
}

func (s *Store) signIn(row signin.Entry) {
	if s.signIns[row.Organization] == nil {
		s.signIns[row.Organization] = map[string]signin.Entry{}
	}
	row.At, row.LockedUntil = micro(row.At), micro(row.LockedUntil)
	s.signIns[row.Organization][row.Place()] = row
}

// CountSignIn implements signin.Ledger.
func (s *Store) CountSignIn(_ context.Context, row signin.Entry, _ time.Time, in []signin.Tally) error {
	return s.do(CountSignIn, func() error {
		if _, there := s.signIns[row.Organization][row.Place()]; there {
			return nil
		}
		s.signIn(row)
		for _, t := range in {
			stored := s.tallyOf(t)
			stored.n++
			stored.buckets[t.Bucket] = true
			s.tallies[t.Name()] = stored
		}
		return nil
	})
}

func (s *Store) tallyOf(t signin.Tally) tally {
	stored := s.tallies[t.Name()]
	if stored.buckets == nil {
		stored.buckets = map[int]bool{}
	}
	return stored
}

// Tallied implements signin.Ledger.
func (s *Store) Tallied(_ context.Context, of []signin.Tally) (counts map[signin.Tally]signin.Count, err error) {
	counts = map[signin.Tally]signin.Count{}
	err = s.do(Tallied, func() error {
		for _, t := range of {
			stored := s.tallyOf(t)
			counts[t] = signin.Count{N: stored.n, Users: len(stored.buckets), Raised: stored.event != ""}
		}
		return nil
	})
	return counts, err
}

// Raise implements signin.Ledger.
func (s *Store) Raise(_ context.Context, t signin.Tally, e audit.Event) error {
	return s.do(Raise, func() error {
		stored := s.tallyOf(t)
		if stored.event == e.ID {
			return nil
		}
		if stored.event != "" {
			return user.ErrConflict
		}
		if err := commit(s.eventParts([]audit.Event{e})); err != nil {
			return err
		}
		stored.event = e.ID
		s.tallies[t.Name()] = stored
		return nil
	})
}

// SignIns implements signin.Store.
func (s *Store) SignIns(_ context.Context, organization string, q signin.Query) (page []signin.Entry, more bool, err error) {
	err = s.do(SignIns, func() error {
		rows := maps.Clone(s.signIns[organization])
		low, high := q.From.UTC().Format(signin.PlaceLayout), q.To.UTC().Format(signin.PlaceLayout)
		maps.DeleteFunc(rows, func(place string, e signin.Entry) bool {
			return place < low || place > high || q.User != "" && e.User != q.User
		})
		var last string
		page, last = pageOf(rows, q.After, q.Descending, q.Limit)
		more = last != ""
		return nil
	})
	return page, more, err
}
