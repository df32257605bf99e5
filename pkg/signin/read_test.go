package signin_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"twofold/pkg/access"
	"twofold/pkg/fault"
	"twofold/pkg/memstore"
	"twofold/pkg/org"
	"twofold/pkg/policy"
	"twofold/pkg/signin"
)

type reader struct {
	signin.Service
	t      *testing.T
	store  *memstore.Store
	caller access.Caller
	now    time.Time
}

func newReader(t *testing.T) *reader {
	r := &reader{t: t, store: memstore.New(), now: noon.AddDate(0, 0, 1)}
	r.Service = signin.Service{Store: r.store, Now: func() time.Time { return r.now }}
	key, text := access.NewKey(access.Reader, noon)
	key.Holder, key.Organizations, key.Permissions = "siem", []string{"acme"}, []access.Permission{access.AuditRead}
	o := org.Organization{ID: "acme", Rev: 1, CreatedAt: noon, Policy: org.DefaultOrganizationPolicy(noon)}
	r.must(r.store.WriteOrganization(t.Context(), o.ID, policy.Change{Organization: &o, Keys: []access.Key{key}}))
	var err error
	r.caller.Credential, err = access.Parse(text)
	r.must(err)
	return r
}

func (r *reader) must(err error) {
	r.t.Helper()
	if err != nil {
		r.t.Fatal(err)
	}
}

// all reads page after page, and demands that each looks at a bounded number of rows.
func (r *reader) all(q signin.Query, f signin.Filter) (rows []signin.Entry, pages int) {
	r.t.Helper()
	for cursor := ""; ; {
		page, err := r.SignIns(r.t.Context(), r.caller, "acme", q, f, cursor)
		r.must(err)
		if len(page.Rows) > q.Limit {
			r.t.Fatalf("a page of %d rows, asked for %d", len(page.Rows), q.Limit)
		}
		rows = append(rows, page.Rows...)
		pages++
		if cursor = page.Cursor; cursor == "" {
			return rows, pages
		}
	}
}

// Pages of any size, order, times and filters are together what a look at every row gives.
func TestPagesAreAllThatFits(t *testing.T) {
	r := newReader(t)
	outcomes := []signin.Outcome{signin.Right, signin.Right, signin.Right, signin.Wrong, signin.Locked, signin.Suspended}
	ways := []string{"totp", "email", signin.AppPassword}
	var everything []signin.Entry
	for n := range 2200 {
		e := tried(fmt.Sprint("user ", rand.IntN(4)), "", n).Entry
		e.At = noon.Add(time.Duration(n/3) * time.Second) // several at once
		e.Outcome, e.Way = outcomes[rand.IntN(len(outcomes))], ways[rand.IntN(len(ways))]
		everything = append(everything, e)
	}
	r.store.AddSignIns(t.Context(), everything, nil)
	slices.SortFunc(everything, func(a, b signin.Entry) int {
		if a.Place() < b.Place() {
			return -1
		}
		return 1
	})
	for range 40 {
		q := signin.Query{Limit: 40 + rand.IntN(signin.MaxLimit-40), Descending: rand.IntN(2) == 0}
		var f signin.Filter
		if rand.IntN(2) == 0 {
			q.User = fmt.Sprint("user ", rand.IntN(5))
		}
		if rand.IntN(2) == 0 {
			q.From = noon.Add(time.Duration(rand.IntN(900)) * time.Second)
		}
		if rand.IntN(2) == 0 {
			q.To = noon.Add(time.Duration(900+rand.IntN(100)) * time.Second)
		}
		if rand.IntN(2) == 0 {
			f.Outcome = outcomes[rand.IntN(len(outcomes))]
		}
		if rand.IntN(2) == 0 {
			f.Way = ways[rand.IntN(len(ways))]
		}
		var want []signin.Entry
		for _, e := range everything {
			in := !e.At.Before(q.From) && (q.To.IsZero() || e.At.Before(q.To))
			if in && (q.User == "" || e.User == q.User) && (f.Outcome == "" || e.Outcome == f.Outcome) && (f.Way == "" || e.Way == f.Way) {
				want = append(want, e)
			}
		}
		if q.Descending {
			slices.Reverse(want)
		}
		if got, _ := r.all(q, f); !slices.Equal(got, want) {
			t.Fatalf("%+v, %+v: %d rows, want %d", q, f, len(got), len(want))
		}
	}
	none, pages := r.all(signin.Query{Limit: 50}, signin.Filter{Way: "sms"})
	if len(none) != 0 || pages != 3 {
		t.Errorf("a filter that takes nothing: %d rows on %d pages, want none on 3", len(none), pages)
	}
}

func TestRowsEndWithTheRetention(t *testing.T) {
	r := newReader(t)
	e := tried("ann", "", 0).Entry
	r.store.AddSignIns(t.Context(), []signin.Entry{e}, nil)
	for at, want := range map[time.Duration]int{signin.Retention: 1, signin.Retention + time.Microsecond: 0} {
		r.now = e.At.Add(at)
		for _, from := range []time.Time{{}, e.At} {
			if rows, _ := r.all(signin.Query{Limit: 5, From: from}, signin.Filter{}); len(rows) != want {
				t.Errorf("after %v, from %v: %d rows, want %d", at, from, len(rows), want)
			}
		}
	}
	r.Retention = 30 * 24 * time.Hour
	r.now = e.At.AddDate(0, 0, 31)
	if rows, _ := r.all(signin.Query{Limit: 5}, signin.Filter{}); len(rows) != 0 {
		t.Errorf("an organisation that keeps less sees %d rows", len(rows))
	}
}

// The organisation's policy may say less than all, and a longer one brings nothing back.
func TestRowsEndWithThePolicy(t *testing.T) {
	r := newReader(t)
	e := tried("ann", "", 0).Entry
	r.store.AddSignIns(t.Context(), []signin.Entry{e}, nil)
	r.now = e.At.AddDate(0, 0, 7)
	for rev, c := range []struct {
		change func(*org.Organization)
		want   int
	}{
		{func(o *org.Organization) { o.Policy.Retention.SignInDays = 7 }, 1},
		{func(o *org.Organization) { o.Policy.Retention.SignInDays = 6 }, 0},
		{func(o *org.Organization) { o.Policy.Retention.SignInDays = 90 }, 1},
		{func(o *org.Organization) { o.Kept.SignIns = e.At.Add(time.Second) }, 0},
	} {
		o := org.Organization{ID: "acme", Rev: int64(rev + 2), CreatedAt: noon, Policy: org.DefaultOrganizationPolicy(noon)}
		c.change(&o)
		r.must(r.store.WriteOrganization(t.Context(), o.ID, policy.Change{Organization: &o}))
		if rows, _ := r.all(signin.Query{Limit: 5}, signin.Filter{}); len(rows) != c.want {
			t.Errorf("%+v, %+v: %d rows, want %d", o.Policy.Retention, o.Kept, len(rows), c.want)
		}
	}
}

func TestACursorBelongsToItsQuery(t *testing.T) {
	r := newReader(t)
	for n := range 5 {
		r.store.AddSignIns(t.Context(), []signin.Entry{tried("ann", "", n).Entry}, nil)
	}
	q := signin.Query{Limit: 2, User: "ann"}
	page, err := r.SignIns(t.Context(), r.caller, "acme", q, signin.Filter{}, "")
	r.must(err)
	for name, change := range map[string]func(q *signin.Query, f *signin.Filter, cursor *string){
		"another user":   func(q *signin.Query, _ *signin.Filter, _ *string) { q.User = "bob" },
		"nobody's":       func(q *signin.Query, _ *signin.Filter, _ *string) { q.User = "" },
		"the other way":  func(q *signin.Query, _ *signin.Filter, _ *string) { q.Descending = true },
		"another time":   func(q *signin.Query, _ *signin.Filter, _ *string) { q.From = noon },
		"another filter": func(_ *signin.Query, f *signin.Filter, _ *string) { f.Outcome = signin.Right },
		"another text":   func(_ *signin.Query, _ *signin.Filter, c *string) { *c += "A" },
		"none of ours":   func(_ *signin.Query, _ *signin.Filter, c *string) { *c = "e30" },
	} {
		q, f, cursor := q, signin.Filter{}, page.Cursor
		change(&q, &f, &cursor)
		if _, err := r.SignIns(t.Context(), r.caller, "acme", q, f, cursor); !errors.Is(err, signin.ErrCursor) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := r.SignIns(t.Context(), r.caller, "acme", signin.Query{Limit: 1, From: noon, To: noon}, signin.Filter{}, ""); !errors.Is(err, signin.ErrTimes) {
		t.Errorf("an end at the beginning: %v", err)
	}
}

func TestWhoMayReadTheLog(t *testing.T) {
	r := newReader(t)
	if _, err := r.SignIns(t.Context(), r.caller, "globex", signin.Query{Limit: 1}, signin.Filter{}, ""); !errors.Is(err, access.ErrNotFound) {
		t.Errorf("another organisation: %v", err)
	}
	r.store.FailNext(memstore.ReadOrganization, false, errors.New("down"))
	if _, err := r.SignIns(t.Context(), r.caller, "acme", signin.Query{Limit: 1}, signin.Filter{}, ""); fault.As(err).Kind != fault.Unavailable {
		t.Errorf("an outage: %v", err)
	}
	r.store.FailNext(memstore.SignIns, false, errors.New("down"))
	if _, err := r.SignIns(t.Context(), r.caller, "acme", signin.Query{Limit: 1}, signin.Filter{}, ""); fault.As(err).Kind != fault.Unavailable {
		t.Errorf("an outage: %v", err)
	}
}
