package storetest

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"twofold/pkg/audit"
	"twofold/pkg/fault"
	"twofold/pkg/ledger"
	"twofold/pkg/org"
	"twofold/pkg/policy"
	"twofold/pkg/report"
	"twofold/pkg/retention"
	"twofold/pkg/signin"
	"twofold/pkg/user"
)

const day = 24 * time.Hour

// Keep puts another retention in force, as a confirmed policy does.
func (w *World) Keep(t testing.TB, r org.Retention) {
	t.Helper()
	_, stored, err := w.Store.ReadOrganization(t.Context(), w.Administrator.Credential, Organization)
	must(t, err)
	o := *stored
	o.Rev++
	o.Kept = o.Kept.Moved(o.Policy.Retention, w.Clock.Now())
	o.Policy.Retention = r
	must(t, w.Store.WriteOrganization(t.Context(), Organization, policy.Change{Organization: &o, Sheds: o.Sheds()}))
}

// Log writes an event about somebody every so often, n times, and appends each to the Merkle log; and a sign-in with each.
func (w *World) Log(t testing.TB, s Contract, n int, every time.Duration) (events []audit.Event, signIns []signin.Entry) {
	t.Helper()
	for range n {
		w.Clock.Advance(every)
		e := w.Event(audit.UserReset, somebody)
		must(t, s.Write(t.Context(), user.Change{Events: []audit.Event{e}}))
		must(t, errors.Join(Notary(s, w.Clock.Now).Append(t.Context(), []audit.Event{e})...))
		row := signedIn(somebody, int64(len(events)+1), w.Clock.Now().Truncate(time.Second), signin.Right)
		must(t, errors.Join(s.AddSignIns(t.Context(), []signin.Entry{row}, until)...))
		events, signIns = append(events, e), append(signIns, row)
	}
	return events, signIns
}

// Sweep makes the ticks of an hour.
func (w *World) Sweep(t testing.TB, s Contract) {
	t.Helper()
	for range retention.Slots {
		must(t, w.sweeper(s).Tick(t.Context(), w.Clock.Now().Add(time.Hour)))
		w.Clock.Advance(time.Hour / retention.Slots)
	}
}

func (w *World) sweeper(s Contract) *retention.Sweeper {
	return &retention.Sweeper{Store: s, Now: w.Clock.Now}
}

func sheddingReturns(t *testing.T, s Contract) {
	var want []string
	for _, id := range []string{"c", "a", "b", "a"} {
		must(t, s.WriteOrganization(t.Context(), id, policy.Change{Sheds: true}))
	}
	for after := ""; ; {
		some, next, err := s.Shedding(t.Context(), after, 1)
		must(t, err)
		want = append(want, some...)
		if after = next; after == "" {
			break
		}
	}
	same(t, "organisations", want, []string{"a", "b", "c"})
}

// outdated reads all that may be removed of a log, in pages of two.
func outdated(t *testing.T, s Contract, l retention.Log, organization string, before time.Time) (all []string) {
	t.Helper()
	for after := ""; ; {
		some, next, err := s.Outdated(t.Context(), l, organization, before, after, 2)
		must(t, err)
		all = append(all, some...)
		if after = next; after == "" {
			return all
		}
	}
}

func outdatedReturns(t *testing.T, s Contract) {
	w := NewWorld(t, s)
	events, signIns := w.Log(t, s, 5, time.Minute)
	unlogged := w.Event(audit.UserReset, somebody)
	unlogged.At = events[1].At
	foreign := signIns[0]
	foreign.Organization = "globex.example"
	must(t, s.Write(t.Context(), user.Change{Events: []audit.Event{unlogged}}))
	must(t, errors.Join(s.AddSignIns(t.Context(), []signin.Entry{foreign}, until)...))
	var places, rows []string
	for at := range events {
		place := ledger.PlaceOf(events[at])
		places, rows = append(places, place.At+"#"+place.ID), append(rows, signIns[at].Place())
	}
	before := events[3].At
	same(t, "events", outdated(t, s, retention.Audit, Organization, before), places[:3])
	same(t, "sign-ins", outdated(t, s, retention.SignIns, Organization, before.Truncate(time.Second)), rows[:3])
	for range 2 { // the second time nothing is there
		must(t, s.Remove(t.Context(), retention.Audit, Organization, places[:2]))
		must(t, s.Remove(t.Context(), retention.SignIns, Organization, rows[:2]))
	}
	same(t, "events that are left", outdated(t, s, retention.Audit, Organization, before), places[2:3])
	same(t, "sign-ins that are left", outdated(t, s, retention.SignIns, Organization, before), rows[2:4])
	same(t, "sign-ins of another", outdated(t, s, retention.SignIns, "globex.example", before), rows[:1])
	leaves, err := s.LeafRange(t.Context(), Organization, 0, 10)
	must(t, err)
	entries, err := s.Entries(t.Context(), Organization, []ledger.Place{ledger.PlaceOf(events[0]), ledger.PlaceOf(unlogged)})
	must(t, err)
	if len(leaves) != 5 || len(entries) != 1 {
		t.Errorf("the log has %d leaves and %v", len(leaves), entries)
	}
}

// since reads all of the audit that a query shows, in pages of three, and lets time go by between them.
func (w *World) since(t *testing.T, s Contract, q report.EventQuery, pass time.Duration) (ids []string) {
	t.Helper()
	q.Limit = 3
	reports := &report.Service{Store: s, Now: w.Clock.Now}
	for cursor := ""; ; {
		page, err := reports.Events(t.Context(), w.Administrator, Organization, q, cursor)
		must(t, err)
		for _, e := range page.Events {
			ids = append(ids, e.ID)
		}
		if cursor = page.Cursor; cursor == "" {
			return ids
		}
		w.Clock.Advance(pass)
	}
}

// keptIsShown: whatever is asked for, what is older than the policy keeps is as gone, at once and on every page, removed or not.
func keptIsShown(t *testing.T, s Contract) {
	w := NewWorld(t, s)
	events, _ := w.Log(t, s, 12, 40*day)
	w.Keep(t, org.Retention{AuditDays: 366})
	ids := func(events []audit.Event) (ids []string) {
		for _, e := range events {
			ids = append(ids, e.ID)
		}
		return ids
	}
	want := ids(events[2:]) // the first two are 440 and 400 days old
	backward := slices.Clone(want)
	slices.Reverse(backward)
	kinds := []audit.Kind{audit.UserReset}
	for name, q := range map[string]report.EventQuery{
		"a user": {User: somebody}, "of an actor": {Actor: "root", User: somebody}, "a kind": {Kinds: kinds}, "a time": {From: events[0].At, Kinds: kinds},
		"all": {Kinds: kinds, To: w.Clock.Now().Add(time.Hour)},
	} {
		eventually(t, name, func() bool { return slices.Equal(w.since(t, s, q, 0), want) })
		q.Descending = true
		same(t, name+", backward", w.since(t, s, q, 0), backward)
		q.Descending, q.To = false, events[1].At.Add(1)
		same(t, name+", of what is gone", w.since(t, s, q, 0), nil)
	}
	// Pages that the retention overtakes: the cursor of each stands with what is gone by the next.
	got := w.since(t, s, report.EventQuery{User: somebody}, 160*day)
	same(t, "pages that the retention overtakes", got, slices.Concat(want[:3], want[4:7], want[8:]))
	events, _ = w.Log(t, s, 12, 40*day)
	eventually(t, "more events", func() bool { return len(w.since(t, s, report.EventQuery{User: somebody}, 0)) == 10 })
	backward = ids(events[6:])
	slices.Reverse(backward)
	same(t, "backward", w.since(t, s, report.EventQuery{User: somebody, Descending: true}, 120*day), backward)
}

// swept: what is removed is what nobody is shown, and it is all of that but what the log has not; the log proves what is left and what is gone.
func swept(t *testing.T, s Contract) {
	w := NewWorld(t, s)
	old := w.Event(audit.UserReset, somebody)
	must(t, s.Write(t.Context(), user.Change{Events: []audit.Event{old}})) // lost by the stream
	events, signIns := w.Log(t, s, 60, 10*day)
	must(t, Notary(s, w.Clock.Now).Tick(t.Context(), w.Clock.Now().Add(time.Hour)))
	w.Sweep(t, s)
	everything := outdated(t, s, retention.Audit, Organization, w.Clock.Now())
	w.Keep(t, org.Retention{AuditDays: 366, SignInDays: 15})
	w.Sweep(t, s)
	left, rows := outdated(t, s, retention.Audit, Organization, w.Clock.Now()), outdated(t, s, retention.SignIns, Organization, w.Clock.Now())
	if len(everything) != 60 || len(left) != 37 || len(rows) != 2 || rows[0] != signIns[58].Place() {
		t.Fatalf("of %d events %d are left, of 60 sign-ins %v", len(everything), len(left), rows)
	}
	there, err := s.EventsAt(t.Context(), Organization, []ledger.Place{ledger.PlaceOf(old)})
	must(t, err)
	if len(there) != 1 {
		t.Error("an event that the log has not is gone")
	}
	w.provesWhatIsLeft(t, s, events, 23)
	w.Keep(t, org.Retention{})
	w.provesWhatIsLeft(t, s, events, 23) // a longer retention is no excuse for a gap, and brings nothing back
}

// provesWhatIsLeft demands that the first gone leaves have a proof without an event, and the others both.
func (w *World) provesWhatIsLeft(t *testing.T, s Contract, events []audit.Event, gone int) {
	t.Helper()
	reports := &report.Service{Store: s, Now: w.Clock.Now}
	page, err := reports.Lines(t.Context(), w.Administrator, Organization, 0, 0, 200)
	must(t, err)
	signed, err := ledger.Open(page.Checkpoint.Note, page.Checkpoint.Keys[0])
	must(t, err)
	if len(page.Lines) != len(events) || !page.Since.After(events[gone-1].At) || page.Since.After(events[gone].At) {
		t.Fatalf("%d lines, kept since %v", len(page.Lines), page.Since)
	}
	for at, l := range page.Lines {
		if (l.Event == nil) != (at < gone) || !ledger.Includes(l.Hash, l.Leaf, signed.Size, l.Proof, signed.Root) {
			t.Errorf("line %d: %s", at, l.JSON())
		}
		leaf := uint64(at)
		for _, q := range []report.InclusionQuery{{Leaf: &leaf}, {Event: events[at].ID}} {
			_, _, err := reports.Inclusion(t.Context(), w.Administrator, Organization, q)
			if at < gone && !errors.Is(err, report.ErrNotKept) || at >= gone && err != nil {
				t.Errorf("the proof of %d: %v", at, err)
			}
		}
	}
}

// sweptTogether: sweepers and administrators at once. What any policy kept from its first moment on is all there in the end.
func sweptTogether(t *testing.T, s Contract) {
	w := NewWorld(t, s)
	events, _ := w.Log(t, s, 50, 10*day)
	w.Keep(t, org.Retention{AuditDays: 400, SignInDays: 20})
	together(4, func(i int) {
		if i == 0 {
			w.Keep(t, org.Retention{AuditDays: 3660, SignInDays: 90})
			return
		}
		for range retention.Slots {
			if err := w.sweeper(s).Tick(t.Context(), w.Clock.Now().Add(time.Hour)); err != nil && fault.As(err).Kind != fault.Unavailable {
				t.Error(err)
			}
			w.Clock.Advance(time.Minute)
		}
	})
	_, o, err := s.ReadOrganization(t.Context(), w.Administrator.Credential, Organization)
	must(t, err)
	left := map[string]bool{}
	for _, place := range outdated(t, s, retention.Audit, Organization, w.Clock.Now()) {
		left[place] = true
	}
	for at, e := range events {
		place := ledger.PlaceOf(e)
		if !e.At.Before(o.AuditSince(w.Clock.Now())) && !left[place.At+"#"+place.ID] {
			t.Error(fmt.Sprint("event ", at, " is kept, and is gone"))
		}
	}
}
