package storetest

import (
	"testing"

	"twofold/pkg/access"
	"twofold/pkg/audit"
	"twofold/pkg/people"
	"twofold/pkg/user"
)

// A session is read with the key that it was begun with, in the reads of a request and nowhere else.
func sessionsReturn(t *testing.T, s Contract) {
	ctx := t.Context()
	parent, _ := access.NewKey(access.SystemAdministrator, second(1))
	parent.Holder, parent.Everywhere = "root", true
	session, text := access.NewSession(&parent, Organization, "ann", access.Permissions(), "ticket 12", second(1))
	c := caller(t, text).Credential
	must(t, s.WritePeople(ctx, people.Change{Keys: []access.Key{session}}))
	read := func(what string, want *access.Key) {
		t.Helper()
		k, _, err := s.ReadOrganization(ctx, c, Organization)
		must(t, err)
		same(t, what, k, want)
		snap, err := s.Read(ctx, c, Organization, somebody)
		must(t, err)
		same(t, what+", beside a user", snap.Key, want)
	}
	read("a session whose key is not there", &session)
	must(t, s.WritePeople(ctx, people.Change{Keys: []access.Key{parent}}))
	whole := session
	whole.Parent = &parent
	read("a session", &whole)
	same(t, "a session among keys", keyOf(t, s, session.ID), &session)
	parent.RevokedAt = second(2)
	must(t, s.WritePeople(ctx, people.Change{Altered: []access.Key{parent}}))
	read("a session whose key is revoked", &whole)
}

// However many begin in one place at once, one of them is left, and each that was begun has its event.
func impersonatedOnce(t *testing.T, s Contract) {
	w := NewWorld(t, s)
	errs := collect(10, func(int) error {
		_, err := w.People.Impersonate(t.Context(), w.System, Organization, "ann", "ticket")
		return err
	})
	begun := wins(t, errs, user.ErrConflict)
	live, err := w.People.Impersonations(t.Context(), w.System, Organization)
	must(t, err)
	if begun == 0 || len(live) != 1 {
		t.Errorf("%d were begun, %d are under way", begun, len(live))
	}
	if n := w.events(t, audit.ImpersonationBegun); n != begun {
		t.Errorf("%d events of %d beginnings", n, begun)
	}
}
