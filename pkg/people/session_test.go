package people_test

import (
	"slices"
	"testing"

	"twofold/pkg/access"
	"twofold/pkg/audit"
	"twofold/pkg/org"
	"twofold/pkg/people"
	"twofold/pkg/storetest"
	"twofold/pkg/user"
)

// signedIn gives ann, or root of the vendor's, a session of the console, as signing in does.
func (f *fixture) signedIn(home, id string, role access.Role) access.Caller {
	f.t.Helper()
	a, err := f.store.Administrator(f.t.Context(), home, id)
	f.must(err)
	key, credential := storetest.Session(f.t, role, f.Clock.Now())
	key.Holder, key.Vendor, key.Everywhere = id, home == vendor, home == vendor
	if home != vendor {
		key.Organizations, key.Permissions = []string{home}, access.Permissions()
	}
	a.Keys, a.Rev, a.Deliver = append(a.Keys, key.ID), a.Rev+1, ""
	f.must(f.store.WritePeople(f.t.Context(), people.Change{Administrators: []org.Administrator{*a}, Keys: []access.Key{key}}))
	return access.Caller{Credential: credential}
}

// Whoever may care for keys sees who is signed in, and ends that.
func TestSessionsOfTheConsoleAreSeenAndEnded(t *testing.T) {
	f := newFixture(t)
	for _, c := range []struct {
		home, id string
		role     access.Role
		by       access.Caller
	}{{acme, "ann", access.OrganizationAdministrator, f.Administrator}, {vendor, "root", access.SystemAdministrator, f.System}} {
		session := f.signedIn(c.home, c.id, c.role)
		keys, err := f.People.Keys(t.Context(), c.by, c.home)
		f.must(err)
		at := slices.IndexFunc(keys, func(k access.Key) bool { return k.Console })
		if at < 0 || keys[at].ID != session.Credential.ID || keys[at].Holder != c.id || !keys[at].ExpiresAt.Equal(f.Clock.Now().Add(access.ConsoleLife)) {
			t.Fatalf("%s: the keys are %+v", c.id, keys)
		}
		_, err = f.People.Administrators(t.Context(), session, c.home)
		f.must(err)
		f.must(f.People.RevokeKey(t.Context(), c.by, c.home, session.Credential.ID))
		_, err = f.People.Administrators(t.Context(), session, c.home)
		refused(t, "an ended session", err, access.ErrUnauthenticated)
	}
	if n := len(f.events(audit.KeyRevoked)); n != 1 || len(f.systems(audit.KeyRevoked)) != 1 {
		t.Errorf("%d ends of sessions are in the log", n)
	}
}

// A session is no key that anybody has: nothing takes its place, and it takes no place among the holder's keys.
func TestASessionOfTheConsoleIsNoKeyOfOnes(t *testing.T) {
	f := newFixture(t)
	session := f.signedIn(acme, "ann", access.OrganizationAdministrator)
	f.untouched(func() {
		_, err := f.propose(f.Administrator, people.NewKey{Rotates: session.Credential.ID})
		refused(t, "to rotate a session", err, access.ErrNotFound)
	})
	for range org.MaxKeys - 1 {
		f.issued(f.System, people.NewKey{Holder: forAnn})
		f.Clock.Advance(user.SendWindow)
	}
	if !f.key(session.Credential.ID).Live(f.Clock.Now()) {
		t.Fatal("the session has ended")
	}
	_, err := f.propose(f.System, people.NewKey{Holder: forAnn})
	refused(t, "one too many", err, people.ErrTooMany)
}

// What is taken from an administrator is gone from the sessions too, and who is removed is signed in no more.
func TestSessionsOfTheConsoleFollowTheirHolder(t *testing.T) {
	f := newFixture(t)
	f.AddAdministrator(t, "bob")
	session := f.signedIn(acme, "ann", access.OrganizationAdministrator)
	_, err := f.People.ChangeAdministrator(t.Context(), f.System, acme, "ann", people.Lowered{Permissions: &auditor})
	f.must(err)
	_, err = f.propose(session, people.NewKey{Holder: forCRM})
	refused(t, "what was taken", err, access.ErrPermission)
	f.must(f.People.RemoveAdministrator(t.Context(), f.System, acme, "ann"))
	_, err = f.People.Self(t.Context(), session, acme)
	refused(t, "who was removed", err, access.ErrUnauthenticated)
}
