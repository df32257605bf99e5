package dynamo_test

import (
	"errors"
	"maps"
	"testing"

	"twofold/pkg/access"
	"twofold/pkg/factor"
	"twofold/pkg/org"
	"twofold/pkg/people"
	"twofold/pkg/policy"
	"twofold/pkg/stepup"
	"twofold/pkg/storetest"
)

// mailedTo is the code that an administrator of the organisation was mailed last; empty where nothing was proposed.
func mailedTo(t *testing.T, w *storetest.World, administrator string) string {
	t.Helper()
	return mailedAt(t, w, storetest.Organization, administrator)
}

// mailedAt is that of an administrator of a home.
func mailedAt(t *testing.T, w *storetest.World, home, administrator string) string {
	t.Helper()
	d, err := w.Store.Docket(t.Context(), home, administrator)
	if err != nil {
		t.Fatal(err)
	}
	if d == nil {
		return ""
	}
	last := d.Changes[len(d.Changes)-1]
	code, err := factor.MailedCode(w.Keys, last.KeyID, d.Mailed(last))
	if err != nil {
		t.Fatal(err)
	}
	return code
}

// TestRequestsOfPeople holds what docs/performance.md says of keys and administrators.
func TestRequestsOfPeople(t *testing.T) {
	store, wire := wired(t)
	w := storetest.NewWorld(t, store)
	ctx, acme := t.Context(), storetest.Organization
	var proposed people.Proposed
	var forcing policy.Proposed
	var typed, invitation string
	var begun people.Session
	eve, forced := "eve", org.DefaultOrganizationPolicy(w.Clock.Now())
	forced.Status = org.Forced
	secret := w.Enrolled(t, eve)
	for _, c := range []struct {
		name string
		act  func() error
		want map[string]int
	}{
		{"propose a key", func() (err error) {
			proposed, err = w.People.ProposeKey(ctx, w.Administrator, acme, people.NewKey{Holder: people.Holder{Application: "crm"}})
			return err
		}, map[string]int{"BatchGetItem": 2, "GetItem": 3, "TransactWriteItems": 1}},
		{"confirm a key", func() error {
			_, err := w.People.ConfirmKey(ctx, w.Administrator, acme, proposed.Change.ID, stepup.Word{Code: typed})
			return err
		}, map[string]int{"BatchGetItem": 2, "GetItem": 3, "TransactWriteItems": 1}},
		{"list keys", func() error { _, err := w.People.Keys(ctx, w.Administrator, acme); return err },
			map[string]int{"BatchGetItem": 2, "Query": 3}},
		{"revoke a key", func() error { return w.People.RevokeKey(ctx, w.Administrator, acme, w.Application.Credential.ID) },
			map[string]int{"BatchGetItem": 2, "GetItem": 1, "TransactWriteItems": 1}},
		{"propose an administrator", func() (err error) {
			proposed, err = w.People.ProposeAdministrator(ctx, w.Administrator, acme, people.Wanted{
				ID: "bea", Email: "bea@acme.example", Permissions: []access.Permission{access.PolicyWrite},
			})
			return err
		}, map[string]int{"BatchGetItem": 1, "GetItem": 3, "TransactWriteItems": 1}},
		{"confirm an administrator", func() error {
			a, err := w.People.ConfirmAdministrator(ctx, w.Administrator, acme, proposed.Change.ID, stepup.Word{Code: typed})
			if err == nil {
				invitation, err = factor.InvitationCode(w.Keys, a.Invitation.KeyID, stepup.Invited(a))
			}
			return err
		}, map[string]int{"BatchGetItem": 1, "GetItem": 4, "TransactWriteItems": 1}},
		{"accept an invitation", func() error {
			_, err := w.People.AcceptInvitation(ctx, access.Caller{}, acme, "bea", invitation)
			return err
		}, map[string]int{"GetItem": 2, "TransactWriteItems": 1}},
		{"begin an impersonation", func() (err error) {
			begun, err = w.People.Impersonate(ctx, w.System, acme, "ann", "ticket")
			return err
		}, map[string]int{"BatchGetItem": 2, "GetItem": 1, "TransactWriteItems": 1}},
		{"a call in an impersonation", func() error {
			credential, err := access.Parse(begun.Token)
			if err == nil {
				_, err = w.Policy.Organization(ctx, access.Caller{Credential: credential}, acme)
			}
			return err
		}, map[string]int{"BatchGetItem": 1}},
		{"end an impersonation", func() error { return w.People.EndImpersonation(ctx, w.Administrator, acme, begun.ID) },
			map[string]int{"BatchGetItem": 2, "GetItem": 1, "TransactWriteItems": 1}},
		{"remove an administrator", func() error { return w.People.RemoveAdministrator(ctx, w.System, acme, "bea") },
			map[string]int{"BatchGetItem": 2, "GetItem": 2, "TransactWriteItems": 1}},
		{"see oneself", func() error { _, err := w.People.Self(ctx, w.Administrator, acme); return err },
			map[string]int{"BatchGetItem": 1, "GetItem": 1}},
		{"propose who one is as a user", func() (err error) {
			proposed, err = w.People.ProposeSelf(ctx, w.Administrator, acme, people.Own{User: &eve})
			return err
		}, map[string]int{"BatchGetItem": 2, "GetItem": 3, "TransactWriteItems": 1}},
		{"confirm who one is", func() error {
			_, err := w.People.ConfirmSelf(ctx, w.Administrator, acme, proposed.Change.ID, stepup.Word{Code: typed})
			return err
		}, map[string]int{"BatchGetItem": 3, "GetItem": 4, "TransactWriteItems": 1}},
		{"propose to force, as a user too", func() (err error) {
			forcing, err = w.Policy.Propose(ctx, w.Administrator, acme, policy.Wanted{Policy: forced}, 1)
			return err
		}, map[string]int{"BatchGetItem": 2, "GetItem": 3, "TransactWriteItems": 1}},
		{"a wrong code of an authenticator", func() error {
			_, err := w.Policy.Confirm(ctx, w.Administrator, acme, forcing.Change.ID, policy.Confirmation{Word: stepup.Word{By: stepup.ByTOTP, Code: "000000"}})
			if !errors.Is(err, stepup.ErrRefused) {
				return err
			}
			return nil
		}, map[string]int{"BatchGetItem": 2, "GetItem": 2, "TransactWriteItems": 1}},
		{"confirm by the authenticator", func() error {
			_, err := w.Policy.Confirm(ctx, w.Administrator, acme, forcing.Change.ID, policy.Confirmation{Word: stepup.Word{By: stepup.ByTOTP, Code: w.Code(t, secret)}})
			return err
		}, map[string]int{"BatchGetItem": 2, "GetItem": 2, "TransactWriteItems": 1}},
		{"note a use", func() error { return store.NoteUse(ctx, w.System.Credential.ID, w.Clock.Now()) }, map[string]int{"UpdateItem": 1}},
	} {
		typed = mailedTo(t, w, "ann")
		var err error
		got := wire.requests(func() { err = c.act() })
		if err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		if !maps.Equal(got, c.want) {
			t.Errorf("%s: sent %v, want %v", c.name, got, c.want)
		}
	}
}
