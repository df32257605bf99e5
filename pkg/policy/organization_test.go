package policy_test

import (
	"errors"
	"reflect"
	"slices"
	"testing"

	"twofold/pkg/access"
	"twofold/pkg/audit"
	"twofold/pkg/memstore"
	"twofold/pkg/org"
	"twofold/pkg/policy"
	"twofold/pkg/storetest"
	"twofold/pkg/user"
)

func (f *fixture) put(in policy.Put) (policy.PutResult, error) {
	return f.Policy.PutOrganization(f.t.Context(), f.System, in)
}

// globex is a new organisation with its people.
func globex() policy.Put {
	return policy.Put{
		ID: "globex", Name: "Globex", Entitlements: org.Entitlements{TwoFactor: true},
		Administrator: &policy.NewAdministrator{ID: "gil", Name: "Gil", Email: "gil@Globex.Example"},
		Application:   &policy.NewApplication{ID: "shop", Name: "Shop"},
	}
}

func TestAnOrganisationIsMadeWithItsPeople(t *testing.T) {
	f := newFixture(t)
	got, err := f.put(globex())
	f.must(err)
	o := f.organization("globex")
	if !got.Created || o == nil || o.Name != "Globex" || o.Rev != 1 || !o.Entitlements.TwoFactor || !o.CreatedAt.Equal(f.Clock.Now()) {
		t.Fatalf("created: %v, %+v", got.Created, o)
	}
	if p := o.Policy; p.Version != 1 || p.Status != org.Enabled || !slices.Equal(p.Methods, []org.Method{org.TOTP}) || p.Outage != org.OutageClosed {
		t.Errorf("its first policy: %+v", p)
	}
	gil, err := f.store.Administrator(t.Context(), "globex", "gil")
	f.must(err)
	shop, err := f.store.Application(t.Context(), "globex", "shop")
	f.must(err)
	if gil == nil || gil.Email != "gil@globex.example" || len(gil.Permissions) != len(access.Permissions()) || shop == nil || shop.Name != "Shop" {
		t.Errorf("people: %+v, %+v", gil, shop)
	}
	for kind, n := range map[audit.Kind]int{
		audit.OrganizationCreated: 1, audit.AdministratorAdded: 1, audit.ApplicationAdded: 1, audit.KeyIssued: 2,
	} {
		events := f.events("globex", kind)
		if len(events) != n || events[0].Actor != "root" {
			t.Errorf("%s: %+v, want %d", kind, events, n)
		}
	}
	taken := policy.Change{History: &org.Policy{Version: 1}}
	refused(t, "the first version's place in the history", f.store.WriteOrganization(t.Context(), "globex", taken), user.ErrConflict)
	f.works(got.Keys, access.OrganizationAdministrator, "gil", access.PolicyWrite)
	f.works(got.Keys, access.Application, "shop", "")
}

// works demands a key for a holder that is good where it should be, and nowhere else.
func (f *fixture) works(keys []policy.Issued, role access.Role, holder string, permission access.Permission) {
	f.t.Helper()
	i := slices.IndexFunc(keys, func(k policy.Issued) bool { return k.Holder == holder && k.Role == role })
	if i < 0 {
		f.t.Fatalf("no key for %s among %d", holder, len(keys))
	}
	credential, err := access.Parse(keys[i].Text)
	f.must(err)
	found, err := f.store.Keys(f.t.Context(), keys[i].ID)
	f.must(err)
	stored := &found[0]
	rule := access.Rule{Roles: []access.Role{role}, Permission: permission}
	if err := access.Authorize(stored, credential, rule, "globex", f.Clock.Now()); err != nil {
		f.t.Errorf("the key of %s: %v", holder, err)
	}
	refused(f.t, "elsewhere", access.Authorize(stored, credential, rule, acme, f.Clock.Now()), access.ErrNotFound)
}

func TestPuttingTheSameAgainChangesNothingAndShowsNoKey(t *testing.T) {
	f := newFixture(t)
	_, err := f.put(globex())
	f.must(err)
	before := len(f.events("globex", audit.KeyIssued))
	again, err := f.put(globex())
	f.must(err)
	if again.Created || len(again.Keys) != 0 || again.Organization.Name != "Globex" {
		t.Errorf("again: %+v", again)
	}
	if o := f.organization("globex"); o.Rev != 1 || len(f.events("globex", audit.KeyIssued)) != before || len(f.events("globex", audit.OrganizationChanged)) != 0 {
		t.Errorf("revision %d", o.Rev)
	}
}

func TestPuttingSomethingElseChangesNameAndEntitlements(t *testing.T) {
	f := newFixture(t)
	_, err := f.put(globex())
	f.must(err)
	in := policy.Put{ID: "globex", Name: "Globex AG"}
	got, err := f.put(in)
	f.must(err)
	o := f.organization("globex")
	if got.Created || got.Organization.Name != "Globex AG" || o.Name != "Globex AG" || o.Entitlements.TwoFactor || o.Rev != 2 || o.Policy.Version != 1 {
		t.Errorf("changed to %+v", o)
	}
	events := f.events("globex", audit.OrganizationChanged)
	if len(events) != 1 || events[0].Details["name"] != "Globex AG" || events[0].Notify {
		t.Errorf("events: %+v", events)
	}
	events = f.events("globex", audit.EntitlementsChanged)
	if len(events) != 1 || events[0].Details["two_factor"] != "true → false" || !events[0].Notify {
		t.Errorf("events: %+v", events)
	}
}

// An organisation's people are made with it, and later in a place of their own, with a second word.
func TestPeopleAreMadeWithTheOrganisationOnly(t *testing.T) {
	f := newFixture(t)
	_, err := f.put(globex())
	f.must(err)
	roster, err := f.store.Roster(t.Context(), "globex")
	f.must(err)
	if roster == nil || roster.Rev != 1 || !slices.Equal(roster.Writers, []string{"gil"}) {
		t.Errorf("who decides: %+v", roster)
	}
	before, err := f.store.Administrator(t.Context(), "globex", "gil")
	f.must(err)
	for field, change := range map[string]func(*policy.Put){
		"administrator.id":          func(p *policy.Put) { p.Administrator.ID = "eve" },
		"administrator.name":        func(p *policy.Put) { p.Administrator.Name = "Eve" },
		"administrator.email":       func(p *policy.Put) { p.Administrator.Email = "eve@evil.example" },
		"administrator.permissions": func(p *policy.Put) { p.Administrator.Permissions = []access.Permission{access.AuditRead} },
		"application.id":            func(p *policy.Put) { p.Application.ID = "evil" },
		"application.name":          func(p *policy.Put) { p.Application.Name = "Evil" },
	} {
		in := globex()
		in.Name = "Renamed"
		change(&in)
		_, err := f.put(in)
		faulty(t, field, err, "organization_exists", field)
	}
	after, err := f.store.Administrator(t.Context(), "globex", "gil")
	f.must(err)
	if before.Rev != 1 || len(before.Keys) != 1 || !reflect.DeepEqual(before, after) || f.organization("globex").Name == "Renamed" {
		t.Errorf("became %+v", after)
	}
}

func TestWhatAPutMayNotSay(t *testing.T) {
	f := newFixture(t)
	for what, c := range map[string]struct {
		change      func(p *policy.Put)
		code, field string
	}{
		"two addresses": {func(p *policy.Put) { p.Administrator.Email = "a@b.example,c@d.example" }, "invalid_email", "administrator.email"},
		"no address":    {func(p *policy.Put) { p.Administrator.Email = "" }, "invalid_email", "administrator.email"},
	} {
		in := globex()
		c.change(&in)
		_, err := f.put(in)
		faulty(t, what, err, c.code, c.field)
	}
	if f.organization("globex") != nil {
		t.Error("a refused put made an organisation")
	}
}

func TestTheEntitlementOfAForcedOrganisationStays(t *testing.T) {
	f := newFixture(t)
	id, code := f.proposed(f.forced(0))
	_, err := f.confirm(id, code)
	f.must(err)
	f.untouched(func() {
		_, err := f.put(policy.Put{ID: acme, Name: "Acme", Entitlements: org.Entitlements{}})
		faulty(t, "withdrawing", err, "step_up_required", "entitlements.two_factor")
	})
	_, err = f.put(policy.Put{ID: acme, Name: "Acme Corp", Entitlements: org.Entitlements{TwoFactor: true}})
	f.must(err)
}

func TestOnlySystemAdministratorsPut(t *testing.T) {
	f := newFixture(t)
	for name, caller := range map[string]access.Caller{"administrator": f.Administrator, "application": f.Application} {
		for _, id := range []string{acme, "globex"} {
			in := globex()
			in.ID = id
			_, err := f.Policy.PutOrganization(t.Context(), caller, in)
			refused(t, name, err, access.ErrRole)
		}
	}
	if f.organization("globex") != nil || f.organization(acme).Rev != 1 {
		t.Error("a refused put was written")
	}
}

// Keys that nobody was shown must not exist; nor half an organisation.
func TestAPutThatCannotBeStoredMakesNothing(t *testing.T) {
	f := newFixture(t)
	for range 3 {
		f.store.FailNext("WriteOrganization", false, user.ErrConflict)
	}
	_, err := f.put(globex())
	refused(t, "three lost races", err, user.ErrConflict)
	for _, op := range []string{"write", "read"} {
		switch op {
		case "write":
			f.store.FailNext("WriteOrganization", false, errors.New("down"))
		case "read":
			f.store.FailNext("ReadOrganization", false, errors.New("down"))
		}
		got, err := f.put(globex())
		unavailable(t, op, err)
		if len(got.Keys) != 0 {
			t.Error("a key is shown that does not exist")
		}
	}
	if f.organization("globex") != nil {
		t.Error("something was made")
	}
	f.store.FailNext("WriteOrganization", false, user.ErrConflict)
	got, err := f.put(globex())
	f.must(err)
	f.works(got.Keys, access.Application, "shop", "")
}

func TestWhoMayReadAnOrganisation(t *testing.T) {
	f := newFixture(t)
	_, err := f.put(globex())
	f.must(err)
	for name, caller := range map[string]access.Caller{"administrator": f.Administrator, "system": f.System} {
		o, err := f.Policy.Organization(t.Context(), caller, acme)
		f.must(err)
		if o.ID != acme || o.Policy.Version != 1 {
			t.Errorf("%s reads %+v", name, o)
		}
	}
	_, foreign := f.Policy.Organization(t.Context(), f.Administrator, "globex")
	_, absent := f.Policy.Organization(t.Context(), f.Administrator, "nowhere")
	refused(t, "another's", foreign, access.ErrNotFound)
	if foreign == nil || absent == nil || foreign.Error() != absent.Error() {
		t.Errorf("another's gives %v, none gives %v", foreign, absent)
	}
	_, err = f.Policy.Organization(t.Context(), f.System, "nowhere")
	refused(t, "none", err, access.ErrNotFound)
	_, err = f.Policy.Organization(t.Context(), f.Application, acme)
	refused(t, "an application", err, access.ErrRole)
}

// The organisation of the administrators is made by the console alone.
func TestTheAdministratorsOrganisationIsNotPut(t *testing.T) {
	w := storetest.NewWorld(t, memstore.New())
	if _, err := w.Policy.PutOrganization(t.Context(), w.System, policy.Put{ID: access.Administrators, Name: "Ours"}); !errors.Is(err, policy.ErrReserved) {
		t.Errorf("got %v", err)
	}
	if _, err := w.Admission.Desk(t.Context(), "https://2fa.vendor.example/console/return"); err != nil {
		t.Fatal(err)
	}
	r, err := w.Policy.PutOrganization(t.Context(), w.System, policy.Put{ID: access.Administrators, Name: "Ours", Entitlements: org.Entitlements{TwoFactor: true}})
	if err != nil || r.Organization.Name != "Ours" || r.Created {
		t.Errorf("it cannot be named: %+v, %v", r.Organization, err)
	}
	_, err = w.Policy.PutOrganization(t.Context(), w.System, policy.Put{ID: access.Administrators, Name: "Ours"})
	if _, again := w.Policy.ProposeEntitlements(t.Context(), w.System, access.Administrators, org.Entitlements{}); !errors.Is(err, policy.ErrAdministrators) || !errors.Is(again, policy.ErrAdministrators) {
		t.Errorf("two-factor is taken from the administrators: %v, %v", err, again)
	}
	care := w.Administers(t, access.Administrators, "care")
	for _, status := range []org.Status{org.Disabled, org.Enabled} {
		p := org.DefaultOrganizationPolicy(w.Clock.Now())
		p.Status = status
		if _, err := w.Policy.Propose(t.Context(), care, access.Administrators, policy.Wanted{Policy: p}, 1); !errors.Is(err, policy.ErrAdministrators) {
			t.Errorf("%s for administrators: %v", status, err)
		}
	}
	if _, err := w.People.Impersonate(t.Context(), w.System, access.Administrators, "care", "ticket 12"); !errors.Is(err, access.ErrImpersonated) {
		t.Errorf("somebody acts for whoever cares for administrators: %v", err)
	}
}
