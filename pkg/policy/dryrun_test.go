package policy_test

import (
	"fmt"
	"testing"
	"time"

	"twofold/pkg/org"
	"twofold/pkg/policy"
	"twofold/pkg/user"
)

// classes are the users of a made-up organisation: 13 of them.
var classes = map[user.Class]int{
	{}:                                       3,
	{Enforcement: user.Required}:             1,
	{Enforcement: user.Exempt}:               1,
	{Methods: "totp"}:                        4,
	{Methods: "totp", Suspended: true}:       1,
	{Methods: "email"}:                       2,
	{Methods: "totp", Enforcement: "exempt"}: 1,
}

// count puts the classes into the counts, as the projector would.
func (f *fixture) count() {
	f.t.Helper()
	n := 0
	for class, users := range classes {
		for range users {
			n++
			before := user.Counted{Organization: acme, User: fmt.Sprintf("user-%d", n)}
			after := before
			after.Rev, after.Class = 1, class
			f.must(f.store.Count(f.t.Context(), before, after, f.Clock.Now()))
		}
	}
}

func TestTheDryRunTellsWhatALoginWould(t *testing.T) {
	f := newFixture(t)
	f.count()
	now := f.Clock.Now()
	days := func(n int) time.Time { return now.AddDate(0, 0, n) }
	base := policy.DryRun{AsOf: now, At: now, Users: 13, Enrolled: 8}
	with := func(change func(r *policy.DryRun)) policy.DryRun {
		r := base
		change(&r)
		return r
	}
	forced := func(r *policy.DryRun) {
		r.LetIn, r.Exempt, r.Verify, r.MustEnroll, r.MethodNotAllowed, r.Suspended = 2, 2, 4, 4, 2, 1
	}
	for _, c := range []struct {
		name   string
		policy org.Policy
		want   policy.DryRun
	}{
		{"disabled", f.policy(func(p *org.Policy) { p.Status = org.Disabled }), with(func(r *policy.DryRun) { r.LetIn = 13 })},
		{"enabled", f.policy(func(p *org.Policy) { p.RecoveryEmailDistinct = true }), with(func(r *policy.DryRun) {
			forced(r)
			r.LetIn, r.MustEnroll = 5, 1
		})},
		{"forced", f.forced(0), with(forced)},
		{"forced with grace", f.forced(30), with(func(r *policy.DryRun) { forced(r); r.At = days(30) })},
		{"forced later", f.policy(func(p *org.Policy) { p.Status, p.EnforceFrom, p.GraceDays = org.Forced, days(10), 5 }),
			with(func(r *policy.DryRun) { forced(r); r.At = days(15) })},
	} {
		got, err := f.propose(c.policy)
		f.must(err)
		if got.DryRun != c.want {
			t.Errorf("%s:\n got %+v\nwant %+v", c.name, got.DryRun, c.want)
		}
		shown, err := f.Policy.Proposed(t.Context(), f.Administrator, acme, got.Change.ID)
		f.must(err)
		if shown.DryRun != c.want {
			t.Errorf("%s, shown again: %+v", c.name, shown.DryRun)
		}
	}
}

func TestTheDryRunOfAnOrganisationWithoutEntitlement(t *testing.T) {
	f := newFixture(t)
	f.count()
	_, err := f.put(policy.Put{ID: acme, Name: "Acme"})
	f.must(err)
	got, err := f.propose(f.policy(func(p *org.Policy) { p.GraceDays = 1 }))
	f.must(err)
	if r := got.DryRun; r.Users != 13 || r.LetIn != 13 || r.MustEnroll+r.Verify+r.Suspended+r.MethodNotAllowed+r.Exempt != 0 {
		t.Errorf("dry run: %+v", r)
	}
}

func TestTheDryRunWithoutCounts(t *testing.T) {
	f := newFixture(t)
	got, err := f.propose(f.forced(0))
	f.must(err)
	if r := got.DryRun; !r.AsOf.IsZero() || r.Users != 0 || r.MustEnroll != 0 {
		t.Errorf("dry run: %+v", r)
	}
}
