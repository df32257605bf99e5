package policy_test

import (
	"errors"
	"fmt"
	"reflect"
	"testing"
	"time"

	"twofold/pkg/access"
	"twofold/pkg/memstore"
	"twofold/pkg/org"
	"twofold/pkg/policy"
	"twofold/pkg/user"
)

// classes are the users of a made-up organisation: 22 of them.
func (f *fixture) classes() map[user.Class]int {
	day := func(n int) user.Day { return user.DayOf(f.Clock.Now().AddDate(0, 0, n)) }
	return map[user.Class]int{
		{}:                           3,
		{Services: "imap"}:           1,
		{GraceUntil: day(20)}:        1,
		{Enforcement: user.Required}: 1,
		{Enforcement: user.Exempt}:   1, // counted by an earlier version: nobody knows until when
		{Enforcement: user.Exempt, ExemptUntil: day(-9)}:                 1,
		{Enforcement: user.Exempt, ExemptUntil: day(3)}:                  1,
		{Enforcement: user.Exempt, ExemptUntil: day(11)}:                 1,
		{Methods: "totp", Enforcement: user.Exempt, ExemptUntil: day(3)}: 1,
		{Methods: "totp"}:                        4,
		{Methods: "totp", Services: "imap+smtp"}: 2,
		{Methods: "totp", CodesSpent: true}:      2,
		{Methods: "totp", Suspended: true}:       1,
		{Methods: "email"}:                       2,
	}
}

// count puts the classes into the counts, as the projector would.
func (f *fixture) count() {
	f.t.Helper()
	n := 0
	for class, users := range f.classes() {
		for range users {
			n++
			before := user.Counted{Organization: acme, User: fmt.Sprintf("user-%d", n)}
			after := before
			after.Rev, after.Class = 1, class
			f.must(f.store.Count(f.t.Context(), before, after, f.Clock.Now()))
		}
	}
}

// forecast is one of the counted organisation's, where users are obliged from the beginning.
func forecast(at time.Time, change func(x *policy.Forecast)) policy.Forecast {
	x := policy.Forecast{
		At: at, LetIn: 4, Exempt: 4, WithinGrace: 1, Verify: 8, MustEnroll: 6,
		LockedOut: policy.LockedOut{Total: 4, MethodNotAllowed: 2, ExemptionEnding: 1, Suspended: 1},
		Refused:   map[string]int64{"imap": 3, "smtp": 2},
	}
	if change != nil {
		change(&x)
	}
	return x
}

func everybodyIn(at time.Time) policy.Forecast { return policy.Forecast{At: at, LetIn: 22} }

// enabled: only who is required must enrol, and who has no second factor reads mail as before.
func enabled(x *policy.Forecast) {
	x.LetIn, x.WithinGrace, x.MustEnroll, x.Refused["imap"] = 10, 0, 1, 2
	x.LockedOut.Total, x.LockedOut.ExemptionEnding = 3, 0
}

func TestTheDryRunTellsWhatALoginWould(t *testing.T) {
	f := newFixture(t)
	f.count()
	now := f.Clock.Now()
	days := func(n int) time.Time { return now.AddDate(0, 0, n) }
	for i, c := range []struct {
		name         string
		policy       org.Policy
		today, later policy.Forecast
	}{
		{"disabled", f.policy(func(p *org.Policy) { p.Status = org.Disabled }), everybodyIn(now), everybodyIn(now)},
		{"enabled", f.policy(func(p *org.Policy) { p.RecoveryEmailDistinct = true }), forecast(now, enabled), forecast(now, enabled)},
		{"forced", f.forced(0), forecast(now, nil), forecast(now, nil)},
		// Without a date enforcement begins with the confirmation, and so does the grace of whoever was there before.
		{"forced with grace", f.forced(5), forecast(now, func(x *policy.Forecast) {
			x.WithinGrace, x.MustEnroll = 7, 0
			x.LockedOut.Total, x.LockedOut.ExemptionEnding, x.Refused["imap"] = 3, 0, 2
		}), forecast(days(5), func(x *policy.Forecast) {
			x.LetIn, x.Exempt, x.Verify, x.MustEnroll = 2, 2, 9, 7
			x.LockedOut.ExemptionEnding = 1 // the one of eleven days
		})},
		{"forced from today, with grace", f.policy(func(p *org.Policy) { p.Status, p.EnforceFrom, p.GraceDays = org.Forced, now, 30 }),
			forecast(now, func(x *policy.Forecast) {
				x.WithinGrace, x.MustEnroll = 7, 0 // required as well: the grace is the same
				x.LockedOut.Total, x.LockedOut.ExemptionEnding, x.Refused["imap"] = 3, 0, 2
			}),
			forecast(days(30), func(x *policy.Forecast) {
				x.LetIn, x.Exempt, x.WithinGrace, x.Verify, x.MustEnroll = 1, 1, 0, 9, 9
				x.LockedOut.Total, x.LockedOut.ExemptionEnding = 3, 0
			})},
		{"forced later", f.policy(func(p *org.Policy) { p.Status, p.EnforceFrom, p.GraceDays = org.Forced, days(10), 5 }),
			forecast(now, func(x *policy.Forecast) {
				enabled(x)
				x.LetIn, x.WithinGrace, x.MustEnroll = 10, 1, 0 // required: grace counts from the date
			}),
			forecast(days(15), func(x *policy.Forecast) {
				x.LetIn, x.Exempt, x.Verify, x.MustEnroll = 1, 1, 9, 8
				x.LockedOut.Total, x.LockedOut.ExemptionEnding = 3, 0
			})},
		{"no mailed way back", f.policy(func(p *org.Policy) { p.Recovery.MailedCode = false }),
			forecast(now, func(x *policy.Forecast) {
				enabled(x)
				x.LockedOut.RecoveryImpossible, x.LockedOut.Total = 2, 5
			}),
			forecast(now, func(x *policy.Forecast) {
				enabled(x)
				x.LockedOut.RecoveryImpossible, x.LockedOut.Total = 2, 5
			})},
		{"no way back at all", f.policy(func(p *org.Policy) { p.Recovery = org.Recovery{} }),
			forecast(now, func(x *policy.Forecast) {
				enabled(x)
				x.LockedOut.RecoveryImpossible, x.LockedOut.Total = 11, 11
			}),
			forecast(now, func(x *policy.Forecast) {
				enabled(x)
				x.LockedOut.RecoveryImpossible, x.LockedOut.Total = 11, 11
			})},
	} {
		want := policy.DryRun{AsOf: now, Users: 22, Enrolled: 12, Today: c.today, Later: c.later}
		alone, err := f.Policy.DryRun(t.Context(), f.Administrator, acme, &c.policy)
		f.must(err)
		if !reflect.DeepEqual(alone, want) {
			t.Errorf("%s:\n got %+v\nwant %+v", c.name, alone, want)
		}
		if i >= user.SendLimit {
			continue
		}
		got, err := f.propose(c.policy)
		f.must(err)
		shown, err := f.Policy.Proposed(t.Context(), f.Administrator, acme, got.Change.ID)
		f.must(err)
		if !reflect.DeepEqual(got.DryRun, want) || !reflect.DeepEqual(shown.DryRun, want) {
			t.Errorf("%s, with a proposal: %+v\nshown again: %+v", c.name, got.DryRun, shown.DryRun)
		}
	}
}

func TestTheDryRunOfThePolicyThatStands(t *testing.T) {
	f := newFixture(t)
	f.count()
	f.decree(func(p *org.Policy) { p.Status, p.AppPasswordServices = org.Forced, []string{"imap", "pop"} })
	f.untouched(func() {
		got, err := f.Policy.DryRun(t.Context(), f.System, acme, nil)
		f.must(err)
		if want := forecast(f.Clock.Now(), nil); !reflect.DeepEqual(got.Today, want) || len(got.ServicesEnded) != 0 {
			t.Errorf("got %+v", got)
		}
		wanted := f.policy(func(*org.Policy) {})
		got, err = f.Policy.DryRun(t.Context(), f.Administrator, acme, &wanted)
		f.must(err)
		if !reflect.DeepEqual(got.ServicesEnded, []string{"imap", "pop"}) {
			t.Errorf("services ended: %v", got.ServicesEnded)
		}
	})
}

func TestWhatADryRunRefuses(t *testing.T) {
	f := newFixture(t)
	bad := f.forced(-1)
	_, err := f.Policy.DryRun(t.Context(), f.Administrator, acme, &bad)
	faulty(t, "a policy that is none", err, "invalid_policy", "grace_days")
	foreign, _ := f.key(access.OrganizationAdministrator, "ann", []string{"globex"}, access.PolicyWrite)
	for name, c := range map[string]struct {
		caller access.Caller
		want   error
	}{
		"an application": {f.Application, access.ErrRole}, "another organisation": {foreign, access.ErrNotFound},
	} {
		_, err := f.Policy.DryRun(t.Context(), c.caller, acme, nil)
		refused(t, name, err, c.want)
		_, err = f.Policy.Foretold(t.Context(), c.caller, acme, policy.ForetoldQuery{Group: "verify", Limit: 1})
		if name == "an application" {
			refused(t, name, err, c.want)
		}
	}
	for _, op := range []memstore.Operation{memstore.ReadOrganization, memstore.Counts} {
		f.store.FailNext(op, false, errors.New("down"))
		_, err := f.Policy.DryRun(t.Context(), f.Administrator, acme, nil)
		unavailable(t, string(op), err)
	}
}

func TestTheDryRunOfAnOrganisationWithoutEntitlement(t *testing.T) {
	f := newFixture(t)
	f.count()
	_, err := f.put(policy.Put{ID: acme, Name: "Acme"})
	f.must(err)
	got, err := f.propose(f.policy(func(p *org.Policy) { p.GraceDays = 1 }))
	f.must(err)
	now := f.Clock.Now()
	want := policy.DryRun{AsOf: now, Users: 22, Enrolled: 12, Today: everybodyIn(now), Later: everybodyIn(now.AddDate(0, 0, 1))}
	if r := got.DryRun; !reflect.DeepEqual(r, want) {
		t.Errorf("dry run: %+v", r)
	}
}

func TestTheDryRunWithoutCounts(t *testing.T) {
	f := newFixture(t)
	got, err := f.propose(f.forced(0))
	f.must(err)
	if r := got.DryRun; !r.AsOf.IsZero() || r.Users != 0 || r.Today.MustEnroll != 0 {
		t.Errorf("dry run: %+v", r)
	}
}
