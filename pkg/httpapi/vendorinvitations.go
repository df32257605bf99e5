package httpapi

import (
	"context"
	"net/http"

	"twofold/pkg/access"
	"twofold/pkg/people"
)

type proposeColleagueInput struct {
	Body struct {
		Administrator string `json:"administrator" pattern:"^[A-Za-z0-9][A-Za-z0-9._-]{0,47}$" doc:"Of somebody new: the id that they shall have."`
		Name          string `json:"name,omitempty" maxLength:"80"`
		Email         string `json:"email,omitempty" maxLength:"254" doc:"Needed for somebody new. Another address of somebody else gets their codes after 24 hours; one's own at once."`
	}
}

type acceptColleagueInput struct {
	Body struct {
		Administrator string `json:"administrator" pattern:"^[A-Za-z0-9][A-Za-z0-9._-]{0,47}$"`
		Invitation    string `json:"invitation" minLength:"1" maxLength:"64" doc:"As it was mailed."`
	}
}

func registerColleagueChanges(api *API, s *people.Service) {
	const all = "/v1/administrators"
	Register(api, Operation{
		ID: "propose-system-administrator", Method: http.MethodPost, Path: all, Rule: people.VendorRule, Success: http.StatusCreated,
		Summary:     "Invite a system administrator, or reach one elsewhere",
		Description: "Nothing changes yet: a code is mailed to your own address. One such proposal of yours is live at a time. Repeating it within a minute mails nothing again.",
		Problems:    []string{"invalid_email", "reserved_id", "nothing_changes", "too_soon", "conflict"},
	}, func(ctx context.Context, c access.Caller, in *proposeColleagueInput) (*personChangeOutput, error) {
		b := in.Body
		if b.Name != "" && !oneLine(b.Name) {
			return nil, errName
		}
		p, err := s.ProposeAdministrator(ctx, c, access.VendorHome, people.Wanted{ID: b.Administrator, Name: b.Name, Email: b.Email})
		return showPersonChange(p, api.options.Now()), err
	})
	Register(api, Operation{
		ID: "get-system-administrator-change", Method: http.MethodGet, Path: all + "/changes/{change}", Rule: people.VendorRule,
		Summary: "Your proposal",
	}, func(ctx context.Context, c access.Caller, in *VendorChangePath) (*personChangeOutput, error) {
		p, err := s.AdministratorProposal(ctx, c, access.VendorHome, in.Change)
		return showPersonChange(p, api.options.Now()), err
	})
	Register(api, Operation{
		ID: "confirm-system-administrator", Method: http.MethodPost, Path: all + "/changes/{change}/confirm", Rule: people.VendorRule,
		Summary:     "Confirm it with the mailed code",
		Description: "Somebody new is mailed an invitation, good for seven days. All system administrators are told. Repeating it with the same code gives how the administrator is.",
		Problems:    []string{"code_refused", "code_malformed", "change_ended", "holder_moved", "invalid_email", "reserved_id", "nothing_changes", "conflict"},
	}, func(ctx context.Context, c access.Caller, in *vendorConfirmInput) (*colleagueOutput, error) {
		a, err := s.ConfirmAdministrator(ctx, c, access.VendorHome, in.Change, in.Body.word())
		return &colleagueOutput{Body: showColleague(a, api.options.Now())}, err
	})
}

func registerColleagueInvitations(api *API, s *people.Service) {
	Register(api, Operation{
		ID: "accept-system-invitation", Method: http.MethodPost, Path: "/v1/invitations", Public: true, Success: http.StatusCreated,
		Summary:     "Accept an invitation to be a system administrator and get the first key",
		Description: "The key is shown this once. Accepting again is `secret_already_shown`: whoever did not see the reply is invited again, after the administrator was removed, or gets a key from another.",
		Problems:    []string{"invitation_refused", "secret_already_shown", "conflict"},
	}, func(ctx context.Context, c access.Caller, in *acceptColleagueInput) (*issuedOutput, error) {
		k, err := s.AcceptInvitation(ctx, c, access.VendorHome, in.Body.Administrator, in.Body.Invitation)
		return &issuedOutput{Body: showIssued(k)}, err
	})
}
