package policy_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"twofold/pkg/access"
	"twofold/pkg/audit"
	"twofold/pkg/factor"
	"twofold/pkg/org"
	"twofold/pkg/policy"
	"twofold/pkg/stepup"
	"twofold/pkg/user"
)

var everything = org.Entitlements{TwoFactor: true, SMS: true, SMSCountries: "DE", AppPasswords: true}

// withdraw proposes to take everything away, and gives the change's id and the code that is mailed for it.
func (f *fixture) withdraw() (id, code string) {
	f.t.Helper()
	got, err := f.Policy.ProposeEntitlements(f.t.Context(), f.System, acme, org.Entitlements{})
	f.must(err)
	d, err := f.store.Docket(f.t.Context(), "", "root")
	f.must(err)
	code, err = factor.MailedCode(f.Keys, got.Change.KeyID, d.Mailed(got.Change))
	f.must(err)
	return got.Change.ID, code
}

func (f *fixture) forceAcme() {
	f.t.Helper()
	id, code := f.proposed(f.forced(0))
	_, err := f.confirm(id, code)
	f.must(err)
}

func (f *fixture) confirmWithdrawal(id, code string) (org.Organization, error) {
	return f.Policy.ConfirmEntitlements(f.t.Context(), f.System, acme, id, stepup.Word{Code: code})
}

func TestEntitlementsOfAForcedOrganisationAreWithdrawnWithAStepUp(t *testing.T) {
	f := newFixture(t)
	f.forceAcme()
	got, err := f.Policy.ProposeEntitlements(t.Context(), f.System, acme, org.Entitlements{})
	f.must(err)
	if got.SentTo != "r•••@vendor.example" || len(got.Consequences) != 1 || got.Consequences[0].Entitlement != "two_factor" {
		t.Errorf("proposed %+v", got)
	}
	if f.organization(acme).Entitlements != (org.Entitlements{TwoFactor: true}) {
		t.Error("the proposal has changed something already")
	}
	id, code := f.withdraw() // within a minute: the same
	if id != got.Change.ID {
		t.Error("the same was proposed twice")
	}
	again, err := f.Policy.ProposedEntitlements(t.Context(), f.System, acme, id)
	f.must(err)
	if again.Entitlements != (org.Entitlements{}) || len(again.Consequences) != 1 {
		t.Errorf("shown again: %+v", again)
	}
	_, err = f.confirmWithdrawal(id, otherDigits(code))
	refused(t, "a wrong code", err, stepup.ErrRefused)
	o, err := f.confirmWithdrawal(id, code)
	f.must(err)
	if o.Entitlements != (org.Entitlements{}) || o.Rev != 3 || f.organization(acme).Entitlements != o.Entitlements || o.Policy.Status != org.Forced {
		t.Errorf("confirmed as %+v", o)
	}
	f.untouched(func() { // a lost reply
		o, err := f.confirmWithdrawal(id, code)
		f.must(err)
		if o.Rev != 3 {
			t.Errorf("confirmed again as revision %d", o.Rev)
		}
	})
	events := f.events(acme, audit.EntitlementsChanged)
	if len(events) != 1 || events[0].Actor != "root" || !events[0].Notify || events[0].Details["two_factor"] != "true → false" || events[0].Details["change"] != id {
		t.Errorf("events: %+v", events)
	}
}

func TestAWithdrawalIsOfTheOrganisationThatWasSeen(t *testing.T) {
	f := newFixture(t)
	f.forceAcme()
	id, code := f.withdraw()
	_, err := f.put(policy.Put{ID: acme, Name: "Another", Entitlements: org.Entitlements{TwoFactor: true}})
	f.must(err)
	f.untouched(func() {
		_, err := f.confirmWithdrawal(id, code)
		refused(t, "after another change", err, policy.ErrOrganizationMoved)
		f.Clock.Advance(10 * time.Minute)
		_, err = f.confirmWithdrawal(id, code)
		refused(t, "after ten minutes", err, stepup.ErrEnded)
	})
}

func TestAConfirmedWithdrawalEndsWithTheNextChange(t *testing.T) {
	f := newFixture(t)
	f.forceAcme()
	id, code := f.withdraw()
	_, err := f.confirmWithdrawal(id, code)
	f.must(err)
	_, err = f.put(policy.Put{ID: acme, Name: "Acme", Entitlements: everything})
	f.must(err)
	f.untouched(func() {
		_, err := f.confirmWithdrawal(id, code)
		refused(t, "once more", err, stepup.ErrEnded)
	})
}

func TestOnlySystemAdministratorsEntitle(t *testing.T) {
	f := newFixture(t)
	f.forceAcme()
	id, code := f.withdraw()
	f.untouched(func() {
		for what, c := range map[string]access.Caller{"administrator": f.Administrator, "application": f.Application} {
			_, err := f.Policy.ProposeEntitlements(t.Context(), c, acme, everything)
			refused(t, what+" proposes", err, access.ErrRole)
			_, err = f.Policy.ProposedEntitlements(t.Context(), c, acme, id)
			refused(t, what+" reads", err, access.ErrRole)
			_, err = f.Policy.ConfirmEntitlements(t.Context(), c, acme, id, stepup.Word{Code: code})
			refused(t, what+" confirms", err, access.ErrRole)
		}
		_, err := f.Policy.ProposeEntitlements(t.Context(), f.System, "nowhere", everything)
		refused(t, "nowhere", err, access.ErrNotFound)
		_, err = f.confirmWithdrawal("ffffffffffffffff", code)
		refused(t, "another change", err, access.ErrNotFound)
		_, err = f.confirmWithdrawal(id, "1234")
		refused(t, "no code", err, stepup.ErrCode)
		_, err = f.Policy.ProposeEntitlements(t.Context(), f.System, acme, org.Entitlements{TwoFactor: true})
		faulty(t, "what stands", err, "nothing_changes", "entitlements")
	})
}

func TestAWithdrawalThatCannotBeStoredIsNone(t *testing.T) {
	f := newFixture(t)
	f.forceAcme()
	id, code := f.withdraw()
	f.untouched(func() {
		f.store.FailNext("WriteOrganization", false, errors.New("down"))
		_, err := f.confirmWithdrawal(id, code)
		unavailable(t, "a write that failed", err)
		for range 3 {
			f.store.FailNext("WriteOrganization", false, user.ErrConflict)
		}
		_, err = f.confirmWithdrawal(id, code)
		refused(t, "three lost races", err, user.ErrConflict)
		f.store.FailNext("Counts", false, errors.New("down"))
		_, err = f.Policy.ProposeEntitlements(t.Context(), f.System, acme, org.Entitlements{UserLimit: 1})
		unavailable(t, "consequences", err)
	})
	f.store.FailNext("WriteOrganization", true, errors.New("lost"))
	_, err := f.confirmWithdrawal(id, code)
	unavailable(t, "a lost acknowledgement", err)
	_, err = f.confirmWithdrawal(id, code)
	f.must(err)
}

// Each thing that is taken away says what becomes of those who relied on it, and how many they are where that is counted.
func TestConsequences(t *testing.T) {
	f := newFixture(t)
	_, err := f.put(policy.Put{ID: acme, Name: "Acme", Entitlements: everything})
	f.must(err)
	f.count()
	counts, err := f.store.Counts(t.Context(), acme)
	f.must(err)
	got, err := f.put(policy.Put{ID: acme, Name: "Acme", Entitlements: org.Entitlements{UserLimit: 2, SMSPerDay: 3}})
	f.must(err)
	want := map[string]int64{
		"two_factor": counts.Enrolled(), "user_limit": counts.Enrolled() - 2, "sms": onlySMS(counts), "app_passwords": -1, "sms_per_day": -1,
	}
	if counts.Enrolled() < 3 {
		t.Fatalf("%d are enrolled: too few for this test", counts.Enrolled())
	}
	for _, c := range got.Consequences {
		if users, known := want[c.Entitlement]; !known || users != c.Users || !strings.HasSuffix(c.Text, ".") {
			t.Errorf("%+v, want %d", c, users)
		}
		delete(want, c.Entitlement)
	}
	if len(want) != 0 {
		t.Errorf("nothing is said of %v", want)
	}
	got, err = f.put(policy.Put{ID: acme, Name: "Acme", Entitlements: everything})
	f.must(err)
	if len(got.Consequences) != 0 {
		t.Errorf("granting has consequences: %+v", got.Consequences)
	}
}

func onlySMS(counts user.Counts) (n int64) {
	for class, users := range counts.ByClass {
		if class.Methods == "sms" {
			n += users
		}
	}
	return n
}
