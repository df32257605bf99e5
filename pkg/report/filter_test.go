package report

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"

	"twofold/pkg/fault"
	"twofold/pkg/org"
	"twofold/pkg/user"
)

// anybody is a user at random, of few values, so that filters meet.
func anybody(r *rand.Rand) user.Profile {
	p := user.Profile{
		Organization: "acme", User: pick(r, "a", "b", "ab", "\U0010ffff") + pick(r, "", "#", "1"), Email: pick(r, "Ann", "bob", "a") + "@acme.example",
		RegisteredAt: noon.AddDate(0, 0, -r.IntN(60)),
	}
	if r.IntN(2) == 0 {
		p.EnrolledAt = noon.AddDate(0, 0, -r.IntN(5))
		p.Methods = [][]org.Method{{org.TOTP}, {org.Email, org.TOTP}, {org.SMS}}[r.IntN(3)]
	}
	if r.IntN(2) == 0 {
		p.Facts.VerifiedOn = user.On(noon.AddDate(0, 0, -r.IntN(5)))
	}
	if r.IntN(4) == 0 {
		p.Enforcement.Kind = user.Required
	}
	return p
}

func pick[T any](r *rand.Rand, of ...T) T { return of[r.IntN(len(of))] }

func anyFilter(r *rand.Rand) Filter {
	day := func() user.Day { return user.On(noon.AddDate(0, 0, -r.IntN(6))) }
	yes, no := true, false
	f := Filter{}
	for range r.IntN(3) {
		switch r.IntN(9) {
		case 0:
			f.Statuses = append(f.Statuses, pick(r, Enrolled, Overdue, NotObliged))
		case 1:
			f.Method = pick(r, org.TOTP, org.Email)
		case 2:
			f.Default = pick(r, org.TOTP, org.Email)
		case 3:
			f.TwoFactor = pick(r, &yes, &no)
		case 4:
			f.UserPrefix = pick(r, "a", "ab", "\U0010ffff")
		case 5:
			f.EmailPrefix = pick(r, "A", "ann@", "BOB")
		case 6:
			f.EnrolledFrom, f.EnrolledBefore = pick(r, "", day()), pick(r, "", day())
		case 7:
			f.VerifiedFrom = day()
		case 8:
			f.VerifiedBefore = day()
		}
	}
	return f
}

// No filter leaves out of its part of an order anybody whom it shows.
func TestWhoIsShownIsInTheSpan(t *testing.T) {
	shown := 0
	for seed := range uint64(20_000) {
		r := rand.New(rand.NewPCG(seed, 8))
		p, f := anybody(r), anyFilter(r)
		o, _ := in()
		if !f.Shows(row(o, p, noon)) {
			continue
		}
		shown++
		for _, sort := range Sorts() {
			if span := f.Span(sort); !span.Holds(sort.Value(p)) || sort != ByEmail && sort != ByMethod && !span.Holds(sort.SystemValue(p)) {
				t.Fatalf("%+v shows %+v, which is not in %+v of %s", f, p, span, sort)
			}
		}
	}
	if shown < 5_000 {
		t.Errorf("only %d were shown", shown)
	}
}

func TestWhatAFilterShows(t *testing.T) {
	o, p := in(enrolled) // on the day before, by TOTP
	p.Facts.VerifiedOn = "2026-11-20"
	o.Policy.Status = org.Forced
	_, fresh := in()
	yes, no := true, false
	for name, c := range map[string]struct {
		filter   Filter
		enrolled bool
		fresh    bool
	}{
		"none":                    {Filter{}, true, true},
		"a status":                {Filter{Statuses: []Status{Overdue, Pending}}, false, true},
		"a method":                {Filter{Method: org.TOTP}, true, false},
		"another method":          {Filter{Method: org.Email}, false, false},
		"a default":               {Filter{Default: org.TOTP}, true, false},
		"two-factor":              {Filter{TwoFactor: &yes}, true, false},
		"no two-factor":           {Filter{TwoFactor: &no}, false, true},
		"an id":                   {Filter{UserPrefix: "an"}, true, true},
		"another id":              {Filter{UserPrefix: "anna"}, false, false},
		"an address":              {Filter{EmailPrefix: "ANN@"}, true, true},
		"another address":         {Filter{EmailPrefix: "bob"}, false, false},
		"enrolled from":           {Filter{EnrolledFrom: "2026-11-21"}, true, false},
		"enrolled from later":     {Filter{EnrolledFrom: "2026-11-22"}, false, false},
		"enrolled before":         {Filter{EnrolledBefore: "2026-11-22"}, true, false},
		"enrolled before earlier": {Filter{EnrolledBefore: "2026-11-21"}, false, false},
		"verified from":           {Filter{VerifiedFrom: "2026-11-20"}, true, false},
		"verified from later":     {Filter{VerifiedFrom: "2026-11-21"}, false, false},
		"verified before":         {Filter{VerifiedBefore: "2026-11-21"}, true, true},
		"verified before earlier": {Filter{VerifiedBefore: "2026-11-20"}, false, true},
		"two things":              {Filter{TwoFactor: &yes, Statuses: []Status{Overdue}}, false, false},
	} {
		if got := c.filter.Shows(row(o, p, noon)); got != c.enrolled {
			t.Errorf("%s: who is enrolled is shown: %v", name, got)
		}
		if got := c.filter.Shows(row(o, fresh, noon)); got != c.fresh {
			t.Errorf("%s: who is not is shown: %v", name, got)
		}
	}
}

func TestDaysThatThereAreNot(t *testing.T) {
	for field, f := range map[string]Filter{
		"enrolled_from": {EnrolledFrom: "2026-02-30"}, "enrolled_before": {EnrolledBefore: "x"},
		"verified_from": {VerifiedFrom: "2026-13-01"}, "verified_before": {VerifiedBefore: "2026-1-1"},
	} {
		s, _, c := reader(t)
		_, err := s.Enrollment(t.Context(), c, "acme", Query{Sort: ByUser, Limit: 1, Filter: f})
		if !errors.Is(err, errDay) || fault.As(err).Field != "query."+field {
			t.Errorf("%s: %v", field, err)
		}
	}
}

// A page looks at so many users and no more, however few it shows; then the cursor goes on behind the last that was looked at.
func TestAPageLooksAtAThousand(t *testing.T) {
	s, store, c := reader(t)
	store.users = nil
	for i := range 2_500 {
		p := user.Profile{Organization: "acme", User: fmt.Sprintf("u%04d", i)}
		if i == 1_200 {
			p.Methods = []org.Method{org.TOTP}
		}
		store.users = append(store.users, p)
	}
	q := Query{Sort: ByUser, Limit: 50, Filter: Filter{Method: org.TOTP}}
	var shown, pages int
	for {
		store.asked = 0
		page, err := s.Enrollment(t.Context(), c, "acme", q)
		if err != nil {
			t.Fatal(err)
		}
		if shown, pages = shown+len(page.Rows), pages+1; store.asked > lookedAt/filteredAtATime {
			t.Errorf("page %d: %d reads", pages, store.asked)
		}
		if q.Cursor = page.Cursor; q.Cursor == "" {
			break
		}
	}
	if shown != 1 || pages != 3 {
		t.Errorf("%d shown in %d pages", shown, pages)
	}
}
