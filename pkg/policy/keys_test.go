package policy_test

import (
	"errors"
	"slices"
	"testing"

	"twofold/pkg/access"
	"twofold/pkg/audit"
	"twofold/pkg/org"
	"twofold/pkg/policy"
	"twofold/pkg/user"
)

func (f *fixture) issue(h policy.Holder) (policy.Issued, error) {
	return f.Policy.IssueKey(f.t.Context(), f.System, acme, h)
}

func (f *fixture) revoke(id string) error {
	return f.Policy.RevokeKey(f.t.Context(), f.System, acme, id)
}

func TestAFurtherKeyForAHolder(t *testing.T) {
	f := newFixture(t)
	for holder, h := range map[string]policy.Holder{"ann": {Administrator: "ann"}, "crm": {Application: "crm"}} {
		issued, err := f.issue(h)
		f.must(err)
		credential, err := access.Parse(issued.Text)
		f.must(err)
		stored, err := f.store.Key(t.Context(), issued.ID)
		f.must(err)
		if issued.Holder != holder || stored == nil || stored.Holder != holder || stored.Role != issued.Role ||
			!slices.Equal(stored.Organizations, []string{acme}) || stored.Everywhere || !stored.Valid(credential, f.Clock.Now()) {
			t.Errorf("issued %+v, stored %+v", issued, stored)
		}
		events := f.events(acme, audit.KeyIssued)
		last := events[len(events)-1]
		if last.Details["key"] != issued.ID || last.Details["holder"] != holder || last.Actor != "root" {
			t.Errorf("event: %+v", last)
		}
	}
}

// A new key can do what its holder may, and no more.
func TestAKeyHasTheHoldersPermissions(t *testing.T) {
	f := newFixture(t)
	_, err := f.put(policy.Put{
		ID: acme, Name: "Acme", Entitlements: org.Entitlements{TwoFactor: true},
		Administrator: &policy.NewAdministrator{ID: "aud", Email: "aud@acme.example", Permissions: []access.Permission{access.AuditRead}},
	})
	f.must(err)
	issued, err := f.issue(policy.Holder{Administrator: "aud"})
	f.must(err)
	stored, err := f.store.Key(t.Context(), issued.ID)
	f.must(err)
	if !slices.Equal(stored.Permissions, []access.Permission{access.AuditRead}) {
		t.Errorf("permissions: %v", stored.Permissions)
	}
}

func TestAKeyIsForOneKnownHolder(t *testing.T) {
	f := newFixture(t)
	f.untouched(func() {
		for _, c := range []struct {
			holder policy.Holder
			want   error
		}{
			{policy.Holder{}, policy.ErrHolder}, {policy.Holder{Administrator: "ann", Application: "crm"}, policy.ErrHolder},
			{policy.Holder{Administrator: "crm"}, access.ErrNotFound}, {policy.Holder{Application: "ann"}, access.ErrNotFound},
		} {
			_, err := f.issue(c.holder)
			refused(t, "a key", err, c.want)
		}
		for name, caller := range map[string]access.Caller{"administrator": f.Administrator, "application": f.Application} {
			_, err := f.Policy.IssueKey(t.Context(), caller, acme, policy.Holder{Application: "crm"})
			refused(t, name, err, access.ErrRole)
		}
		_, err := f.Policy.IssueKey(t.Context(), f.System, "nowhere", policy.Holder{Application: "crm"})
		refused(t, "nowhere", err, access.ErrNotFound)
		f.store.FailNext("WriteOrganization", false, errors.New("down"))
		_, err = f.issue(policy.Holder{Application: "crm"})
		unavailable(t, "a write that failed", err)
	})
}

func TestARevokedKeyIsRefusedAtOnce(t *testing.T) {
	f := newFixture(t)
	id := f.Administrator.Credential.ID
	f.must(f.revoke(id))
	_, err := f.Policy.Organization(t.Context(), f.Administrator, acme)
	refused(t, "the next request", err, access.ErrUnauthenticated)
	stored, err := f.store.Key(t.Context(), id)
	f.must(err)
	if !stored.RevokedAt.Equal(f.Clock.Now()) {
		t.Errorf("revoked at %v", stored.RevokedAt)
	}
	f.Clock.Advance(user.SendInterval)
	f.must(f.revoke(id))
	again, err := f.store.Key(t.Context(), id)
	f.must(err)
	events := f.events(acme, audit.KeyRevoked)
	if len(events) != 1 || events[0].Details["key"] != id || events[0].Details["holder"] != "ann" || !again.RevokedAt.Equal(stored.RevokedAt) {
		t.Errorf("revoked twice: %+v", events)
	}
}

// What is not a key of this organisation is nothing here, whatever it is elsewhere.
func TestOnlyKeysOfTheOrganisationAreRevoked(t *testing.T) {
	f := newFixture(t)
	_, foreign := f.key(access.Application, "shop", []string{"globex"})
	for what, id := range map[string]string{
		"another organisation's": foreign.ID, "the system's": f.System.Credential.ID, "none": "ffffffffffffffffffff",
	} {
		refused(t, what, f.revoke(id), access.ErrNotFound)
		if stored, err := f.store.Key(t.Context(), id); err != nil || stored != nil && !stored.RevokedAt.IsZero() {
			t.Errorf("%s was revoked: %+v, %v", what, stored, err)
		}
	}
	for name, caller := range map[string]access.Caller{"administrator": f.Administrator, "application": f.Application} {
		refused(t, name, f.Policy.RevokeKey(t.Context(), caller, acme, f.Application.Credential.ID), access.ErrRole)
	}
	refused(t, "through nowhere", f.Policy.RevokeKey(t.Context(), f.System, "nowhere", foreign.ID), access.ErrNotFound)
}

func TestARevocationThatIsLostIsRepeated(t *testing.T) {
	f := newFixture(t)
	id := f.Application.Credential.ID
	f.store.FailNext("WriteOrganization", false, errors.New("down"))
	unavailable(t, "not persisted", f.revoke(id))
	f.store.FailNext("WriteOrganization", false, user.ErrConflict)
	f.store.FailNext("WriteOrganization", true, errors.New("lost"))
	unavailable(t, "persisted", f.revoke(id))
	f.must(f.revoke(id))
	if n := len(f.events(acme, audit.KeyRevoked)); n != 1 {
		t.Errorf("%d events of one revocation", n)
	}
}
