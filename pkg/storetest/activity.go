package storetest

import (
	"slices"
	"testing"
	"time"

	"twofold/pkg/audit"
	"twofold/pkg/report"
	"twofold/pkg/user"
)

// activityReturns: the latest events about one user, nobody else's, not those of a user of the same id elsewhere, and not those about
// nobody, and a notice of one is no event besides.
func activityReturns(t *testing.T, s Contract) {
	w := &World{Clock: NewClock()}
	about := func(organization, id string) audit.Event {
		w.Clock.Advance(time.Second)
		e := w.Event(audit.UserReset, id)
		e.Organization, e.Actor = organization, "ann"
		must(t, s.Write(t.Context(), user.Change{Events: []audit.Event{e}}))
		return e
	}
	var want []string
	for range 4 {
		want = append(want, about(Organization, somebody).ID)
		about(Organization, "")
		about(Organization, somebody+"#2")
		about(Organization+"-2", somebody)
	}
	told := about(Organization, somebody)
	want = append(want, told.ID)
	notice := user.Notice{Organization: Organization, User: somebody, Event: told, To: []byte("sealed"), ExpiresAt: w.Clock.Now().Add(user.NoticeLife)}
	must(t, s.Write(t.Context(), user.Change{Notice: &notice}))
	eventually(t, "the events by somebody, which a notice of one is not", func() bool {
		found, _, err := s.Events(t.Context(), Organization, report.EventQuery{Actor: "ann", Limit: 100})
		must(t, err)
		return len(found) == 4*3+1
	})
	slices.Reverse(want)
	for limit, expected := range map[int][]string{10: want, 3: want[:3]} {
		if got := ids(t, s, limit); !slices.Equal(got, expected) {
			t.Errorf("up to %d: %v, want %v", limit, got, expected)
		}
	}
}

func ids(t *testing.T, s Contract, limit int) []string {
	t.Helper()
	events, err := s.Activity(t.Context(), Organization, somebody, limit)
	must(t, err)
	var found []string
	for _, e := range events {
		found = append(found, e.ID)
	}
	return found
}
