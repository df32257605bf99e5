package policy_test

import (
	"testing"

	"twofold/pkg/audit"
	"twofold/pkg/factor"
	"twofold/pkg/org"
	"twofold/pkg/policy"
	"twofold/pkg/stepup"
)

func TestAPolicyByTheAuthenticator(t *testing.T) {
	f := newFixture(t)
	secret := f.Enrolled(t, "eve")
	f.Link(t, "ann", "eve")
	word := stepup.Word{By: stepup.ByTOTP, Code: f.Code(t, secret)}
	id, _ := f.proposed(f.forced(7))
	for range 2 { // the second is a repetition
		p, err := f.Policy.Confirm(t.Context(), f.Administrator, acme, id, policy.Confirmation{Word: word})
		f.must(err)
		if p.Version != 2 || p.Status != org.Forced {
			t.Errorf("confirmed as %+v", p)
		}
	}
	if e := f.events(acme, audit.PolicyChanged); len(e) != 1 || e[0].Details["confirmed_with"] != "totp" {
		t.Errorf("events: %+v", e)
	}
	if f.Factors(t, "eve").Authenticators[0].LastStep == 0 {
		t.Error("the step was not used up")
	}
	a, err := f.Policy.ProposeAllowance(t.Context(), f.Administrator, acme, policy.Allowance{Users: 5, Reason: "stolen"})
	f.must(err)
	f.untouchedButCounted(func() {
		_, err = f.Policy.ConfirmAllowance(t.Context(), f.Administrator, acme, a.Change.ID, word)
		refused(t, "the same code for another thing", err, stepup.ErrRefused)
	})
	f.Clock.Advance(factor.TOTPPeriod)
	word.Code = f.Code(t, secret)
	for range 2 {
		got, err := f.Policy.ConfirmAllowance(t.Context(), f.Administrator, acme, a.Change.ID, word)
		f.must(err)
		if got.Until.IsZero() {
			t.Errorf("confirmed as %+v", got)
		}
	}
	if e := f.events(acme, audit.AllowanceGranted); len(e) != 1 || e[0].Details["confirmed_with"] != "totp" {
		t.Errorf("events: %+v", e)
	}
}

// untouchedButCounted runs what must give no allowance, and is counted against the user and the administrator.
func (f *fixture) untouchedButCounted(act func()) {
	f.t.Helper()
	act()
	if f.docket("ann").Allowance.Left != 0 || f.docket("ann").Throttle.Consecutive != 1 || f.Factors(f.t, "eve").Throttle.Consecutive != 1 {
		f.t.Errorf("docket %+v", f.docket("ann"))
	}
}

// A system administrator is nobody's user, and says how it was confirmed all the same.
func TestEntitlementsAreConfirmedByMail(t *testing.T) {
	f := newFixture(t)
	id, code := f.withdraw()
	_, err := f.Policy.ConfirmEntitlements(t.Context(), f.System, acme, id, stepup.Word{By: stepup.ByTOTP, Code: "123456"})
	refused(t, "with an authenticator", err, stepup.ErrUnavailable)
	_, err = f.confirmWithdrawal(id, code)
	f.must(err)
	if e := f.events(acme, audit.EntitlementsChanged); len(e) != 1 || e[0].Details["confirmed_with"] != "email" {
		t.Errorf("events: %+v", e)
	}
}
