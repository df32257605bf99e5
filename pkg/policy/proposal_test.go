package policy_test

import (
	"errors"
	"testing"
	"time"

	"twofold/pkg/access"
	"twofold/pkg/audit"
	"twofold/pkg/fault"
	"twofold/pkg/org"
	"twofold/pkg/policy"
	"twofold/pkg/stepup"
	"twofold/pkg/user"
)

func TestAProposalIsStoredAndItsCodeMailed(t *testing.T) {
	f := newFixture(t)
	got, err := f.propose(f.forced(7))
	f.must(err)
	p := got.Change
	if p.ID == "" || f.docket("ann").Administrator != "ann" || p.Base != 1 || !p.ExpiresAt.Equal(f.Clock.Now().Add(10*time.Minute)) || got.SentTo != "a•••@acme.example" {
		t.Errorf("proposed %+v", got)
	}
	if f.mails() != 1 {
		t.Error("no code was mailed")
	}
	if o := f.organization(acme); o.Policy.Version != 1 || o.Policy.Status != org.Enabled {
		t.Errorf("the policy is %+v already", o.Policy)
	}
	events := f.events(acme, audit.PolicyProposed)
	if len(events) != 1 || events[0].Actor != "ann" || events[0].Details["change"] != p.ID || events[0].Details["status"] != "enabled → forced" ||
		events[0].Details["grace_days"] != "0 → 7" {
		t.Errorf("events: %+v", events)
	}
	shown, err := f.Policy.Proposed(t.Context(), f.Administrator, acme, p.ID)
	f.must(err)
	if shown.Change.ID != p.ID || shown.SentTo != got.SentTo || !shown.Policy.Same(f.forced(7)) {
		t.Errorf("shown: %+v", shown)
	}
}

func TestWhatAProposalMayNotSay(t *testing.T) {
	f := newFixture(t)
	f.untouched(func() {
		for what, c := range map[string]struct {
			change      func(p *org.Policy)
			code, field string
		}{
			"delay":         {func(p *org.Policy) { p.Recovery.DelayHours = 169 }, "invalid_policy", "recovery.delay_hours"},
			"sms":           {func(p *org.Policy) { p.Methods = []org.Method{org.TOTP, org.SMS} }, "not_available", "methods"},
			"remember":      {func(p *org.Policy) { p.RememberDevice, p.RememberDays = true, 0 }, "invalid_policy", "remember_days"},
			"app passwords": {func(p *org.Policy) { p.AppPasswordServices = []string{"imap"} }, "not_available", "app_password_services"},
			"outage":        {func(p *org.Policy) { p.Outage = org.OutageOpen }, "not_built", "outage"},
			"no method":     {func(p *org.Policy) { p.Methods = nil }, "invalid_policy", "methods"},
			"status":        {func(p *org.Policy) { p.Status = "open" }, "invalid_policy", "status"},
		} {
			_, err := f.propose(f.policy(c.change))
			faulty(t, what, err, c.code, c.field)
		}
		_, err := f.propose(f.policy(func(*org.Policy) {}))
		faulty(t, "what stands", err, "nothing_changes", "status")
		_, err = f.Policy.Propose(t.Context(), f.Administrator, acme, policy.Wanted{Policy: f.forced(0)}, 2)
		faulty(t, "another base", err, "policy_moved", "header.If-Match")
	})
	_, err := f.put(policy.Put{ID: acme, Name: "Acme"})
	f.must(err)
	_, err = f.propose(f.forced(0))
	faulty(t, "forcing without the entitlement", err, "not_available", "status")
	if f.mails() != 0 {
		t.Error("a code was mailed for what was refused")
	}
}

func TestOnlyAdministratorsWithThePermissionPropose(t *testing.T) {
	f := newFixture(t)
	var others []access.Permission
	for _, p := range access.Permissions() {
		if p != access.PolicyWrite {
			others = append(others, p)
		}
	}
	lacking, _ := f.key(access.OrganizationAdministrator, "ann", []string{acme}, others...)
	unknown, _ := f.key(access.OrganizationAdministrator, "ghost", []string{acme}, access.PolicyWrite)
	id, code := f.proposed(f.forced(0))
	f.untouched(func() {
		for _, c := range []struct {
			caller access.Caller
			want   error
		}{{f.System, access.ErrRole}, {f.Application, access.ErrRole}, {lacking, access.ErrPermission}, {unknown, access.ErrNotFound}} {
			_, err := f.Policy.Propose(t.Context(), c.caller, acme, policy.Wanted{Policy: f.forced(1)}, 1)
			refused(t, "propose", err, c.want)
			_, err = f.Policy.Proposed(t.Context(), c.caller, acme, id)
			refused(t, "proposed", err, c.want)
			_, err = f.Policy.Confirm(t.Context(), c.caller, acme, id, policy.Confirmation{Word: stepup.Word{Code: code}})
			refused(t, "confirm", err, c.want)
		}
		_, err := f.Policy.Propose(t.Context(), f.Administrator, "nowhere", policy.Wanted{Policy: f.forced(1)}, 1)
		refused(t, "nowhere", err, access.ErrNotFound)
	})
}

// A lost reply costs no mail, and the code that was mailed stays good.
func TestProposingTheSameWithinAMinuteMailsNothing(t *testing.T) {
	f := newFixture(t)
	first, err := f.propose(f.forced(7))
	f.must(err)
	code := f.mailed("ann")
	f.mails()
	f.Clock.Advance(user.SendInterval - time.Microsecond)
	f.untouched(func() {
		again, err := f.propose(f.forced(7))
		f.must(err)
		if again.Change.ID != first.Change.ID || f.mails() != 0 {
			t.Errorf("first %s, again %s", first.Change.ID, again.Change.ID)
		}
	})
	_, err = f.confirm(first.Change.ID, code)
	f.must(err)
}

// A different proposal, or the same a minute later, replaces the one before.
func TestANewProposalReplacesTheOld(t *testing.T) {
	for what, again := range map[string]func(f *fixture) org.Policy{
		"another": func(f *fixture) org.Policy { return f.forced(8) },
		"the same a minute later": func(f *fixture) org.Policy {
			f.Clock.Advance(user.SendInterval)
			return f.forced(7)
		},
	} {
		f := newFixture(t)
		id, code := f.proposed(f.forced(7))
		fresh, freshCode := f.proposed(again(f))
		if fresh == id || f.mails() != 2 {
			t.Fatalf("%s: not a new proposal", what)
		}
		f.untouched(func() {
			_, err := f.confirm(id, code)
			refused(t, what+": the old id", err, access.ErrNotFound)
			_, err = f.Policy.Proposed(t.Context(), f.Administrator, acme, id)
			refused(t, what+": the old id shown", err, access.ErrNotFound)
		})
		_, err := f.confirm(fresh, code)
		refused(t, what+": the old code", err, stepup.ErrRefused)
		_, err = f.confirm(fresh, freshCode)
		f.must(err)
	}
}

func TestFiveMailsInTenMinutes(t *testing.T) {
	f := newFixture(t)
	begun := f.Clock.Now()
	for days := range user.SendLimit {
		_, err := f.propose(f.forced(days))
		f.must(err)
		f.Clock.Advance(time.Second)
	}
	f.untouched(func() {
		_, err := f.propose(f.forced(99))
		refused(t, "a sixth", err, user.ErrTooSoon)
		if wait, want := fault.As(err).RetryAfter, begun.Add(user.SendWindow).Sub(f.Clock.Now()); wait != want {
			t.Errorf("wait %v, want %v", wait, want)
		}
	})
	if n := f.mails(); n != user.SendLimit {
		t.Errorf("%d mails, want %d", n, user.SendLimit)
	}
	f.Clock.Advance(begun.Add(user.SendWindow).Sub(f.Clock.Now()))
	_, err := f.propose(f.forced(99))
	f.must(err)
}

func TestAProposalThatCannotBeStoredMailsNothing(t *testing.T) {
	f := newFixture(t)
	f.untouched(func() {
		f.store.FailNext("WriteOrganization", false, errors.New("down"))
		_, err := f.propose(f.forced(7))
		unavailable(t, "a write that failed", err)
		f.store.FailNext("One", false, errors.New("down"))
		_, err = f.propose(f.forced(7))
		unavailable(t, "a read that failed", err)
	})
	if f.mails() != 0 {
		t.Error("a code was mailed")
	}
	f.store.FailNext("WriteOrganization", true, errors.New("lost"))
	_, err := f.propose(f.forced(7))
	unavailable(t, "a lost acknowledgement", err)
	_, err = f.propose(f.forced(7))
	f.must(err)
	f.store.FailNext("Counts", false, errors.New("down"))
	_, err = f.propose(f.forced(7))
	unavailable(t, "the dry run", err)
	if n := f.mails(); n != 1 {
		t.Errorf("%d codes were mailed for one proposal", n)
	}
}
