package httpapi

import (
	"context"
	"net/http"
	"time"

	"twofold/pkg/access"
	"twofold/pkg/people"
)

type proposeVendorKeyInput struct {
	Body struct {
		Administrator string     `json:"administrator,omitempty" maxLength:"48"`
		Application   string     `json:"application,omitempty" maxLength:"48" doc:"One of the vendor's own."`
		Reader        string     `json:"reader,omitempty" pattern:"^[A-Za-z0-9][A-Za-z0-9._-]{0,47}$" doc:"A name for whoever reads the reports and audits of every organisation and does nothing else."`
		Rotate        string     `json:"rotate,omitempty" pattern:"^[0-9a-f]{1,64}$" doc:"The id of a key to replace, instead of a holder."`
		OverlapHours  *int       `json:"overlap_hours,omitempty" minimum:"0" maximum:"168" doc:"How long the old key lives on; 24 where absent. Only with rotate."`
		Name          string     `json:"name,omitempty" maxLength:"80"`
		ExpiresAt     *time.Time `json:"expires_at,omitempty" doc:"Never, where absent; with rotate, as long from now as the old key was to live."`
	}
}

// VendorKeyPath is the part of a path that names a key of the system's own.
type VendorKeyPath struct {
	Key string `path:"key" pattern:"^[0-9a-f]{1,64}$" doc:"The key's id."`
}

func registerVendorKeys(api *API, s *people.Service) {
	const all = "/v1/keys"
	Register(api, Operation{
		ID: "list-vendor-keys", Method: http.MethodGet, Path: all, Rule: people.VendorRule,
		Summary: "The live keys of system administrators, and of applications and readers of the vendor's own",
	}, func(ctx context.Context, c access.Caller, _ *struct{}) (*keysOutput, error) {
		keys, err := s.Keys(ctx, c, access.VendorHome)
		out := &keysOutput{}
		out.Body.Keys = each(keys, showKey)
		return out, err
	})
	Register(api, Operation{
		ID: "revoke-vendor-key", Method: http.MethodDelete, Path: all + "/{key}", Rule: people.VendorRule,
		Summary:     "Revoke such a key, with effect on the next request",
		Description: "It is never refused, not even for the last key of the last system administrator: one in the wrong hands must be stoppable at once. Issue another before.",
		Problems:    []string{"conflict"},
	}, func(ctx context.Context, c access.Caller, in *VendorKeyPath) (*struct{}, error) {
		return nil, s.RevokeKey(ctx, c, access.VendorHome, in.Key)
	})
	Register(api, Operation{
		ID: "propose-vendor-key", Method: http.MethodPost, Path: all, Rule: people.VendorRule, Success: http.StatusCreated,
		Summary:     "Ask for such a key, or for one in place of another",
		Description: "Nothing is issued yet: a code is mailed to your own address. One such proposal of yours is live at a time. Repeating it within a minute mails nothing again.",
		Problems:    []string{"invalid_holder", "invalid_expiry", "invitation_open", "too_many_keys", "too_soon", "conflict"},
	}, func(ctx context.Context, c access.Caller, in *proposeVendorKeyInput) (*personChangeOutput, error) {
		wanted, err := in.wanted()
		if err != nil {
			return nil, err
		}
		p, err := s.ProposeKey(ctx, c, access.VendorHome, wanted)
		return showPersonChange(p, api.options.Now()), err
	})
	Register(api, Operation{
		ID: "get-vendor-key-change", Method: http.MethodGet, Path: all + "/changes/{change}", Rule: people.VendorRule,
		Summary: "Your proposal",
	}, func(ctx context.Context, c access.Caller, in *VendorChangePath) (*personChangeOutput, error) {
		p, err := s.KeyProposal(ctx, c, access.VendorHome, in.Change)
		return showPersonChange(p, api.options.Now()), err
	})
	Register(api, Operation{
		ID: "confirm-vendor-key", Method: http.MethodPost, Path: all + "/changes/{change}/confirm", Rule: people.VendorRule,
		Summary:     "Issue the key with the mailed code",
		Description: "The key is shown this once. Confirming again is `secret_already_shown`: whoever did not see the reply rotates that key, or revokes it.",
		Problems: []string{"code_refused", "code_malformed", "change_ended", "secret_already_shown", "holder_moved", "invitation_open", "too_many_keys",
			"invalid_expiry", "conflict"},
	}, func(ctx context.Context, c access.Caller, in *vendorConfirmInput) (*issuedOutput, error) {
		k, err := s.ConfirmKey(ctx, c, access.VendorHome, in.Change, in.Body.word())
		return &issuedOutput{Body: showIssued(k)}, err
	})
}

// wanted is the key as an organisation's administrator would want it, without a scope: nobody here has permissions.
func (in proposeVendorKeyInput) wanted() (people.NewKey, error) {
	var k proposeKeyInput
	k.Body.Administrator, k.Body.Application, k.Body.Reader = in.Body.Administrator, in.Body.Application, in.Body.Reader
	k.Body.Rotate, k.Body.OverlapHours, k.Body.Name, k.Body.ExpiresAt = in.Body.Rotate, in.Body.OverlapHours, in.Body.Name, in.Body.ExpiresAt
	return k.wanted()
}
