package storetest

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"twofold/pkg/org"
	"twofold/pkg/policy"
	"twofold/pkg/report"
	"twofold/pkg/user"
)

// population is users at random in two organisations, and what a report must say of them, worked out by looking at each.
type population struct {
	t       *testing.T
	s       Contract
	r       *rand.Rand
	w       *World
	counter *report.Counter
	reports *report.Service
	users   map[string]user.Profile // by organisation and id
	began   time.Time
}

func populate(t *testing.T, s Contract, seed uint64) *population {
	w := NewWorld(t, s)
	p := &population{
		t: t, s: s, w: w, r: rand.New(rand.NewPCG(seed, 8)), users: map[string]user.Profile{}, began: w.Clock.Now(),
		counter: &report.Counter{Store: s, Now: w.Clock.Now}, reports: &report.Service{Store: s, Now: w.Clock.Now},
	}
	p.govern()
	for range 12 {
		p.change()
	}
	return p
}

// govern gives the organisation a policy at random.
func (p *population) govern() {
	o := p.organization()
	o.Rev++
	o.Policy.Version++
	o.Policy.Status = []org.Status{org.Disabled, org.Enabled, org.Forced, org.Forced, org.Forced}[p.r.IntN(5)]
	o.Policy.GraceDays = []int{0, 2, 10}[p.r.IntN(3)]
	o.Policy.EnforceFrom = []time.Time{{}, p.began, p.w.Clock.Now().AddDate(0, 0, 3)}[p.r.IntN(3)]
	must(p.t, p.s.WriteOrganization(p.t.Context(), Organization, policy.Change{Organization: &o}))
}

// change lets something happen to somebody: one who is there, or not yet.
func (p *population) change() {
	organization, id := Organization, fmt.Sprint("u", p.r.IntN(20))
	at := organization + "/" + id
	is, there := p.users[at]
	now := p.w.Clock.Now()
	switch {
	case !there:
		is = user.Profile{Organization: organization, User: id, Rev: 1, Email: id + "@acme.example", RegisteredAt: now}
	case is.Deleted():
		is = is.Exhume(id+"@acme.example", now)
	default:
		is = p.happen(is, now)
	}
	must(p.t, p.s.Write(p.t.Context(), user.Change{Profile: &is}))
	must(p.t, p.counter.Observe(p.t.Context(), is))
	if !is.Deleted() && len(is.Methods) > 0 && p.r.IntN(2) == 0 {
		f := user.Facts{VerifiedOn: user.On(now), CodesGeneration: 1, CodesLeft: p.r.IntN(10)}
		must(p.t, p.s.AddFacts(p.t.Context(), organization, id, f))
		is.Facts = is.Facts.With(f)
	}
	p.users[at] = is
}

func (p *population) happen(is user.Profile, now time.Time) user.Profile {
	before := is
	is = is.Next()
	switch p.r.IntN(8) {
	case 0:
		return before.Bury(now)
	case 1, 2:
		is.Methods, is.EnrolledAt = [][]org.Method{{org.TOTP}, {org.Email, org.TOTP}, {org.SMS}}[p.r.IntN(3)], now
	case 3:
		is.Methods, is.EnrolledAt, is.SuspendedAt = nil, time.Time{}, time.Time{}
	case 4:
		is.Enforcement = user.Enforcement{Kind: user.Required}
	case 5:
		is.Enforcement = user.Enforcement{Kind: user.Exempt, Until: midnight(now).AddDate(0, 0, 1+p.r.IntN(5))}
	case 6:
		is.Grace = user.Grace{Until: midnight(now).AddDate(0, 0, 1+p.r.IntN(9))}
	case 7:
		is.Email = fmt.Sprintf("Other%d@acme.example", p.r.IntN(9))
		if len(is.Methods) > 0 {
			is.SuspendedAt = now
		}
	}
	return is
}

func midnight(t time.Time) time.Time { return t.Truncate(24 * time.Hour) }

// living are those whom a report must have, in an order.
func (p *population) living(by report.Sort, f report.Filter, o org.Organization, descending bool) (want []string) {
	var all []user.Profile
	for _, u := range p.users {
		if !u.Deleted() && f.Shows(expected(o, u, p.w.Clock.Now())) {
			all = append(all, u)
		}
	}
	slices.SortFunc(all, func(a, b user.Profile) int { return cmp.Compare(by.Value(a), by.Value(b)) })
	if descending {
		slices.Reverse(all)
	}
	for _, u := range all {
		want = append(want, said(expected(o, u, p.w.Clock.Now())))
	}
	return want
}

// expected is a row, worked out from the design's words and from nothing of the product's own.
func expected(o org.Organization, u user.Profile, now time.Time) report.Row {
	r := report.Row{
		User: u.User, Email: u.Email, Methods: u.Methods, EnrolledAt: u.EnrolledAt, VerifiedOn: u.Facts.VerifiedOn, Status: report.Overdue,
	}
	on := o.Policy.Status != org.Disabled
	forcing := o.Policy.Status == org.Forced && !now.Before(o.Policy.EnforceFrom)
	from := u.RegisteredAt
	if o.Policy.EnforceFrom.After(from) {
		from = o.Policy.EnforceFrom
	}
	deadline := from.AddDate(0, 0, o.Policy.GraceDays)
	if u.Grace.Until.After(deadline) {
		deadline = u.Grace.Until
	}
	switch {
	case u.Enforcement.Kind == user.Exempt && now.Before(u.Enforcement.Until):
		r.Status = report.ExemptUntil
	case !u.SuspendedAt.IsZero():
		r.Status = report.Suspended
	case len(u.Methods) > 0:
		r.Status = report.Enrolled
	case !on || !forcing && u.Enforcement.Kind != user.Required:
		r.Status = report.NotObliged
	case now.Before(deadline):
		r.Status = report.Pending
	}
	return r
}

// said is what is compared of a row.
func said(r report.Row) string {
	return fmt.Sprint(r.User, " ", r.Email, " ", r.Status, " ", r.Methods, " ", r.EnrolledAt.UTC().Format(report.PlaceLayout), " ", r.VerifiedOn)
}

// reportsOfAnybody: whatever a population and its history, and whatever is asked, a report is what looking at every user gives, and a summary the
// numbers of it.
func reportsOfAnybody(t *testing.T, s Contract) { ReportsOfAnybody(t, s, 1) }

// ReportsOfAnybody is that part of the suite, with another seed.
func ReportsOfAnybody(t *testing.T, s Contract, seed uint64) {
	p := populate(t, s, seed)
	for round := range 6 {
		for range 10 {
			p.w.Clock.Advance(time.Duration(p.r.IntN(20)) * time.Hour)
			p.change()
		}
		if round%2 == 0 {
			p.govern()
		}
		p.settle()
		for range 6 {
			p.ask()
		}
		p.sum()
	}
}

// settle waits until the indexes have caught up.
func (p *population) settle() {
	o := p.organization()
	for _, sort := range report.Sorts() {
		eventually(p.t, "the index "+string(sort), func() bool {
			rows, _ := readPages(p.t, p.s, Organization, report.UserQuery{Sort: sort, Limit: report.MaxLimit})
			var order []string
			for _, u := range rows {
				order = append(order, u.User)
			}
			var want []string
			for _, line := range p.living(sort, report.Filter{}, o, false) {
				id, _, _ := strings.Cut(line, " ")
				want = append(want, id)
			}
			return slices.Equal(order, want)
		})
	}
}

func (p *population) organization() org.Organization {
	_, o, err := p.s.ReadOrganization(p.t.Context(), p.w.Administrator.Credential, Organization)
	must(p.t, err)
	return *o
}

func (p *population) ask() {
	q := report.Query{
		Sort: report.Sorts()[p.r.IntN(6)], Descending: p.r.IntN(2) == 0, Limit: 1 + p.r.IntN(7), Filter: p.filter(),
	}
	o := p.organization()
	var got []string
	for pages := 0; ; pages++ {
		page, err := p.reports.Enrollment(p.t.Context(), p.w.Administrator, Organization, q)
		must(p.t, err)
		for _, row := range page.Rows {
			got = append(got, said(row))
		}
		if q.Cursor = page.Cursor; q.Cursor == "" {
			break
		}
		if pages > 100 {
			p.t.Fatal("a report without an end")
		}
	}
	same(p.t, fmt.Sprintf("%+v", q), got, p.living(q.Sort, q.Filter, o, q.Descending))
}

func (p *population) filter() (f report.Filter) {
	yes, no := true, false
	day := user.On(p.w.Clock.Now().AddDate(0, 0, -p.r.IntN(4)))
	for range p.r.IntN(3) {
		switch p.r.IntN(7) {
		case 0:
			f.Statuses = append(f.Statuses, report.Statuses()[p.r.IntN(6)])
		case 1:
			f.TwoFactor = []*bool{&yes, &no}[p.r.IntN(2)]
		case 2:
			f.Method = org.TOTP
		case 3:
			f.Default = org.Email
		case 4:
			f.UserPrefix = "u1"
		case 5:
			f.EmailPrefix = "OTHER"
		case 6:
			f.EnrolledFrom, f.VerifiedBefore = day, ""
		}
	}
	return f
}

// sum compares the summary with a count of everybody. Deadlines that count from a registration are true to the day.
func (p *population) sum() {
	o, now := p.organization(), p.w.Clock.Now()
	want := report.Summary{Policy: o.Policy.Version, Statuses: map[report.Status]int64{}, Methods: map[org.Method]int64{}}
	for _, u := range p.users {
		if u.Deleted() {
			continue
		}
		want.Users++
		if len(u.Methods) > 0 {
			want.Enrolled++
		}
		for _, m := range u.Methods {
			want.Methods[m]++
		}
		if o.Policy.GraceDays > 0 {
			u.RegisteredAt = midnight(u.RegisteredAt).AddDate(0, 0, 1)
		}
		want.Statuses[expected(o, u, now).Status]++
	}
	got, err := p.reports.Summary(p.t.Context(), p.w.Administrator, Organization, 5)
	must(p.t, err)
	if got.Users != want.Users || got.Enrolled != want.Enrolled || got.Policy != want.Policy {
		p.t.Errorf("%d users, %d enrolled, of policy %d; want %d, %d, %d", got.Users, got.Enrolled, got.Policy, want.Users, want.Enrolled, want.Policy)
	}
	for _, s := range report.Statuses() {
		if got.Statuses[s] != want.Statuses[s] {
			p.t.Errorf("%s: %d, want %d (%+v)", s, got.Statuses[s], want.Statuses[s], o.Policy)
		}
	}
	for _, m := range []org.Method{org.TOTP, org.Email, org.SMS} {
		if got.Methods[m] != want.Methods[m] {
			p.t.Errorf("%s: %d, want %d", m, got.Methods[m], want.Methods[m])
		}
	}
	if last := got.Trend[len(got.Trend)-1]; len(got.Trend) != 5 || last != (report.TrendDay{Day: user.On(now), Users: want.Users, Enrolled: want.Enrolled}) {
		p.t.Errorf("the trend ends with %+v", last)
	}
}
