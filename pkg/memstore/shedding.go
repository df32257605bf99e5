package memstore

import (
	"context"
	"maps"
	"strings"
	"time"

	"twofold/pkg/ledger"
	"twofold/pkg/retention"
)

// Shedding implements retention.Store.
func (s *Store) Shedding(_ context.Context, after string, limit int) (organizations []string, next string, err error) {
	err = s.do(Shedding, func() error {
		organizations, next = pageOf(s.shedding, after, false, limit)
		return nil
	})
	return organizations, next, err
}

// Outdated implements retention.Store.
func (s *Store) Outdated(_ context.Context, l retention.Log, organization string, before time.Time, after string, limit int) (places []string, next string, err error) {
	err = s.do(Outdated, func() error {
		rows := map[string]string{}
		for place := range maps.Keys(s.events[organization]) {
			rows[place] = place
		}
		if l == retention.SignIns {
			rows = map[string]string{}
			for place := range maps.Keys(s.signIns[organization]) {
				rows[place] = place
			}
		}
		maps.DeleteFunc(rows, func(place, _ string) bool { return place >= before.UTC().Format(ledger.PlaceLayout) })
		all, last := pageOf(rows, after, false, limit)
		next = last
		for _, place := range all {
			if l == retention.SignIns || s.logged(organization, place) {
				places = append(places, place)
			}
		}
		return nil
	})
	return places, next, err
}

func (s *Store) logged(organization, place string) bool {
	at, id, _ := strings.Cut(place, "#")
	_, is := s.log(organization).entries[ledger.Place{At: at, ID: id}]
	return is
}

// Remove implements retention.Store.
func (s *Store) Remove(_ context.Context, l retention.Log, organization string, places []string) error {
	return s.do(Remove, func() error {
		for _, place := range places {
			if l == retention.SignIns {
				delete(s.signIns[organization], place)
			} else {
				delete(s.events[organization], place)
			}
		}
		return nil
	})
}
