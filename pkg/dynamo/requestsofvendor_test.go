package dynamo_test

import (
	"context"
	"maps"
	"testing"

	"twofold/pkg/access"
	"twofold/pkg/factor"
	"twofold/pkg/people"
	"twofold/pkg/stepup"
	"twofold/pkg/storetest"
)

// counted is one operation of a system administrator, with the code mailed last and what it sends.
type counted struct {
	name string
	act  func(ctx context.Context, code string) error
	want map[string]int
}

// counting runs operations in turn.
func counting(t *testing.T, of func(w *storetest.World) []counted) {
	store, wire := wired(t)
	w := storetest.NewWorld(t, store)
	for _, c := range of(w) {
		code := mailedAt(t, w, access.VendorHome, "root")
		var err error
		got := wire.requests(func() { err = c.act(t.Context(), code) })
		if err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		if !maps.Equal(got, c.want) {
			t.Errorf("%s: sent %v, want %v", c.name, got, c.want)
		}
	}
}

// They hold what docs/performance.md says of the vendor's own.
func TestRequestsOfTheVendorsApplications(t *testing.T) {
	portal := people.WantedApplication{ID: "portal", Name: "Portal", Organizations: []string{storetest.Organization}}
	wider := portal
	wider.Organizations, wider.Everywhere = nil, true
	var proposed people.Proposed
	var issued people.Issued
	put := func(w *storetest.World) func(context.Context, string) error {
		return func(ctx context.Context, _ string) error {
			_, err := w.People.PutApplication(ctx, w.System, access.VendorHome, portal)
			return err
		}
	}
	counting(t, func(w *storetest.World) []counted {
		return []counted{
			{"make an application", put(w), map[string]int{"BatchGetItem": 2, "GetItem": 1, "TransactWriteItems": 1}},
			{"propose a key", func(ctx context.Context, _ string) (err error) {
				proposed, err = w.People.ProposeKey(ctx, w.System, access.VendorHome, people.NewKey{Holder: people.Holder{Application: "portal"}})
				return err
			}, map[string]int{"BatchGetItem": 1, "GetItem": 3, "TransactWriteItems": 1}},
			{"confirm a key", func(ctx context.Context, code string) (err error) {
				issued, err = w.People.ConfirmKey(ctx, w.System, access.VendorHome, proposed.Change.ID, stepup.Word{Code: code})
				return err
			}, map[string]int{"BatchGetItem": 1, "GetItem": 3, "TransactWriteItems": 1}},
			{"propose more for an application", func(ctx context.Context, _ string) (err error) {
				proposed, err = w.People.ProposeApplication(ctx, w.System, wider)
				return err
			}, map[string]int{"BatchGetItem": 1, "GetItem": 3, "TransactWriteItems": 1}},
			{"confirm it", func(ctx context.Context, code string) error {
				_, err := w.People.ConfirmApplication(ctx, w.System, "portal", proposed.Change.ID, stepup.Word{Code: code})
				return err
			}, map[string]int{"BatchGetItem": 2, "GetItem": 3, "TransactWriteItems": 1}},
			{"narrow an application", put(w), map[string]int{"BatchGetItem": 3, "GetItem": 1, "TransactWriteItems": 1}},
			{"put the same", put(w), map[string]int{"BatchGetItem": 1, "GetItem": 1}},
			{"revoke a key", func(ctx context.Context, _ string) error {
				return w.People.RevokeKey(ctx, w.System, access.VendorHome, issued.ID)
			}, map[string]int{"BatchGetItem": 2, "GetItem": 1, "TransactWriteItems": 1}},
			{"list keys", func(ctx context.Context, _ string) error {
				_, err := w.People.Keys(ctx, w.System, access.VendorHome)
				return err
			}, map[string]int{"BatchGetItem": 2, "Query": 3}},
		}
	})
}

func TestRequestsOfColleagues(t *testing.T) {
	var proposed people.Proposed
	var invitation string
	counting(t, func(w *storetest.World) []counted {
		return []counted{
			{"invite a colleague", func(ctx context.Context, _ string) (err error) {
				proposed, err = w.People.ProposeAdministrator(ctx, w.System, access.VendorHome, people.Wanted{ID: "cai", Email: "cai@vendor.example"})
				return err
			}, map[string]int{"BatchGetItem": 1, "GetItem": 3, "TransactWriteItems": 1}},
			{"confirm, where there is no roster yet", func(ctx context.Context, code string) error {
				a, err := w.People.ConfirmAdministrator(ctx, w.System, access.VendorHome, proposed.Change.ID, stepup.Word{Code: code})
				if err == nil {
					invitation, err = factor.InvitationCode(w.Keys, a.Invitation.KeyID, stepup.Invited(a))
				}
				return err
			}, map[string]int{"BatchGetItem": 1, "GetItem": 4, "Query": 1, "TransactWriteItems": 1}},
			{"accept an invitation, where there is no roster yet", func(ctx context.Context, _ string) error {
				_, err := w.People.AcceptInvitation(ctx, access.Caller{}, access.VendorHome, "cai", invitation)
				return err
			}, map[string]int{"GetItem": 2, "Query": 1, "TransactWriteItems": 1}},
			{"remove a colleague", func(ctx context.Context, _ string) error {
				return w.People.RemoveAdministrator(ctx, w.System, access.VendorHome, "cai")
			}, map[string]int{"BatchGetItem": 2, "GetItem": 2, "TransactWriteItems": 1}},
		}
	})
}
