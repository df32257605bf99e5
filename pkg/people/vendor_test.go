package people_test

import (
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"twofold/pkg/access"
	"twofold/pkg/audit"
	"twofold/pkg/factor"
	"twofold/pkg/memstore"
	"twofold/pkg/people"
	"twofold/pkg/report"
	"twofold/pkg/stepup"
	"twofold/pkg/user"
)

const vendor = access.VendorHome

// colleague invites a system administrator, who accepts.
func (f *fixture) colleague(id string) access.Caller {
	f.t.Helper()
	f.Clock.Advance(user.SendWindow)
	p, err := f.People.ProposeAdministrator(f.t.Context(), f.System, vendor, people.Wanted{ID: id, Email: id + "@vendor.example"})
	f.must(err)
	a, err := f.People.ConfirmAdministrator(f.t.Context(), f.System, vendor, p.Change.ID, stepup.Word{Code: f.code(f.System)})
	f.must(err)
	code, err := factor.InvitationCode(f.Keys, a.Invitation.KeyID, stepup.Invited(a))
	f.must(err)
	made, err := f.People.AcceptInvitation(f.t.Context(), access.Caller{}, vendor, id, code)
	f.must(err)
	return as(f.t, made.Text)
}

// systems are the events of a kind in the system's own log.
func (f *fixture) systems(kind audit.Kind) []audit.Event {
	f.t.Helper()
	all, _, err := f.store.Events(f.t.Context(), vendor, report.EventQuery{Limit: report.MaxLimit})
	f.must(err)
	return slices.DeleteFunc(all, func(e audit.Event) bool { return e.Kind != kind })
}

// vendors is all that the vendor's home holds, but for the dockets.
func (f *fixture) vendors() []any {
	f.t.Helper()
	administrators, err := f.store.Administrators(f.t.Context(), vendor)
	f.must(err)
	applications, err := f.store.Applications(f.t.Context(), vendor)
	f.must(err)
	readers, err := f.store.Readers(f.t.Context(), vendor)
	f.must(err)
	roster, err := f.store.Roster(f.t.Context(), vendor)
	f.must(err)
	events, _, err := f.store.Events(f.t.Context(), vendor, report.EventQuery{Limit: report.MaxLimit})
	f.must(err)
	return []any{administrators, applications, readers, roster, events}
}

// kept runs what must change nothing of the vendor's.
func (f *fixture) kept(act func()) {
	f.t.Helper()
	before := f.vendors()
	act()
	if !reflect.DeepEqual(before, f.vendors()) {
		f.t.Error("something of the vendor's was written")
	}
}

func (f *fixture) vendorsKey(k people.NewKey) people.Issued {
	f.t.Helper()
	f.Clock.Advance(user.SendWindow)
	p, err := f.People.ProposeKey(f.t.Context(), f.System, vendor, k)
	f.must(err)
	made, err := f.People.ConfirmKey(f.t.Context(), f.System, vendor, p.Change.ID, stepup.Word{Code: f.code(f.System)})
	f.must(err)
	return made
}

// The vendor's home is closed to everybody but its own: to administrators of organisations, applications and readers, its own ones too.
func TestTheVendorsHomeIsClosed(t *testing.T) {
	f := newFixture(t)
	f.portal(true)
	app := as(t, f.vendorsKey(people.NewKey{Holder: people.Holder{Application: "portal"}}).Text)
	reader := as(t, f.vendorsKey(people.NewKey{Holder: forSIEM}).Text)
	ctx := t.Context()
	f.kept(func() {
		for who, c := range map[string]access.Caller{
			"an administrator": f.Administrator, "an application": f.Application, "the vendor's application": app, "the vendor's reader": reader,
		} {
			for what, err := range map[string]error{
				"administrators": second(f.People.Administrators(ctx, c, vendor)), "one": second(f.People.Administrator(ctx, c, vendor, "root")),
				"a name":       second(f.People.ChangeAdministrator(ctx, c, vendor, "root", people.Lowered{Name: new(string)})),
				"a removal":    f.People.RemoveAdministrator(ctx, c, vendor, "root"),
				"a proposal":   second(f.People.ProposeAdministrator(ctx, c, vendor, people.Wanted{ID: "eve", Email: "eve@evil.example"})),
				"applications": second(f.People.Applications(ctx, c, vendor)), "an application": second(f.People.VendorApplication(ctx, c, "portal")),
				"another":            second(f.People.PutApplication(ctx, c, vendor, people.WantedApplication{ID: "evil", Name: "E", Everywhere: true})),
				"an application's":   f.People.RemoveApplication(ctx, c, vendor, "portal"),
				"more for it":        second(f.People.ProposeApplication(ctx, c, people.WantedApplication{ID: "portal", Name: "E", Everywhere: true})),
				"the keys":           second(f.People.Keys(ctx, c, vendor)),
				"a key":              second(f.People.ProposeKey(ctx, c, vendor, people.NewKey{Holder: forSIEM})),
				"a key's end":        f.People.RevokeKey(ctx, c, vendor, f.System.Credential.ID),
				"a proposal of keys": second(f.People.KeyProposal(ctx, c, vendor, "00")),
			} {
				refused(t, who+", "+what, err, access.ErrRole)
			}
		}
	})
}

// second is what a call failed with.
func second[T any](_ T, err error) error { return err }

func TestKeysOfTheVendorsOwn(t *testing.T) {
	f := newFixture(t)
	f.portal(false)
	for _, c := range []struct {
		holder people.Holder
		want   access.Key
	}{
		{people.Holder{Administrator: "root"}, access.Key{Role: access.SystemAdministrator, Everywhere: true}},
		{forSIEM, access.Key{Role: access.Reader, Everywhere: true}},
		{people.Holder{Application: "portal"}, access.Key{Role: access.Application, Organizations: []string{acme}, Audience: "urn:twofold:application:portal"}},
	} {
		made := f.vendorsKey(people.NewKey{Holder: c.holder, Name: "CI"})
		got := f.key(made.ID)
		if got.Role != c.want.Role || !got.Vendor || got.Everywhere != c.want.Everywhere || !slices.Equal(got.Organizations, c.want.Organizations) ||
			got.Audience != c.want.Audience || len(got.Permissions) != 0 || got.Name != "CI" {
			t.Errorf("%+v: %+v", c.holder, got)
		}
		f.Clock.Advance(user.SendWindow)
		rotated := f.vendorsKey(people.NewKey{Rotates: made.ID, Overlap: time.Hour})
		if old, now := f.key(made.ID), f.key(rotated.ID); !old.ExpiresAt.Equal(f.Clock.Now().Add(time.Hour)) || now.Holder != got.Holder || !now.Vendor || now.Audience != got.Audience {
			t.Errorf("rotated: %+v, %+v", old, now)
		}
		f.must(f.People.RevokeKey(t.Context(), f.System, vendor, rotated.ID))
	}
	all, err := f.People.Keys(t.Context(), f.System, vendor)
	f.must(err)
	if len(all) != 3 { // root's first, and two that were rotated, within their overlap
		t.Errorf("the keys are %+v", all)
	}
	if e := f.systems(audit.KeyIssued); len(e) != 6 || !e[0].Notify || len(f.systems(audit.KeyRevoked)) != 3 || len(f.events(audit.KeyIssued)) != 0 {
		t.Errorf("events: %+v", e)
	}
}

// A vendor's application may be limited to one organisation: its keys are none of that organisation's all the same, nor the other way about.
func TestKeysAreOfOneHome(t *testing.T) {
	f := newFixture(t)
	f.portal(false)
	_, err := f.People.PutApplication(t.Context(), f.System, vendor, people.WantedApplication{ID: "crm", Name: "CRM", Organizations: []string{acme}})
	f.must(err)
	vendors := f.vendorsKey(people.NewKey{Holder: forCRM})
	before := f.key(vendors.ID)
	f.Clock.Advance(user.SendWindow)
	for _, c := range []access.Caller{f.Administrator, f.System} {
		keys, err := f.People.Keys(t.Context(), c, acme)
		f.must(err)
		if slices.ContainsFunc(keys, func(k access.Key) bool { return k.ID == vendors.ID }) {
			t.Error("the organisation lists a key of the vendor's")
		}
		refused(t, "to revoke the vendor's", f.People.RevokeKey(t.Context(), c, acme, vendors.ID), access.ErrNotFound)
		_, err = f.propose(c, people.NewKey{Rotates: vendors.ID})
		refused(t, "to rotate the vendor's", err, access.ErrNotFound)
	}
	for _, id := range []string{f.Application.Credential.ID, f.Administrator.Credential.ID} {
		refused(t, "to revoke an organisation's", f.People.RevokeKey(t.Context(), f.System, vendor, id), access.ErrNotFound)
		_, err := f.People.ProposeKey(t.Context(), f.System, vendor, people.NewKey{Rotates: id})
		refused(t, "to rotate an organisation's", err, access.ErrNotFound)
	}
	if !reflect.DeepEqual(before, f.key(vendors.ID)) {
		t.Error("the vendor's key has changed")
	}
}

// What was told of a key when it was proposed is what it reaches: an application that was removed and made anew meanwhile looks the same by its
// revision.
func TestAKeyReachesWhatWasTold(t *testing.T) {
	f := newFixture(t)
	f.portal(false)
	p, err := f.People.ProposeKey(t.Context(), f.System, vendor, people.NewKey{Holder: people.Holder{Application: "portal"}})
	f.must(err)
	if p.Change.Told["organizations"] != acme || !strings.HasPrefix(p.Change.Told["audience"], "urn:") {
		t.Errorf("told: %v", p.Change.Told)
	}
	f.must(f.People.RemoveApplication(t.Context(), f.System, vendor, "portal"))
	f.portal(true)
	_, err = f.People.ConfirmKey(t.Context(), f.System, vendor, p.Change.ID, stepup.Word{Code: f.code(f.System)})
	refused(t, "another reach", err, people.ErrMoved)
}

// A failure of the store is an outage, whether the write was done or not.
func TestTheVendorsHomeInAnOutage(t *testing.T) {
	f := newFixture(t)
	wanted := people.WantedApplication{ID: "portal", Name: "P", Organizations: []string{acme}}
	for _, operation := range []memstore.Operation{memstore.ReadOrganization, memstore.One, memstore.KnownOrganizations, memstore.WritePeople} {
		f.store.FailNext(operation, operation == memstore.WritePeople, errors.New("down"))
		_, err := f.People.PutApplication(t.Context(), f.System, vendor, wanted)
		unavailable(t, string(operation), err)
	}
	again, err := f.People.PutApplication(t.Context(), f.System, vendor, wanted)
	if err != nil || again.Rev != 1 || len(f.systems(audit.ApplicationAdded)) != 1 {
		t.Errorf("after a lost reply: %+v, %v", again, err)
	}
	f.store.FailNext("Administrators", false, errors.New("down"))
	unavailable(t, "the roster", f.People.RemoveAdministrator(t.Context(), f.System, vendor, "root"))
}
