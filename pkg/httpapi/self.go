package httpapi

import (
	"context"
	"net/http"
	"time"

	"twofold/pkg/access"
	"twofold/pkg/people"
)

type selfShown struct {
	Administrator administratorShown `json:"administrator"`
	User          string             `json:"user,omitempty" doc:"Who you are as a user of the organisation: that user's authenticator may confirm what you propose."`
	Key           ownKey             `json:"key"`
}

type ownKey struct {
	ID          string     `json:"id"`
	Permissions []string   `json:"permissions" doc:"What the key that asks may do."`
	ExpiresAt   *time.Time `json:"expires_at,omitempty"`
}

type selfOutput struct{ Body selfShown }

type proposeSelfInput struct {
	OrganizationPath
	Body struct {
		Name  *string `json:"name,omitempty" maxLength:"80" doc:"As it is, where absent."`
		Email *string `json:"email,omitempty" maxLength:"254" doc:"As it is, where absent. Another one gets your codes at once, where you confirm with the mailed code."`
		User  *string `json:"user,omitempty" maxLength:"128" doc:"The application's own id of the user that you are; empty: you are none. As it is, where absent."`
	}
}

func registerSelf(api *API, s *people.Service) {
	const self, changes = "/v1/organizations/{organization}/self", "/v1/organizations/{organization}/self/changes"
	Register(api, Operation{
		ID: "get-self", Method: http.MethodGet, Path: self, Rule: people.SelfRule,
		Summary: "The administrator whose key this is",
	}, func(ctx context.Context, c access.Caller, in *OrganizationPath) (*selfOutput, error) {
		me, err := s.Self(ctx, c, in.Organization)
		return showSelf(me, api.options.Now()), err
	})
	Register(api, Operation{
		ID: "propose-self", Method: http.MethodPost, Path: changes, Rule: people.SelfRule, Success: http.StatusCreated,
		Summary:     "Change your own name or address, or say who you are as a user",
		Description: "Nothing changes yet: a code is mailed to your own address. One such proposal of yours is live at a time. Repeating it within a minute mails nothing again.",
		Problems:    []string{"key_narrowed", "invalid_email", "unknown_user", "nothing_changes", "too_soon", "conflict"},
	}, func(ctx context.Context, c access.Caller, in *proposeSelfInput) (*personChangeOutput, error) {
		own, err := in.own()
		if err != nil {
			return nil, err
		}
		p, err := s.ProposeSelf(ctx, c, in.Organization, own)
		return showPersonChange(p, api.options.Now()), err
	})
	Register(api, Operation{
		ID: "get-self-change", Method: http.MethodGet, Path: changes + "/{change}", Rule: people.SelfRule,
		Summary: "Your proposal",
	}, func(ctx context.Context, c access.Caller, in *ChangePath) (*personChangeOutput, error) {
		p, err := s.SelfProposal(ctx, c, in.Organization, in.Change)
		return showPersonChange(p, api.options.Now()), err
	})
	Register(api, Operation{
		ID: "confirm-self", Method: http.MethodPost, Path: changes + "/{change}/confirm", Rule: people.SelfRule,
		Summary:     "Confirm it with a second word",
		Description: "All administrators are told of another address or another user. Repeating it with the same code gives how you are.",
		Problems:    []string{"code_refused", "code_malformed", "authenticator_unavailable", "change_ended", "holder_moved", "unknown_user", "nothing_changes", "conflict"},
	}, func(ctx context.Context, c access.Caller, in *confirmInput) (*selfOutput, error) {
		me, err := s.ConfirmSelf(ctx, c, in.Organization, in.Change, in.word())
		return showSelf(me, api.options.Now()), err
	})
}

func (in proposeSelfInput) own() (people.Own, error) {
	b := in.Body
	switch {
	case b.Name != nil && *b.Name != "" && !oneLine(*b.Name):
		return people.Own{}, errName
	case b.User != nil && *b.User != "" && !ValidID(*b.User):
		return people.Own{}, errUserID
	}
	return people.Own{Name: b.Name, Email: b.Email, User: b.User}, nil
}

func showSelf(me people.Self, now time.Time) *selfOutput {
	return &selfOutput{Body: selfShown{
		Administrator: showAdministrator(me.Administrator, now), User: me.Administrator.User,
		Key: ownKey{ID: me.Key.ID, Permissions: names(me.Key.Permissions), ExpiresAt: moment(me.Key.ExpiresAt)},
	}}
}
