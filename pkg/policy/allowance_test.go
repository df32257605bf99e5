package policy_test

import (
	"errors"
	"testing"
	"time"

	"twofold/pkg/access"
	"twofold/pkg/audit"
	"twofold/pkg/policy"
	"twofold/pkg/stepup"
)

var twenty = policy.Allowance{Users: 20, Reason: "phones were stolen"}

// ask proposes an allowance, and gives the change's id and the code that is mailed for it.
func (f *fixture) ask(a policy.Allowance) (id, code string) {
	f.t.Helper()
	got, err := f.Policy.ProposeAllowance(f.t.Context(), f.Administrator, acme, a)
	f.must(err)
	if got.SentTo != "a•••@acme.example" || got.Allowance != a || !got.Until.IsZero() {
		f.t.Errorf("proposed %+v", got)
	}
	return got.Change.ID, f.mailed("ann")
}

func (f *fixture) confirmAllowance(id, code string) (policy.ProposedAllowance, error) {
	return f.Policy.ConfirmAllowance(f.t.Context(), f.Administrator, acme, id, stepup.Word{Code: code})
}

func TestAnAllowanceIsConfirmedWithACode(t *testing.T) {
	f := newFixture(t)
	id, code := f.ask(twenty)
	if f.docket("ann").Allowance.Left != 0 {
		t.Error("the proposal allows something already")
	}
	_, err := f.confirmAllowance(id, otherDigits(code))
	refused(t, "a wrong code", err, stepup.ErrRefused)
	got, err := f.confirmAllowance(id, code)
	f.must(err)
	until := f.Clock.Now().Add(time.Hour)
	if a := f.docket("ann").Allowance; a.Left != 20 || !a.Until.Equal(until) || !got.Until.Equal(until) {
		t.Errorf("allowed %+v, said %v", a, got.Until)
	}
	events := f.events(acme, audit.AllowanceGranted)
	if len(events) != 1 || !events[0].Notify || events[0].Actor != "ann" || events[0].Reason != twenty.Reason || events[0].Details["users"] != "20" {
		t.Errorf("events: %+v", events)
	}
	f.untouched(func() { // a lost reply: the same, and no second allowance
		again, err := f.confirmAllowance(id, code)
		f.must(err)
		shown, err := f.Policy.ProposedAllowance(t.Context(), f.Administrator, acme, id)
		f.must(err)
		if !again.Until.Equal(until) || !shown.Until.Equal(until) || shown.Allowance != twenty {
			t.Errorf("again: %+v, shown: %+v", again, shown)
		}
	})
}

func TestWhatAnAllowanceMayNotSay(t *testing.T) {
	f := newFixture(t)
	f.untouched(func() {
		for _, users := range []int{-1, 0, 1001} {
			_, err := f.Policy.ProposeAllowance(t.Context(), f.Administrator, acme, policy.Allowance{Users: users, Reason: "r"})
			faulty(t, "so many", err, "invalid_allowance", "users")
		}
	})
	id, code := f.ask(twenty)
	bob := f.AddAdministrator(t, "bob")
	f.untouched(func() {
		for what, c := range map[string]access.Caller{"system": f.System, "application": f.Application} {
			_, err := f.Policy.ProposeAllowance(t.Context(), c, acme, twenty)
			refused(t, what, err, access.ErrRole)
			_, err = f.Policy.ConfirmAllowance(t.Context(), c, acme, id, stepup.Word{Code: code})
			refused(t, what, err, access.ErrRole)
			_, err = f.Policy.ProposedAllowance(t.Context(), c, acme, id)
			refused(t, what, err, access.ErrRole)
		}
		_, err := f.Policy.ConfirmAllowance(t.Context(), bob, acme, id, stepup.Word{Code: code})
		refused(t, "another administrator", err, access.ErrNotFound)
		_, err = f.confirm(id, code)
		refused(t, "as a change of the policy", err, access.ErrNotFound)
		_, err = f.confirmAllowance(id, "12")
		refused(t, "no code", err, stepup.ErrCode)
		f.store.FailNext("WriteOrganization", false, errors.New("down"))
		_, err = f.confirmAllowance(id, code)
		unavailable(t, "a write that failed", err)
		f.Clock.Advance(10 * time.Minute)
		_, err = f.confirmAllowance(id, code)
		refused(t, "after ten minutes", err, stepup.ErrEnded)
	})
}

func TestWhatIsSpareIsSaidToWhoMayUseIt(t *testing.T) {
	f := newFixture(t)
	if n, err := f.Policy.Spare(t.Context(), f.Administrator, acme); n != stepup.FreeUsers || err != nil {
		t.Errorf("%d, %v", n, err)
	}
	id, code := f.ask(twenty)
	_, err := f.confirmAllowance(id, code)
	f.must(err)
	if n, err := f.Policy.Spare(t.Context(), f.Administrator, acme); n != stepup.FreeUsers+20 || err != nil {
		t.Errorf("with an allowance: %d, %v", n, err)
	}
	_, err = f.Policy.Spare(t.Context(), f.System, acme)
	refused(t, "a system administrator", err, access.ErrRole)
	_, err = f.Policy.Spare(t.Context(), f.Administrator, "other.example")
	refused(t, "another organisation", err, access.ErrNotFound)
}
