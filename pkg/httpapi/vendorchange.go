package httpapi

import (
	"context"
	"net/http"

	"twofold/pkg/access"
	"twofold/pkg/people"
	"twofold/pkg/stepup"
)

// VendorChangePath is the part of a path that names a proposal about those of the vendor's own.
type VendorChangePath struct {
	Change string `path:"change" pattern:"^[0-9a-f]{1,64}$" doc:"The proposal's id."`
}

type mailedCode struct {
	Code string `json:"code" minLength:"1" maxLength:"64" doc:"The eight digits mailed for this change."`
}

// word is the second word. A system administrator is nobody's user, so it is always the mailed code.
func (c mailedCode) word() stepup.Word { return stepup.Word{Code: c.Code} }

type vendorConfirmInput struct {
	VendorChangePath
	Body mailedCode
}

// VendorApplicationChangePath is the part of a path that names a proposal for an application.
type VendorApplicationChangePath struct {
	VendorApplicationPath
	VendorChangePath
}

type confirmVendorApplicationInput struct {
	VendorApplicationChangePath
	Body mailedCode
}

func registerVendorApplicationChanges(api *API, s *people.Service) {
	const changes = "/v1/applications/{application}/changes"
	Register(api, Operation{
		ID: "propose-vendor-application", Method: http.MethodPost, Path: changes, Rule: people.VendorRule, Success: http.StatusCreated,
		Summary: "Propose that an application of the vendor's own may do more",
		Description: "Say all that it shall be. Nothing changes yet: a code is mailed to your own address. One such proposal of yours is live at a time. " +
			"Repeating it within a minute mails nothing again.",
		Problems: []string{"invalid_reach", "unknown_organization", "invalid_audience", "invalid_return_address", "nothing_changes", "too_soon", "conflict"},
	}, func(ctx context.Context, c access.Caller, in *putVendorApplicationInput) (*personChangeOutput, error) {
		wanted, err := in.Body.wanted(in.Application)
		if err != nil {
			return nil, err
		}
		p, err := s.ProposeApplication(ctx, c, wanted)
		return showPersonChange(p, api.options.Now()), err
	})
	Register(api, Operation{
		ID: "get-vendor-application-change", Method: http.MethodGet, Path: changes + "/{change}", Rule: people.VendorRule,
		Summary: "Your proposal",
	}, func(ctx context.Context, c access.Caller, in *VendorApplicationChangePath) (*personChangeOutput, error) {
		p, err := s.ApplicationProposal(ctx, c, in.Application, in.Change)
		return showPersonChange(p, api.options.Now()), err
	})
	Register(api, Operation{
		ID: "confirm-vendor-application", Method: http.MethodPost, Path: changes + "/{change}/confirm", Rule: people.VendorRule,
		Summary:     "Confirm it with the mailed code",
		Description: "All its keys have it with the next request. All system administrators are told. Repeating it with the same code gives how the application is.",
		Problems:    []string{"code_refused", "code_malformed", "change_ended", "holder_moved", "unknown_organization", "nothing_changes", "conflict"},
	}, func(ctx context.Context, c access.Caller, in *confirmVendorApplicationInput) (*vendorApplicationOutput, error) {
		a, err := s.ConfirmApplication(ctx, c, in.Application, in.Change, in.Body.word())
		return &vendorApplicationOutput{Body: showVendorApplication(a)}, err
	})
}
