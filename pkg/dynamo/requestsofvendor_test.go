package dynamo_test

import (
	"maps"
	"testing"

	"twofold/pkg/access"
	"twofold/pkg/factor"
	"twofold/pkg/people"
	"twofold/pkg/stepup"
	"twofold/pkg/storetest"
)

// TestRequestsOfTheVendor holds what docs/performance.md says of the vendor's own.
func TestRequestsOfTheVendor(t *testing.T) {
	store, wire := wired(t)
	w := storetest.NewWorld(t, store)
	ctx, home := t.Context(), access.VendorHome
	portal := people.WantedApplication{ID: "portal", Name: "Portal", Organizations: []string{storetest.Organization}}
	wider := portal
	wider.Organizations, wider.Everywhere = nil, true
	var proposed people.Proposed
	var issued people.Issued
	var typed, invitation string
	for _, c := range []struct {
		name string
		act  func() error
		want map[string]int
	}{
		{"make an application", func() error { _, err := w.People.PutApplication(ctx, w.System, home, portal); return err },
			map[string]int{"BatchGetItem": 2, "GetItem": 1, "TransactWriteItems": 1}},
		{"propose a key", func() (err error) {
			proposed, err = w.People.ProposeKey(ctx, w.System, home, people.NewKey{Holder: people.Holder{Application: "portal"}})
			return err
		}, map[string]int{"BatchGetItem": 1, "GetItem": 3, "TransactWriteItems": 1}},
		{"confirm a key", func() (err error) {
			issued, err = w.People.ConfirmKey(ctx, w.System, home, proposed.Change.ID, typed)
			return err
		}, map[string]int{"BatchGetItem": 1, "GetItem": 3, "TransactWriteItems": 1}},
		{"propose more for an application", func() (err error) {
			proposed, err = w.People.ProposeApplication(ctx, w.System, wider)
			return err
		}, map[string]int{"BatchGetItem": 1, "GetItem": 3, "TransactWriteItems": 1}},
		{"confirm it", func() error {
			_, err := w.People.ConfirmApplication(ctx, w.System, "portal", proposed.Change.ID, typed)
			return err
		}, map[string]int{"BatchGetItem": 2, "GetItem": 3, "TransactWriteItems": 1}},
		{"narrow an application", func() error { _, err := w.People.PutApplication(ctx, w.System, home, portal); return err },
			map[string]int{"BatchGetItem": 3, "GetItem": 1, "TransactWriteItems": 1}},
		{"revoke a key", func() error { return w.People.RevokeKey(ctx, w.System, home, issued.ID) },
			map[string]int{"BatchGetItem": 2, "GetItem": 1, "TransactWriteItems": 1}},
		{"invite a colleague", func() error {
			p, err := w.People.ProposeAdministrator(ctx, w.System, home, people.Wanted{ID: "cai", Email: "cai@vendor.example"})
			proposed = p
			return err
		}, map[string]int{"BatchGetItem": 1, "GetItem": 3, "TransactWriteItems": 1}},
		{"confirm a colleague, where there is no roster yet", func() error {
			a, err := w.People.ConfirmAdministrator(ctx, w.System, home, proposed.Change.ID, typed)
			if err == nil {
				invitation, err = factor.InvitationCode(w.Keys, a.Invitation.KeyID, stepup.Invited(a))
			}
			return err
		}, map[string]int{"BatchGetItem": 1, "GetItem": 4, "Query": 1, "TransactWriteItems": 1}},
		{"accept an invitation, where there is no roster yet", func() error {
			_, err := w.People.AcceptInvitation(ctx, access.Caller{}, home, "cai", invitation)
			return err
		}, map[string]int{"GetItem": 2, "Query": 1, "TransactWriteItems": 1}},
		{"remove a colleague", func() error { return w.People.RemoveAdministrator(ctx, w.System, home, "cai") },
			map[string]int{"BatchGetItem": 2, "GetItem": 2, "TransactWriteItems": 1}},
		{"list keys", func() error { _, err := w.People.Keys(ctx, w.System, home); return err }, map[string]int{"BatchGetItem": 2, "Query": 3}},
	} {
		typed = mailedAt(t, w, home, "root")
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
