package people_test

import (
	"slices"
	"testing"

	"twofold/pkg/access"
	"twofold/pkg/audit"
	"twofold/pkg/mail"
	"twofold/pkg/org"
	"twofold/pkg/people"
	"twofold/pkg/stepup"
	"twofold/pkg/user"
)

func TestAColleagueIsInvitedAndMayEverything(t *testing.T) {
	f := newFixture(t)
	cai := f.colleague("cai")
	if got := f.key(cai.Credential.ID); got.Role != access.SystemAdministrator || !got.Everywhere || !got.Vendor || got.Holder != "cai" || got.Organizations != nil {
		t.Errorf("the first key: %+v", got)
	}
	if orders := f.store.Deliveries(); !slices.ContainsFunc(orders, func(o mail.Order) bool {
		return o.Kind == mail.InvitationOrder && o.Administrator == "cai" && o.Organization == vendor
	}) {
		t.Errorf("ordered %+v", orders)
	}
	_, err := f.Policy.Organization(t.Context(), cai, acme)
	f.must(err)
	_, err = f.People.ProposeKey(t.Context(), cai, acme, people.NewKey{Holder: forCRM})
	f.must(err)
	invited, accepted := f.systems(audit.AdministratorInvited), f.systems(audit.AdministratorAccepted)
	if len(invited) != 1 || !invited[0].Notify || len(accepted) != 1 || accepted[0].Role != "system_admin" || accepted[0].Actor != "cai" {
		t.Errorf("events: %+v, %+v", invited, accepted)
	}
	_, err = f.People.ProposeAdministrator(t.Context(), f.System, vendor, people.Wanted{ID: "changes", Email: "c@vendor.example"})
	refused(t, "a word of the API", err, people.ErrReserved)
	_, err = f.People.ProposeAdministrator(t.Context(), f.System, vendor, people.Wanted{ID: "dan", Email: "d@vendor.example", Permissions: auditor})
	refused(t, "permissions", err, people.ErrPermissions)
	_, err = f.People.ChangeAdministrator(t.Context(), f.System, vendor, "cai", people.Lowered{Permissions: &auditor})
	refused(t, "permissions later", err, people.ErrStepUp)
	_, err = f.People.ProposeKey(t.Context(), f.System, vendor, people.NewKey{Holder: people.Holder{Administrator: "cai"}, Scope: auditor})
	refused(t, "a scope", err, people.ErrScope)
}

func TestTheLastSystemAdministratorStays(t *testing.T) {
	f := newFixture(t)
	remove := func(id string) error { return f.People.RemoveAdministrator(t.Context(), f.System, vendor, id) }
	f.kept(func() {
		refused(t, "the only one", remove("root"), people.ErrLastColleague)
	})
	cai := f.colleague("cai")
	roster, err := f.store.Roster(t.Context(), vendor)
	f.must(err)
	if !slices.Equal(roster.Writers, []string{"root", "cai"}) {
		t.Fatalf("the roster is %v", roster.Writers)
	}
	f.must(remove("root")) // themselves
	_, err = f.Policy.Organization(t.Context(), f.System, acme)
	refused(t, "the removed one's next request", err, access.ErrUnauthenticated)
	refused(t, "the last", f.People.RemoveAdministrator(t.Context(), cai, vendor, "cai"), people.ErrLastColleague)
	if e := f.systems(audit.AdministratorRemoved); len(e) != 1 || !e[0].Notify || e[0].Details["address"] != "root@vendor.example" {
		t.Errorf("events: %+v", e)
	}
}

// Whoever was invited and has not accepted does not count.
func TestAnInvitedColleagueIsNotTheLast(t *testing.T) {
	f := newFixture(t)
	p, err := f.People.ProposeAdministrator(t.Context(), f.System, vendor, people.Wanted{ID: "cai", Email: "cai@vendor.example"})
	f.must(err)
	_, err = f.People.ConfirmAdministrator(t.Context(), f.System, vendor, p.Change.ID, stepup.Word{Code: f.code(f.System)})
	f.must(err)
	refused(t, "beside an invitation", f.People.RemoveAdministrator(t.Context(), f.System, vendor, "root"), people.ErrLastColleague)
	f.must(f.People.RemoveAdministrator(t.Context(), f.System, vendor, "cai"))
}

func TestAnAddressOfAColleagueWaits(t *testing.T) {
	f := newFixture(t)
	f.colleague("cai")
	f.Clock.Advance(user.SendWindow)
	move := func(id, to string) org.Administrator {
		p, err := f.People.ProposeAdministrator(t.Context(), f.System, vendor, people.Wanted{ID: id, Email: to})
		f.must(err)
		a, err := f.People.ConfirmAdministrator(t.Context(), f.System, vendor, p.Change.ID, stepup.Word{Code: f.code(f.System)})
		f.must(err)
		return a
	}
	if a := move("cai", "new@vendor.example"); a.Address(f.Clock.Now()) != "cai@vendor.example" || a.Address(f.Clock.Now().Add(people.AddressWait)) != "new@vendor.example" {
		t.Errorf("another's: %+v", a)
	}
	if a := move("root", "own@vendor.example"); a.Address(f.Clock.Now()) != "own@vendor.example" {
		t.Errorf("one's own: %+v", a)
	}
}
