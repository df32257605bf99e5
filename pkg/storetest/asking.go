package storetest

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"twofold/pkg/audit"
	"twofold/pkg/report"
	"twofold/pkg/user"
)

// asked are events of two actors about two users, of three kinds, some at the same moment; and beside each a trap of another organisation.
func asked(t *testing.T, s Contract, n int) (all []audit.Event) {
	t.Helper()
	for i := range n {
		e := audit.Event{
			ID: fmt.Sprintf("event-%03d", i), At: second(1).Add(time.Duration(i/2) * time.Second), Organization: Organization,
			Kind:  []audit.Kind{audit.UserReset, audit.UserRequired, audit.PolicyChanged}[i%3],
			Actor: []string{"ann", "ann#2", ""}[i/2%3], User: []string{"u", "u#1", ""}[i/4%3],
		}
		trap := e
		trap.Organization += ".trap"
		all = append(all, e)
		must(t, s.Write(t.Context(), user.Change{Events: []audit.Event{e, trap}}))
	}
	return all
}

// eventQueries: whatever is asked for, in whatever pages and direction, is given whole, once, in order.
func eventQueries(t *testing.T, s Contract) {
	const n = 40
	all := asked(t, s, n)
	queries := map[string]report.EventQuery{
		"everything": {}, "from": {From: all[7].At}, "to": {To: all[30].At}, "a period": {From: all[7].At, To: all[30].At},
		"one moment": {From: all[8].At, To: all[8].At.Add(time.Microsecond)}, "an empty period": {From: all[30].At, To: all[7].At},
		"an actor": {Actor: "ann"}, "another actor": {Actor: "ann#2", From: all[7].At}, "a user": {User: "u"}, "another user": {User: "u#1", To: all[30].At},
		"a user's, by an actor": {User: "u", Actor: "ann"}, "a kind": {Kinds: []audit.Kind{audit.UserReset}},
		"two kinds": {Kinds: []audit.Kind{audit.UserReset, audit.PolicyChanged}, From: all[3].At}, "an actor's kind": {Actor: "ann", Kinds: []audit.Kind{audit.UserRequired}},
		"all at once": {From: all[2].At, To: all[39].At, User: "u#1", Actor: "ann#2", Kinds: []audit.Kind{audit.UserReset}}, "nobody": {Actor: "an"}, "no kind": {Kinds: []audit.Kind{"x"}},
	}
	eventually(t, "the indexes", func() bool {
		mine, _, err := s.Events(t.Context(), Organization, report.EventQuery{Actor: "ann", Limit: n})
		must(t, err)
		about, _, err := s.Events(t.Context(), Organization, report.EventQuery{User: "u", Limit: n})
		must(t, err)
		return len(mine) == 14 && len(about) == 16
	})
	for name, q := range queries {
		var want []audit.Event
		for _, e := range all {
			if q.Matches(e) {
				want = append(want, e)
			}
		}
		for _, q.Limit = range []int{1, 3, n} {
			for _, q.Descending = range []bool{false, true} {
				wanted := slices.Clone(want)
				if q.Descending {
					slices.Reverse(wanted)
				}
				same(t, fmt.Sprintf("%s, pages of %d, descending %v", name, q.Limit, q.Descending), askedFor(t, s, q), wanted)
			}
		}
	}
}

// askedFor reads all pages; one may be empty and not the last.
func askedFor(t *testing.T, s Contract, q report.EventQuery) (rows []audit.Event) {
	t.Helper()
	for range 1000 {
		page, next, err := s.Events(t.Context(), Organization, q)
		must(t, err)
		if len(page) > q.Limit {
			t.Fatalf("%d rows in a page of %d", len(page), q.Limit)
		}
		rows = append(rows, page...)
		if next == "" {
			return rows
		}
		q.After = next
	}
	t.Fatal("the pages do not end")
	return nil
}

// rareEvents: a page looks at no more than so many, and the next goes on where it ended.
func rareEvents(t *testing.T, s Contract) {
	const n = report.MaxLooked + 100
	var changes []user.Change
	for i := range n {
		e := audit.Event{ID: fmt.Sprintf("event-%05d", i), At: second(1).Add(time.Duration(i) * time.Millisecond), Kind: audit.UserReset, Organization: Organization}
		if i == 3 || i == n-1 {
			e.Kind = audit.PolicyChanged
		}
		if changes = append(changes, user.Change{Events: []audit.Event{e}}); len(changes) == 100 || i == n-1 {
			must(t, s.WriteMany(t.Context(), changes))
			changes = nil
		}
	}
	q := report.EventQuery{Kinds: []audit.Kind{audit.PolicyChanged}, Limit: 10}
	page, next, err := s.Events(t.Context(), Organization, q)
	must(t, err)
	if len(page) != 1 || next == "" {
		t.Errorf("the first page has %d events, and %q comes next", len(page), next)
	}
	q.After = next
	page, next, err = s.Events(t.Context(), Organization, q)
	must(t, err)
	if len(page) != 1 || next != "" {
		t.Errorf("the second page has %d events, and %q comes next", len(page), next)
	}
}
