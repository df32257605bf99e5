package storetest

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"twofold/pkg/audit"
	"twofold/pkg/org"
	"twofold/pkg/report"
	"twofold/pkg/user"
)

// crowd writes users whose orders differ from one another, in this organisation and, as a trap, in one whose
// name begins with the same letters.
func crowd(t *testing.T, s Contract, n int) []user.Profile {
	var all []user.Profile
	for i := range n {
		p := user.Profile{
			Organization: Organization, User: fmt.Sprintf("u#%02d", i*7%n), Rev: 1,
			Email:        fmt.Sprintf("%c%02d@ACME.example", "aB"[i%2], i*5%n),
			RegisteredAt: second(i), RecoveryEmail: []byte("sealed"), RecoveryDigest: []byte("digest"),
		}
		if i%3 == 0 {
			p.Email = "Shared@acme.example"
		}
		if i%4 > 0 {
			p.EnrolledAt, p.Methods = second(i*11%n).Add(time.Microsecond), []org.Method{org.TOTP}
		}
		if i%5 == 0 {
			p.SuspendedAt, p.CodesSpent, p.Services = second(i), true, []string{"imap"}
			p.Enforcement = user.Enforcement{Kind: user.Exempt, Until: second(50), Reason: "lost", SetBy: "ann", SetAt: second(i)}
			p.Grace = user.Grace{Until: second(55), Reason: "away", SetBy: "ann", SetAt: second(i)}
		}
		trap := p
		trap.Organization = Organization + ".trap"
		must(t, s.Write(t.Context(), user.Change{Profile: &p}))
		must(t, s.Write(t.Context(), user.Change{Profile: &trap}))
		if i%4 == 3 {
			f := user.Facts{VerifiedOn: user.On(second(i).AddDate(0, 0, i%3)), CodesGeneration: 1, CodesLeft: i}
			must(t, s.AddFacts(t.Context(), Organization, p.User, f))
			p.Facts = f
		}
		p.Rev, p.RecoveryEmail, p.RecoveryDigest = 0, nil, nil
		p.Enforcement = user.Enforcement{Kind: p.Enforcement.Kind, Until: p.Enforcement.Until}
		p.Grace = user.Grace{Until: p.Grace.Until}
		all = append(all, p)
	}
	return all
}

// orders says how each sort orders two users.
var orders = map[report.Sort]func(a, b user.Profile) int{
	report.ByUser: func(a, b user.Profile) int { return cmp.Compare(a.User, b.User) },
	report.ByEmail: func(a, b user.Profile) int {
		return cmp.Or(cmp.Compare(strings.ToLower(a.Email), strings.ToLower(b.Email)), cmp.Compare(a.User, b.User))
	},
	report.ByMethod: func(a, b user.Profile) int {
		return cmp.Or(cmp.Compare(fmt.Sprint(a.Methods), fmt.Sprint(b.Methods)), cmp.Compare(a.User, b.User))
	},
	report.ByTwoFactor: byEnrolled,
	report.ByEnrolled:  byEnrolled,
	report.ByVerified: func(a, b user.Profile) int {
		return cmp.Or(cmp.Compare(a.Facts.VerifiedOn, b.Facts.VerifiedOn), cmp.Compare(a.User, b.User))
	},
}

func byEnrolled(a, b user.Profile) int {
	return cmp.Or(a.EnrolledAt.Compare(b.EnrolledAt), cmp.Compare(a.User, b.User))
}

func userPages(t *testing.T, s Contract) {
	const n = 20
	all := crowd(t, s, n)
	for sort, order := range orders {
		eventually(t, "the index "+string(sort), func() bool {
			rows, _, err := s.Users(t.Context(), Organization, report.UserQuery{Sort: sort, Limit: report.MaxLimit})
			must(t, err)
			return len(rows) == n
		})
		for _, limit := range []int{1, 3, 5, n, report.MaxLimit} {
			for _, descending := range []bool{false, true} {
				want := slices.SortedFunc(slices.Values(all), order)
				if descending {
					slices.Reverse(want)
				}
				q := report.UserQuery{Sort: sort, Limit: limit, Descending: descending}
				got, pages := readPages(t, s, Organization, q)
				same(t, fmt.Sprintf("%s, pages of %d, descending %v", sort, limit, descending), got, want)
				if most := (n + limit - 1) / limit; pages != most {
					t.Errorf("%s: %d pages of %d, want %d", sort, pages, limit, most)
				}
			}
		}
	}
}

func readPages(t *testing.T, s Contract, organization string, q report.UserQuery) (rows []user.Profile, pages int) {
	t.Helper()
	for {
		page, next, err := s.Users(t.Context(), organization, q)
		must(t, err)
		if len(page) > q.Limit {
			t.Fatalf("%d rows in a page of %d", len(page), q.Limit)
		}
		for _, l := range page {
			rows = append(rows, l.Profile)
		}
		if pages++; next == "" {
			return rows, pages
		}
		if last := page[len(page)-1].Value; last != next {
			t.Errorf("a page that ends at %q goes on behind %q", last, next)
		}
		q.After = next
	}
}

// spans: a page holds what is in its span, from the cursor on, in both directions.
func spans(t *testing.T, s Contract) {
	const n = 20
	all := crowd(t, s, n)
	for sort, order := range orders {
		eventually(t, "the index "+string(sort), func() bool {
			rows, _, err := s.Users(t.Context(), Organization, report.UserQuery{Sort: sort, Limit: report.MaxLimit})
			must(t, err)
			return len(rows) == n
		})
		sorted := slices.SortedFunc(slices.Values(all), order)
		for from, to := range map[int]int{0: 7, 3: n - 1, 5: 6, 8: 8} {
			span := report.Span{From: sort.Value(sorted[from]), To: sort.Value(sorted[to])}
			for _, descending := range []bool{false, true} {
				want := slices.Clone(sorted[from:to])
				if descending {
					slices.Reverse(want)
				}
				got, _ := readPages(t, s, Organization, report.UserQuery{Sort: sort, Limit: 3, Descending: descending, Span: span})
				if len(want) == 0 {
					want = nil
				}
				same(t, fmt.Sprintf("%s from %d to %d, descending %v", sort, from, to, descending), got, want)
			}
		}
		open, _ := readPages(t, s, Organization, report.UserQuery{Sort: sort, Limit: 3, Span: report.Span{From: sort.Value(sorted[9])}})
		same(t, string(sort)+" with an open end", open, sorted[9:])
	}
}

// everyone: the users of all organisations in one order, however they are spread.
func everyone(t *testing.T, s Contract) {
	const n = 16
	var all []user.Profile
	for i := range n {
		p := user.Profile{Organization: fmt.Sprintf("every-%d", i%5), User: fmt.Sprintf("u#%d", i/5), Rev: 1, RegisteredAt: second(i)}
		if i%4 > 0 {
			p.EnrolledAt, p.Methods = second(i%3), []org.Method{org.TOTP}
		}
		must(t, s.Write(t.Context(), user.Change{Profile: &p}))
		p.Rev = 0
		all = append(all, p)
	}
	gone := all[3].Bury(second(99))
	gone.Rev = 2
	must(t, s.Write(t.Context(), user.Change{Profile: &gone}))
	all = slices.Delete(all, 3, 4)
	for _, sort := range report.SystemSorts() {
		value := func(p user.Profile) string { return sort.SystemValue(p) }
		sorted := slices.SortedFunc(slices.Values(all), func(a, b user.Profile) int { return cmp.Compare(value(a), value(b)) })
		mine := func(rows []user.Profile) []user.Profile {
			return slices.DeleteFunc(rows, func(p user.Profile) bool { return !strings.HasPrefix(p.Organization, "every-") })
		}
		eventually(t, "the index "+string(sort), func() bool {
			rows, _ := readPages(t, s, report.Everyone, report.UserQuery{Sort: sort, Limit: report.MaxLimit})
			return len(mine(rows)) == n-1
		})
		for _, limit := range []int{3, 200} {
			for _, descending := range []bool{false, true} {
				want := slices.Clone(sorted)
				if descending {
					slices.Reverse(want)
				}
				got, _ := readPages(t, s, report.Everyone, report.UserQuery{Sort: sort, Limit: limit, Descending: descending})
				same(t, fmt.Sprintf("everyone by %s, pages of %d, descending %v", sort, limit, descending), mine(got), want)
			}
		}
	}
	for _, sort := range []report.Sort{report.ByEmail, report.ByMethod, "name"} {
		if _, _, err := s.Users(t.Context(), report.Everyone, report.UserQuery{Sort: sort, Limit: 5}); err == nil {
			t.Errorf("an order that there is not was served: everyone by %s", sort)
		}
	}
}

// userCursors: wherever a page is to go on, it leads nowhere but into the organisation that was asked about.
func userCursors(t *testing.T, s Contract) {
	crowd(t, s, 6)
	for sort := range orders {
		for _, at := range []string{
			"u#02", "0#u#00", "1#", "shared@acme.example#u#00", "\x00", "zzz", strings.Repeat("x", 1024), Organization + ".trap#u#00", "\U0010ffff",
		} {
			for _, descending := range []bool{false, true} {
				q := report.UserQuery{Sort: sort, Limit: 10, After: at, Descending: descending}
				rows, _, err := s.Users(t.Context(), Organization, q)
				if err != nil {
					t.Errorf("%s behind %q: %v", sort, at, err)
				}
				for _, row := range rows {
					if row.Profile.Organization != Organization {
						t.Errorf("%s: a forged cursor led to %s", sort, row.Profile.Organization)
					}
				}
			}
		}
		outside := report.UserQuery{Sort: sort, Limit: 10, Span: report.Span{From: "m", To: "n"}, After: "zzz"}
		if rows, next, err := s.Users(t.Context(), Organization, outside); err != nil || len(rows) != 0 || next != "" {
			t.Errorf("%s behind its span: %v, %q, %v", sort, rows, next, err)
		}
	}
	if _, _, err := s.Users(t.Context(), Organization, report.UserQuery{Sort: "name", Limit: 5}); err == nil {
		t.Error("an order that there is not was served")
	}
}

func eventPages(t *testing.T, s Contract) {
	const n = 12
	var want []audit.Event
	for i := range n {
		// Two of them at the same moment, and moments that sort wrongly unless their width is fixed.
		at := second(1).Add(time.Duration(i/2) * 100 * time.Millisecond)
		e := audit.Event{ID: fmt.Sprintf("event-%02d", i), At: at, Kind: audit.UserReset, Organization: Organization}
		trap := e
		trap.Organization = Organization + ".trap"
		want = append(want, e)
		must(t, s.Write(t.Context(), user.Change{Events: []audit.Event{e, trap}}))
	}
	for _, limit := range []int{1, 5, 6, n, n + 1} {
		for _, descending := range []bool{false, true} {
			wanted := slices.Clone(want)
			if descending {
				slices.Reverse(wanted)
			}
			got, pages := readEvents(t, s, report.EventQuery{Limit: limit, Descending: descending})
			same(t, fmt.Sprintf("pages of %d, descending %v", limit, descending), got, wanted)
			if most := (n + limit - 1) / limit; pages != most {
				t.Errorf("%d pages of %d, want %d", pages, limit, most)
			}
		}
	}
	absurd := report.EventQuery{Limit: 5, After: strings.Repeat("x", 3000)}
	if _, _, err := s.Events(t.Context(), Organization, absurd); !errors.Is(err, report.ErrCursor) {
		t.Errorf("a cursor that cannot be one: %v", err)
	}
}

func readEvents(t *testing.T, s Contract, q report.EventQuery) (rows []audit.Event, pages int) {
	t.Helper()
	for {
		page, next, err := s.Events(t.Context(), Organization, q)
		must(t, err)
		rows, pages = append(rows, page...), pages+1
		if next == "" {
			return rows, pages
		}
		if last := page[len(page)-1]; next != last.At.UTC().Format(report.PlaceLayout)+"#"+last.ID {
			t.Errorf("a page ends at %q, which is not the place of its last event", next)
		}
		q.After = next
	}
}

// factPages: whoever judges everybody sees each user once, in the order of ids, with the facts and nothing else.
func factPages(t *testing.T, s Contract) {
	const n = 20
	want := slices.SortedFunc(slices.Values(crowd(t, s, n)), orders[report.ByUser])
	eventually(t, "the index", func() bool {
		rows, _, err := s.Facts(t.Context(), Organization, "", n+1)
		must(t, err)
		return len(rows) == n
	})
	for _, limit := range []int{1, 3, n, n + 1} {
		var got []user.Profile
		for after := ""; ; {
			page, next, err := s.Facts(t.Context(), Organization, after, limit)
			must(t, err)
			got = append(got, page...)
			if after = next; after == "" {
				break
			}
			if len(page) != limit {
				t.Errorf("%d rows in a page of %d that is not the last", len(page), limit)
			}
		}
		same(t, fmt.Sprintf("pages of %d", limit), got, want)
	}
}
