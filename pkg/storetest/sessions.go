package storetest

import (
	"testing"

	"twofold/pkg/access"
	"twofold/pkg/people"
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
