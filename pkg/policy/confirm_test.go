package policy_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"twofold/pkg/access"
	"twofold/pkg/audit"
	"twofold/pkg/org"
	"twofold/pkg/policy"
	"twofold/pkg/stepup"
	"twofold/pkg/throttle"
	"twofold/pkg/user"
)

func TestConfirmingAppliesTheProposal(t *testing.T) {
	f := newFixture(t)
	id, code := f.proposed(f.forced(7))
	f.Clock.Advance(time.Minute)
	got, err := f.confirm(id, code[:4]+" "+code[4:])
	f.must(err)
	o := f.organization(acme)
	if got.Version != 2 || got.ChangedBy != "ann" || !got.ChangedAt.Equal(f.Clock.Now()) || !got.Same(f.begun(7)) || !o.Policy.Same(got) ||
		o.Policy.Version != 2 || o.Rev != 2 {
		t.Errorf("applied %+v as revision %d", got, o.Rev)
	}
	events := f.events(acme, audit.PolicyChanged)
	if len(events) != 1 || events[0].Actor != "ann" || events[0].Details["change"] != id || events[0].Details["status"] != "enabled → forced" {
		t.Errorf("events: %+v", events)
	}
	taken := policy.Change{History: &org.Policy{Version: 2}}
	refused(t, "the version's place in the history", f.store.WriteOrganization(t.Context(), acme, taken), user.ErrConflict)
}

// What is stricter ends the devices of before, for good; what is weaker, or the same to them, leaves them.
func TestConfirmingMovesTheMemoryOfDevices(t *testing.T) {
	f := newFixture(t)
	remembering := func(p *org.Policy) { p.RememberDevice, p.RememberDays = true, 30 }
	for _, c := range []struct {
		change func(p *org.Policy)
		since  int64 // the version that devices are remembered from
	}{
		{remembering, 2},
		{func(p *org.Policy) { remembering(p); p.GraceDays = 3 }, 2},
		{func(p *org.Policy) { remembering(p); p.Status = org.Forced }, 4},
		{remembering, 4},
	} {
		id, code := f.proposed(f.policy(c.change))
		_, err := f.confirm(id, code)
		f.must(err)
		if o := f.organization(acme); o.Memory.Version != c.since {
			t.Errorf("version %d remembers from %d on, want %d", o.Policy.Version, o.Memory.Version, c.since)
		}
		f.Clock.Advance(user.SendWindow)
	}
}

func TestAWeakeningIsToldToAllAdministrators(t *testing.T) {
	f := newFixture(t)
	for _, c := range []struct {
		change func(p *org.Policy)
		notify bool
	}{
		{func(p *org.Policy) { p.Status = org.Forced }, false},
		{func(p *org.Policy) { p.Status, p.GraceDays = org.Forced, 30 }, true},
		{func(p *org.Policy) { p.Status, p.Recovery.SavedCodes = org.Forced, false }, false},
		{func(p *org.Policy) { p.Status = org.Forced }, true},
		{func(p *org.Policy) { p.Status = org.Disabled }, true},
	} {
		id, code := f.proposed(f.policy(c.change))
		_, err := f.confirm(id, code)
		f.must(err)
		events := f.events(acme, audit.PolicyChanged)
		if last := events[len(events)-1]; last.Notify != c.notify {
			t.Errorf("%v: told: %v, want %v", last.Details, last.Notify, c.notify)
		}
		f.Clock.Advance(user.SendWindow)
	}
}

// A shorter retention is told to everybody, lists the organisation for the projector, and marks what is gone for good with the policy that follows.
func TestAShorterRetention(t *testing.T) {
	f := newFixture(t)
	for _, c := range []struct {
		kept   org.Retention
		notify bool
	}{
		{org.Retention{AuditDays: 400, SignInDays: 90}, true},
		{org.Retention{AuditDays: 400, SignInDays: 7}, true},
		{org.Retention{SignInDays: 90}, false},
	} {
		id, code := f.proposed(f.policy(func(p *org.Policy) { p.Retention = c.kept }))
		before := *f.organization(acme)
		listed, _, err := f.store.Shedding(t.Context(), "", 9)
		f.must(err)
		if before.Sheds() != slices.Contains(listed, acme) {
			t.Errorf("sheds: %t, listed: %v", before.Sheds(), listed)
		}
		_, err = f.confirm(id, code)
		f.must(err)
		events, after := f.events(acme, audit.PolicyChanged), f.organization(acme)
		if last := events[len(events)-1]; last.Notify != c.notify {
			t.Errorf("%v: told: %v", last.Details, last.Notify)
		}
		if after.Policy.Retention != c.kept || after.Kept != before.Kept.Moved(before.Policy.Retention, f.Clock.Now()) {
			t.Errorf("%+v: %+v", c.kept, after.Kept)
		}
		f.Clock.Advance(user.SendWindow)
	}
	if o := f.organization(acme); o.Kept.Audit.IsZero() || o.Kept.SignIns.IsZero() {
		t.Errorf("nothing is marked: %+v", o.Kept)
	}
}

// A lost reply: the same code gives the same result, while nothing else has changed the policy.
func TestConfirmingAgainGivesTheSameResult(t *testing.T) {
	f := newFixture(t)
	id, code := f.proposed(f.forced(7))
	f.store.FailNext("WriteOrganization", true, errors.New("lost"))
	_, err := f.confirm(id, code)
	unavailable(t, "a lost acknowledgement", err)
	begun := f.begun(7)
	f.Clock.Advance(time.Minute)
	f.untouched(func() {
		got, err := f.confirm(id, code)
		f.must(err)
		if got.Version != 2 || !got.Same(begun) {
			t.Errorf("again: %+v", got)
		}
	})
	_, err = f.confirm(id, otherDigits(code))
	refused(t, "a wrong code for what is applied", err, stepup.ErrRefused)
	if tries := f.docket("ann").Throttle.Consecutive; tries != 1 {
		t.Errorf("%d failures are counted, want 1", tries)
	}
	f.Clock.Advance(9 * time.Minute)
	f.untouched(func() {
		_, err := f.confirm(id, code)
		refused(t, "after its ten minutes", err, stepup.ErrEnded)
	})
}

func TestConfirmingAgainAfterALaterChange(t *testing.T) {
	f := newFixture(t)
	bob := f.AddAdministrator(t, "bob")
	id, code := f.proposed(f.forced(7))
	_, err := f.confirm(id, code)
	f.must(err)
	later, err := f.Policy.Propose(t.Context(), bob, acme, policy.Wanted{Policy: f.forced(1)}, 2)
	f.must(err)
	_, err = f.Policy.Confirm(t.Context(), bob, acme, later.Change.ID, policy.Confirmation{Word: stepup.Word{Code: f.mailed("bob")}})
	f.must(err)
	f.untouched(func() {
		_, err := f.confirm(id, code)
		refused(t, "the change before", err, stepup.ErrEnded)
	})
}

func TestAProposalExpires(t *testing.T) {
	f := newFixture(t)
	id, code := f.proposed(f.forced(7))
	f.Clock.Advance(10 * time.Minute)
	f.untouched(func() {
		for _, typed := range []string{code, otherDigits(code)} {
			_, err := f.confirm(id, typed)
			refused(t, "after ten minutes", err, stepup.ErrEnded)
		}
	})
}

func TestAProposalLastsToItsLastMoment(t *testing.T) {
	f := newFixture(t)
	id, code := f.proposed(f.forced(7))
	f.Clock.Advance(10*time.Minute - time.Microsecond)
	_, err := f.confirm(id, code)
	f.must(err)
}

func TestWhatCannotBeACodeCostsNoTry(t *testing.T) {
	f := newFixture(t)
	id, _ := f.proposed(f.forced(7))
	f.untouched(func() {
		for _, typed := range []string{"", "123456", "123456789", "1234567x"} {
			_, err := f.confirm(id, typed)
			refused(t, typed, err, stepup.ErrCode)
		}
		_, err := f.confirm("ffffffffffffffff", "12345678")
		refused(t, "an unknown change", err, access.ErrNotFound)
		_, err = f.confirm("", "12345678")
		refused(t, "no change", err, access.ErrNotFound)
	})
}

func TestNobodyProposedNothingToConfirm(t *testing.T) {
	f := newFixture(t)
	f.untouched(func() {
		_, err := f.confirm("", "12345678")
		refused(t, "nothing", err, access.ErrNotFound)
		_, err = f.Policy.Proposed(t.Context(), f.Administrator, acme, "")
		refused(t, "nothing", err, access.ErrNotFound)
	})
}

func TestFiveWrongCodesEndAProposal(t *testing.T) {
	f := newFixture(t)
	id, code := f.proposed(f.forced(7))
	for n := 1; n <= user.TriesPerCode; n++ {
		_, err := f.confirm(id, otherDigits(code))
		refused(t, "a wrong code", err, stepup.ErrRefused)
		if d, c := f.docket("ann"), f.waiting("ann"); c.Tries != n || d.Throttle.Consecutive != n || d.Deliver != "" {
			t.Errorf("after %d: %d tries, %d failures", n, c.Tries, d.Throttle.Consecutive)
		}
	}
	f.untouched(func() {
		_, err := f.confirm(id, code)
		refused(t, "the right code while locked", err, stepup.ErrRefused)
		f.Clock.Advance(time.Minute)
		_, err = f.confirm(id, code)
		refused(t, "the right code after the lock", err, stepup.ErrEnded)
	})
}

// A new proposal brings new tries of its code, and the same failures of its administrator.
func TestFailuresStayCountedAcrossProposals(t *testing.T) {
	f := newFixture(t)
	id, code := f.proposed(f.forced(7))
	for range user.TriesPerCode {
		_, err := f.confirm(id, otherDigits(code))
		refused(t, "a wrong code", err, stepup.ErrRefused)
	}
	id, code = f.proposed(f.forced(8))
	f.untouched(func() {
		_, err := f.confirm(id, code)
		refused(t, "locked still", err, stepup.ErrRefused)
	})
	f.Clock.Advance(time.Second)
	_, err := f.confirm(id, otherDigits(code))
	refused(t, "a sixth wrong code", err, stepup.ErrRefused)
	p := f.docket("ann")
	if got := p.Throttle.LockedUntil.Sub(f.Clock.Now()); p.Changes[0].Tries != 1 || p.Throttle.Consecutive != throttle.FreeTries+1 || got != 2*time.Second {
		t.Errorf("%d tries, %d failures, locked for %v", p.Changes[0].Tries, p.Throttle.Consecutive, got)
	}
	f.Clock.Advance(2 * time.Second)
	_, err = f.confirm(id, code)
	f.must(err)
	if x := f.docket("ann").Throttle; x.Consecutive != 0 || len(x.Failures) != throttle.FreeTries+1 {
		t.Errorf("a success left %d in a row, %d in the day", x.Consecutive, len(x.Failures))
	}
}

// Another administrator's change is none of mine, even with the code that was mailed for it.
func TestAnotherAdministratorsChangeIsNotFound(t *testing.T) {
	f := newFixture(t)
	bob := f.AddAdministrator(t, "bob")
	id, code := f.proposed(f.forced(7))
	mine, err := f.Policy.Propose(t.Context(), bob, acme, policy.Wanted{Policy: f.forced(7)}, 1)
	f.must(err)
	f.untouched(func() {
		_, err := f.Policy.Confirm(t.Context(), bob, acme, id, policy.Confirmation{Word: stepup.Word{Code: code}})
		refused(t, "another's change", err, access.ErrNotFound)
		_, err = f.Policy.Proposed(t.Context(), bob, acme, id)
		refused(t, "another's change shown", err, access.ErrNotFound)
		_, err = f.Policy.Confirm(t.Context(), bob, acme, mine.Change.ID, policy.Confirmation{Word: stepup.Word{Code: code}})
		refused(t, "another's code", err, stepup.ErrRefused)
	})
	if tries := f.docket("bob").Throttle.Consecutive; tries != 1 {
		t.Errorf("%d failures of the one who tried, want 1", tries)
	}
}

func TestOfTwoAdministratorsOneWins(t *testing.T) {
	f := newFixture(t)
	bob := f.AddAdministrator(t, "bob")
	id, code := f.proposed(f.forced(7))
	his, err := f.Policy.Propose(t.Context(), bob, acme, policy.Wanted{Policy: f.policy(func(p *org.Policy) { p.Status = org.Disabled })}, 1)
	f.must(err)
	_, err = f.confirm(id, code)
	f.must(err)
	_, err = f.Policy.Confirm(t.Context(), bob, acme, his.Change.ID, policy.Confirmation{Word: stepup.Word{Code: f.mailed("bob")}})
	refused(t, "the second", err, policy.ErrMoved)
	if tries := f.docket("bob").Throttle.Consecutive; tries != 0 {
		t.Errorf("the loser has %d failures", tries)
	}
	if p := f.organization(acme).Policy; p.Version != 2 || p.Status != org.Forced || len(f.events(acme, audit.PolicyChanged)) != 1 {
		t.Errorf("the policy is %+v", p)
	}
}

// What was granted may have been withdrawn between the proposal and its confirmation.
func TestAProposalIsCheckedAgain(t *testing.T) {
	f := newFixture(t)
	id, code := f.proposed(f.forced(7))
	_, err := f.put(policy.Put{ID: acme, Name: "Acme"})
	f.must(err)
	f.untouched(func() {
		_, err := f.confirm(id, code)
		faulty(t, "without the entitlement", err, "not_available", "status")
	})
}

func TestAConfirmationThatCannotBeStoredIsNone(t *testing.T) {
	f := newFixture(t)
	id, code := f.proposed(f.forced(7))
	f.untouched(func() {
		for _, typed := range []string{code, otherDigits(code)} {
			f.store.FailNext("WriteOrganization", false, errors.New("down"))
			_, err := f.confirm(id, typed)
			unavailable(t, "a write that failed", err)
			for range 3 {
				f.store.FailNext("WriteOrganization", false, user.ErrConflict)
			}
			_, err = f.confirm(id, typed)
			refused(t, "three lost races", err, user.ErrConflict)
		}
	})
	f.store.FailNext("WriteOrganization", false, user.ErrConflict)
	_, err := f.confirm(id, code)
	f.must(err)
}
