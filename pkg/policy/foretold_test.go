package policy_test

import (
	"encoding/base64"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"twofold/pkg/access"
	"twofold/pkg/decision"
	"twofold/pkg/memstore"
	"twofold/pkg/org"
	"twofold/pkg/policy"
	"twofold/pkg/report"
	"twofold/pkg/user"
)

var groups = []policy.Group{
	policy.Group(policy.LetIn), policy.Group(policy.WithinGrace), policy.Group(policy.Verify), policy.Group(policy.MustEnroll),
	policy.Group(policy.Suspended), policy.Group(policy.MethodNotAllowed),
	policy.GroupExempt, policy.GroupRecoveryImpossible, policy.GroupExemptionEnding, policy.GroupLockedOut, policy.GroupClientRefused,
}

// all reads every page of a query, and gives the users' ids.
func (f *fixture) all(q policy.ForetoldQuery) (found []policy.Foretold, pages int) {
	f.t.Helper()
	for {
		page, err := f.Policy.Foretold(f.t.Context(), f.Administrator, acme, q)
		f.must(err)
		if len(page.Users) > q.Limit {
			f.t.Fatalf("%d users in a page of %d", len(page.Users), q.Limit)
		}
		found, pages = append(found, page.Users...), pages+1
		if q.Cursor = page.Cursor; q.Cursor == "" {
			return found, pages
		}
	}
}

func ids(found []policy.Foretold) []string {
	var ids []string
	for _, u := range found {
		ids = append(ids, u.Profile.User)
	}
	return ids
}

// people writes users in random states, whose dates end with the day, as they are counted, and counts them.
func (f *fixture) people(r random, n int) {
	f.t.Helper()
	counter := report.Counter{Store: f.store, Now: f.Clock.Now}
	midnight := func(at time.Time) time.Time { return at.UTC().Truncate(24 * time.Hour) }
	for i := range n {
		p, x := r.user(fmt.Sprintf("user-%04d", i))
		p.RegisteredAt = f.Clock.Now().AddDate(-2, 0, 0) // before anything was enforced
		p.Enforcement.Until, p.Grace.Until = midnight(p.Enforcement.Until), midnight(p.Grace.Until)
		if p.Enforcement.Kind != user.Exempt {
			p.Enforcement.Until = time.Time{}
		}
		if p.Grace.Until.Year() < 2000 {
			p.Grace.Until = time.Time{}
		}
		p.CodesSpent = len(p.Methods) > 0 && r.IntN(4) == 0
		for _, service := range []string{"imap", "smtp"} {
			if r.IntN(3) == 0 {
				p.Services = append(p.Services, service)
			}
		}
		f.must(f.store.Write(f.t.Context(), user.Change{Profile: &p, Factors: &x}))
		f.must(counter.Observe(f.t.Context(), p))
	}
}

// The counts and the pages are two ways to the same users.
func TestPagesHoldWhomTheCountsCount(t *testing.T) {
	r := random{rand.New(rand.NewPCG(3, 4)), time.Time{}}
	for n := range 25 {
		f := newFixture(t)
		r.now = f.Clock.Now()
		f.people(r, 60)
		o := f.organization(acme)
		r.organization(o)
		o.Policy.Recovery = org.Recovery{MailedCode: r.yes(), SavedCodes: r.yes()}
		f.must(f.store.WriteOrganization(t.Context(), acme, policy.Change{Organization: o}))
		run, err := f.Policy.DryRun(t.Context(), f.Administrator, acme, nil)
		f.must(err)
		for at, x := range map[bool]policy.Forecast{false: run.Today, true: run.Later} {
			want := map[policy.Group]int64{
				"let_in": x.LetIn, "within_grace": x.WithinGrace, "verify": x.Verify, "must_enroll": x.MustEnroll, "suspended": x.LockedOut.Suspended,
				"method_not_allowed": x.LockedOut.MethodNotAllowed, "exempt": x.Exempt, "recovery_impossible": x.LockedOut.RecoveryImpossible,
				"exemption_ending": x.LockedOut.ExemptionEnding, "locked_out": x.LockedOut.Total,
			}
			if sum := x.LetIn + x.WithinGrace + x.Verify + x.MustEnroll + x.LockedOut.Suspended + x.LockedOut.MethodNotAllowed; sum != run.Users {
				t.Errorf("%d: %d outcomes of %d users", n, sum, run.Users)
			}
			refused := map[string]int64{}
			for _, g := range groups {
				found, _ := f.all(policy.ForetoldQuery{Group: g, Later: at, Limit: 7})
				if g == policy.GroupClientRefused {
					for _, u := range found {
						for _, service := range u.Fate.Refused {
							refused[service]++
						}
					}
					continue
				}
				if int64(len(found)) != want[g] {
					t.Errorf("%d, later %v, %s: %d users in pages, %d counted\nof %+v", n, at, g, len(found), want[g], o)
				}
			}
			for _, service := range []string{"imap", "smtp"} {
				if refused[service] != x.Refused[service] {
					t.Errorf("%d, later %v: %s is refused to %d users in pages, %d counted", n, at, service, refused[service], x.Refused[service])
				}
			}
		}
	}
}

// What is foretold for today is what the login answers, but for locks, which pass.
func TestAForecastIsTheNextLogin(t *testing.T) {
	f := newFixture(t)
	r := random{rand.New(rand.NewPCG(5, 6)), f.Clock.Now()}
	f.people(r, 200)
	f.decree(func(p *org.Policy) { p.Status, p.GraceDays, p.EnforceFrom = org.Forced, 5, r.now.AddDate(0, 0, -2) })
	seen := 0
	for _, g := range groups[:6] {
		found, _ := f.all(policy.ForetoldQuery{Group: g, Limit: 200})
		for _, u := range found {
			seen++
			told := f.begin(u.Profile.User).Decision
			if told.Reason != decision.IsLocked && (told.Reason != u.Fate.Decision.Reason || told.Status != u.Fate.Decision.Status) {
				t.Errorf("%s: foretold %+v, and the login is %+v", u.Profile.User, u.Fate.Decision, told)
			}
		}
	}
	if seen != 200 {
		t.Errorf("%d of 200 users have an outcome", seen)
	}
}

// A page looks at 1,000 users at most, whatever it finds; nobody is in two, and nobody is left out.
func TestPagesAreBoundedAndWhole(t *testing.T) {
	f := newFixture(t)
	var want []string
	for i := range 2500 {
		id := fmt.Sprintf("user-%04d", i)
		p := user.Profile{Organization: acme, User: id, Rev: 1, Email: "user@acme.example", RegisteredAt: f.Clock.Now()}
		if i%1200 == 7 {
			p.Enforcement.Kind = user.Required
			want = append(want, id)
		}
		f.must(f.store.Write(t.Context(), user.Change{Profile: &p}))
	}
	found, pages := f.all(policy.ForetoldQuery{Group: "must_enroll", Limit: 50})
	if !slices.Equal(ids(found), want) || pages != 3 {
		t.Errorf("found %v in %d pages, want %v in 3", ids(found), pages, want)
	}
	found, pages = f.all(policy.ForetoldQuery{Group: "let_in", Limit: 100})
	sorted := ids(found)
	if slices.Sort(sorted); len(sorted) != 2500-len(want) || len(slices.Compact(sorted)) != len(found) || pages != 25 {
		t.Errorf("%d users in %d pages", len(found), pages)
	}
}

func TestAProposalIsForetold(t *testing.T) {
	f := newFixture(t)
	f.Login(t, eve)
	id, _ := f.proposed(f.forced(0))
	now, _ := f.all(policy.ForetoldQuery{Group: "must_enroll", Limit: 1})
	then, _ := f.all(policy.ForetoldQuery{Group: "must_enroll", Change: id, Limit: 1})
	if len(now) != 0 || !slices.Equal(ids(then), []string{eve}) {
		t.Errorf("as it stands %v, as proposed %v", ids(now), ids(then))
	}
	bob := f.AddAdministrator(t, "bob")
	for name, c := range map[string]struct {
		caller access.Caller
		change string
	}{"another's proposal": {bob, id}, "none of that id": {f.Administrator, "00"}, "the system's": {f.System, id}} {
		_, err := f.Policy.Foretold(t.Context(), c.caller, acme, policy.ForetoldQuery{Group: "verify", Change: c.change, Limit: 1})
		refused(t, name, err, access.ErrNotFound)
	}
}

func TestWhatAPageRefuses(t *testing.T) {
	f := newFixture(t)
	for range 3 {
		f.Login(t, fmt.Sprint("user-", f.Clock.Now().UnixNano()))
		f.Clock.Advance(time.Second)
	}
	q := policy.ForetoldQuery{Group: "let_in", Limit: 1}
	page, err := f.Policy.Foretold(t.Context(), f.Administrator, acme, q)
	f.must(err)
	other := policy.ForetoldQuery{Group: "verify", Limit: 1, Cursor: page.Cursor}
	afterwards := policy.ForetoldQuery{Group: "let_in", Later: true, Limit: 1, Cursor: page.Cursor}
	for name, q := range map[string]policy.ForetoldQuery{
		"another group": other, "another time": afterwards, "no cursor": {Group: "let_in", Limit: 1, Cursor: "%%%"},
		"no place":     {Group: "let_in", Limit: 1, Cursor: "e30"},
		"another form": {Group: "let_in", Limit: 1, Cursor: base64.RawURLEncoding.EncodeToString([]byte(`{"u":"a", "g":"let_in"}`))},
		"no UTF-8":     {Group: "let_in", Limit: 1, Cursor: base64.RawURLEncoding.EncodeToString([]byte("{\"g\":\"let_in\",\"u\":\"\xff\"}"))},
	} {
		_, err := f.Policy.Foretold(t.Context(), f.Administrator, acme, q)
		faulty(t, name, err, "invalid_cursor", "query.cursor")
	}
	without, _ := f.key(access.OrganizationAdministrator, "ann", []string{acme}, access.PolicyWrite)
	foreign, _ := f.key(access.OrganizationAdministrator, "ann", []string{"globex"}, access.ReportsRead)
	_, err = f.Policy.Foretold(t.Context(), without, acme, q)
	refused(t, "without reports:read", err, access.ErrPermission)
	_, err = f.Policy.Foretold(t.Context(), foreign, acme, q)
	refused(t, "another organisation", err, access.ErrNotFound)
	f.store.FailNext(memstore.Users, false, errors.New("down"))
	_, err = f.Policy.Foretold(t.Context(), f.Administrator, acme, q)
	unavailable(t, "an outage", err)
}
