package storetest

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"twofold/pkg/audit"
	"twofold/pkg/report"
	"twofold/pkg/signin"
	"twofold/pkg/user"
)

// meter counts what it is told.
type meter struct {
	sync.Mutex
	seen map[signin.Pattern]int
}

func (m *meter) PatternSeen(_ string, p signin.Pattern) {
	m.Lock()
	defer m.Unlock()
	m.seen[p]++
}

func recorder(s Contract) (signin.Recorder, *meter) {
	m := &meter{seen: map[signin.Pattern]int{}}
	return signin.Recorder{Ledger: s, Meter: m, Now: NewClock().Now}, m
}

func signedIn(id string, rev int64, at time.Time, o signin.Outcome) signin.Entry {
	e := signin.Entry{
		Organization: Organization, User: id, At: at, ID: signin.IDOf(id, "", rev), Outcome: o, Way: "totp", For: user.SignIn, Address: "192.0.2.7",
	}
	if o != signin.Right {
		e.Reason = signin.NotOpen
	}
	if o == signin.Locked {
		e.LockedUntil = at.Add(time.Minute)
	}
	return e
}

func until(e signin.Entry) time.Time { return e.At.Add(signin.Retention) }

func signInsReturn(t *testing.T, s Contract) {
	NewWorld(t, s)
	var rows []signin.Entry
	for n, id := range []string{somebody, "another", somebody, "a#b", somebody} {
		outcome := []signin.Outcome{signin.Right, signin.Wrong, signin.Locked, signin.Suspended, signin.Right}[n]
		rows = append(rows, signedIn(id, int64(n+1), second(10*n), outcome))
	}
	foreign := rows[0]
	foreign.Organization = "globex.example"
	for _, err := range s.AddSignIns(t.Context(), append(slices.Clone(rows), rows[0], foreign), until) {
		must(t, err)
	}
	read := func(want []signin.Entry, more bool, q signin.Query) {
		t.Helper()
		q.From, q.To = cmp.Or(q.From, second(-1)), cmp.Or(q.To, second(1000))
		q.Limit = cmp.Or(q.Limit, 10)
		eventually(t, fmt.Sprintf("%+v", q), func() bool {
			got, further, err := s.SignIns(t.Context(), Organization, q)
			must(t, err)
			return slices.Equal(got, want) && further == more
		})
	}
	own := []signin.Entry{rows[0], rows[2], rows[4]}
	backward := slices.Clone(rows)
	slices.Reverse(backward)
	read(rows, false, signin.Query{})
	read(backward, false, signin.Query{Descending: true})
	read(rows[:2], true, signin.Query{Limit: 2})
	read(rows[2:4], true, signin.Query{Limit: 2, After: rows[1].Place()})
	read(backward[3:], false, signin.Query{Limit: 2, After: backward[2].Place(), Descending: true})
	read(rows[1:3], false, signin.Query{From: second(10), To: second(30)})
	read(nil, false, signin.Query{From: second(10), To: second(30), After: rows[4].Place()})
	read(nil, false, signin.Query{From: second(10), To: second(30), After: rows[0].Place(), Descending: true})
	read(own, false, signin.Query{User: somebody})
	read(own[1:2], true, signin.Query{User: somebody, After: own[0].Place(), Limit: 1})
	read(rows[3:4], false, signin.Query{User: "a#b"})
	read(nil, false, signin.Query{User: "b"})
	activity, err := s.Activity(t.Context(), Organization, somebody, 100)
	must(t, err)
	events, _, err := s.Events(t.Context(), Organization, report.EventQuery{Limit: 100})
	must(t, err)
	for _, e := range slices.Concat(activity, events) {
		if e.User == somebody {
			t.Errorf("the audit shows a sign-in: %+v", e)
		}
	}
}

// signInsReordered compares rows, counts and what was told with a model, whatever the order of records, and however often and with which others they come.
func signInsReordered(t *testing.T, s Contract) {
	const users, wrong = 60, signin.OrganizationFailures + 20
	var seen []signin.Seen
	model := map[string]signin.Entry{}
	for n := range wrong + 100 {
		e := signedIn(fmt.Sprint("user ", n%users), int64(n+1), second(n), signin.Right)
		if n < wrong {
			e = signedIn(e.User, int64(n+1), second(n), signin.Wrong)
		}
		model[e.Place()] = e
		failures := 0
		if n == 7 || n == 67 {
			failures = signin.UserFailures + n
		}
		seen = append(seen, signin.Seen{Entry: e, Failures: failures})
	}
	r, m := recorder(s)
	order := append(rand.Perm(len(seen)), rand.Perm(len(seen))[:200]...)
	for len(order) > 0 {
		n := min(1+rand.IntN(100), len(order))
		var batch []signin.Seen
		for _, at := range order[:n] {
			batch = append(batch, seen[at])
		}
		for _, err := range r.Record(t.Context(), batch) {
			must(t, err)
		}
		order = order[n:]
	}
	rows, more, err := s.SignIns(t.Context(), Organization, signin.Query{From: second(0), To: second(10000), Limit: 10000})
	must(t, err)
	if more || len(rows) != len(model) {
		t.Errorf("%d rows, want %d", len(rows), len(model))
	}
	for _, row := range rows {
		same(t, "row", row, model[row.Place()])
	}
	all := signin.Tally{Pattern: signin.GuessingOrganization, Organization: Organization, Window: second(0)}
	counts, err := s.Tallied(t.Context(), []signin.Tally{all})
	must(t, err)
	if c := counts[all]; c.N != wrong || c.Users > users || c.Users < users/2 || !c.Raised {
		t.Errorf("counted %+v, want %d of %d users", c, wrong, users)
	}
	want := map[signin.Pattern]int{signin.GuessingOrganization: 1, signin.GuessingSource: 1, signin.GuessingUser: 1}
	same(t, "what was counted", m.seen, want)
	demandPatterns(t, s, want)
}

// demandPatterns demands how often each pattern stands in the audit.
func demandPatterns(t *testing.T, s Contract, want map[signin.Pattern]int) {
	t.Helper()
	events, _, err := s.Events(t.Context(), Organization, report.EventQuery{Limit: 200})
	must(t, err)
	got := map[signin.Pattern]int{}
	for _, e := range events {
		if e.Kind != audit.GuessingSeen && e.Kind != audit.BombingSeen {
			continue
		}
		got[signin.Pattern(e.Details["pattern"])]++
		if e.Role != audit.System || !e.Notify || e.Details["since"] == "" || e.Details["count"] == "" {
			t.Errorf("told as %+v", e)
		}
	}
	same(t, "what was told", got, want)
}

func patternOnce(t *testing.T, s Contract) {
	r, m := recorder(s)
	spent := signin.Spent{
		Pattern: signin.BombingMailbox, Organization: Organization, Subject: "00ff", Window: second(0).Truncate(time.Hour), Used: 12, Limit: 15,
	}
	together(8, func(i int) {
		each := spent
		each.Used += int64(i % 4)
		if err := r.Watch(t.Context(), each); err != nil {
			t.Error(err)
		}
	})
	low := spent
	low.Subject, low.Used = "0000", 11
	must(t, r.Watch(t.Context(), low))
	same(t, "what was counted", m.seen, map[signin.Pattern]int{signin.BombingMailbox: 1})
	next := spent
	next.Window = next.Window.Add(time.Hour)
	must(t, r.Watch(t.Context(), next))
	demandPatterns(t, s, map[signin.Pattern]int{signin.BombingMailbox: 2})
}
