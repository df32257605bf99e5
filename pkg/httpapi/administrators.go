package httpapi

import (
	"context"
	"net/http"
	"time"

	"twofold/pkg/access"
	"twofold/pkg/org"
	"twofold/pkg/people"
)

type administratorShown struct {
	ID          string     `json:"id"`
	Name        string     `json:"name,omitempty"`
	Email       string     `json:"email" doc:"Where codes go now."`
	NextEmail   string     `json:"next_email,omitempty" doc:"Where they go from next_email_at."`
	NextEmailAt *time.Time `json:"next_email_at,omitempty"`
	State       string     `json:"state" enum:"invited,active"`
	Permissions []string   `json:"permissions"`
	CreatedAt   time.Time  `json:"created_at"`
}

type administratorOutput struct{ Body administratorShown }

type administratorsOutput struct {
	Body struct {
		Administrators []administratorShown `json:"administrators"`
	}
}

// AdministratorPath is the part of a path that names an administrator.
type AdministratorPath struct {
	OrganizationPath
	Administrator string `path:"administrator" pattern:"^[A-Za-z0-9][A-Za-z0-9._-]{0,47}$" doc:"The administrator's id."`
}

type changeAdministratorInput struct {
	AdministratorPath
	Body struct {
		Name        *string   `json:"name,omitempty" maxLength:"80" doc:"As it is, where absent."`
		Permissions *[]string `json:"permissions,omitempty" maxItems:"7" enum:"policy:write,users:write,users:reset,reports:read,audit:read,announcements:write,keys:write" doc:"All that are left; as they are, where absent."`
	}
}

type proposeAdministratorInput struct {
	OrganizationPath
	Body struct {
		Administrator string   `json:"administrator" pattern:"^[A-Za-z0-9][A-Za-z0-9._-]{0,47}$" doc:"Of somebody new: the id that they shall have."`
		Name          string   `json:"name,omitempty" maxLength:"80"`
		Email         string   `json:"email,omitempty" maxLength:"254" doc:"Needed for somebody new. Another address of somebody else gets their codes after 24 hours; one's own at once, where the mailed code confirms it."`
		Permissions   []string `json:"permissions,omitempty" maxItems:"7" enum:"policy:write,users:write,users:reset,reports:read,audit:read,announcements:write,keys:write" doc:"All that the administrator shall have; as they are, where none is named. Needed for somebody new."`
	}
}

type acceptInput struct {
	OrganizationPath
	Body struct {
		Administrator string `json:"administrator" pattern:"^[A-Za-z0-9][A-Za-z0-9._-]{0,47}$"`
		Invitation    string `json:"invitation" minLength:"1" maxLength:"64" doc:"As it was mailed."`
	}
}

func registerAdministrators(api *API, s *people.Service) {
	Register(api, Operation{
		ID: "list-administrators", Method: http.MethodGet, Path: "/v1/organizations/{organization}/administrators", Rule: people.ReadRule,
		Summary: "Who acts for the organisation",
	}, func(ctx context.Context, c access.Caller, in *OrganizationPath) (*administratorsOutput, error) {
		all, err := s.Administrators(ctx, c, in.Organization)
		out := &administratorsOutput{}
		now := api.options.Now()
		out.Body.Administrators = each(all, func(a org.Administrator) administratorShown { return showAdministrator(a, now) })
		return out, err
	})
	one := "/v1/organizations/{organization}/administrators/{administrator}"
	Register(api, Operation{
		ID: "get-administrator", Method: http.MethodGet, Path: one, Rule: people.ReadRule,
		Summary: "One administrator",
	}, func(ctx context.Context, c access.Caller, in *AdministratorPath) (*administratorOutput, error) {
		a, err := s.Administrator(ctx, c, in.Organization, in.Administrator)
		return &administratorOutput{Body: showAdministrator(a, api.options.Now())}, err
	})
	Register(api, Operation{
		ID: "change-administrator", Method: http.MethodPatch, Path: one, Rule: people.KeysRule,
		Summary:     "Name an administrator anew, or take permissions away",
		Description: "Fewer permissions hold for every key from the next request. More are a change to propose. The last who can change the policy keeps `policy:write`.",
		Problems:    []string{"step_up_required", "last_administrator", "conflict"},
	}, func(ctx context.Context, c access.Caller, in *changeAdministratorInput) (*administratorOutput, error) {
		lowered, err := in.lowered()
		if err != nil {
			return nil, err
		}
		a, err := s.ChangeAdministrator(ctx, c, in.Organization, in.Administrator, lowered)
		return &administratorOutput{Body: showAdministrator(a, api.options.Now())}, err
	})
	Register(api, Operation{
		ID: "remove-administrator", Method: http.MethodDelete, Path: one, Rule: people.KeysRule,
		Summary:     "Remove an administrator, with all keys",
		Description: "The last who can change the policy stays. All administrators are told, and whoever was removed.",
		Problems:    []string{"last_administrator", "conflict"},
	}, func(ctx context.Context, c access.Caller, in *AdministratorPath) (*struct{}, error) {
		return nil, s.RemoveAdministrator(ctx, c, in.Organization, in.Administrator)
	})
	registerAdministratorChanges(api, s)
	registerInvitations(api, s)
}

func registerAdministratorChanges(api *API, s *people.Service) {
	const all, changes = "/v1/organizations/{organization}/administrators", "/v1/organizations/{organization}/administrators/changes"
	Register(api, Operation{
		ID: "propose-administrator", Method: http.MethodPost, Path: all, Rule: people.KeysRule, Success: http.StatusCreated,
		Summary:     "Invite an administrator, give one more permissions, or reach one elsewhere",
		Description: "Nothing changes yet: a code is mailed to your own address. Nobody grants a permission that they lack. One such proposal of yours is live at a time. Repeating it within a minute mails nothing again.",
		Problems:    []string{"invalid_email", "invalid_permissions", "reserved_id", "nothing_changes", "permission_lacking", "too_soon", "conflict"},
	}, func(ctx context.Context, c access.Caller, in *proposeAdministratorInput) (*personChangeOutput, error) {
		b := in.Body
		if b.Name != "" && !oneLine(b.Name) {
			return nil, errName
		}
		p, err := s.ProposeAdministrator(ctx, c, in.Organization, people.Wanted{
			ID: b.Administrator, Name: b.Name, Email: b.Email, Permissions: permissionsOf(b.Permissions),
		})
		return showPersonChange(p, api.options.Now()), err
	})
	Register(api, Operation{
		ID: "get-administrator-change", Method: http.MethodGet, Path: changes + "/{change}", Rule: people.KeysRule,
		Summary: "Your proposal",
	}, func(ctx context.Context, c access.Caller, in *ChangePath) (*personChangeOutput, error) {
		p, err := s.AdministratorProposal(ctx, c, in.Organization, in.Change)
		return showPersonChange(p, api.options.Now()), err
	})
	Register(api, Operation{
		ID: "confirm-administrator", Method: http.MethodPost, Path: changes + "/{change}/confirm", Rule: people.KeysRule,
		Summary:     "Confirm it with a second word",
		Description: "Somebody new is mailed an invitation, good for seven days. All administrators are told. Repeating it with the same code gives how the administrator is.",
		Problems: []string{"code_refused", "code_malformed", "authenticator_unavailable", "change_ended", "holder_moved", "invalid_email", "invalid_permissions", "reserved_id",
			"nothing_changes", "permission_lacking", "last_administrator", "conflict"},
	}, func(ctx context.Context, c access.Caller, in *confirmInput) (*administratorOutput, error) {
		a, err := s.ConfirmAdministrator(ctx, c, in.Organization, in.Change, in.word())
		return &administratorOutput{Body: showAdministrator(a, api.options.Now())}, err
	})
}

func registerInvitations(api *API, s *people.Service) {
	Register(api, Operation{
		ID: "accept-invitation", Method: http.MethodPost, Path: "/v1/organizations/{organization}/invitations", Public: true, Success: http.StatusCreated,
		Summary:     "Accept an invitation and get the first key",
		Description: "The key is shown this once. Accepting again is `secret_already_shown`: whoever did not see the reply is invited again, after the administrator was removed, or gets a key from another.",
		Problems:    []string{"invitation_refused", "secret_already_shown", "conflict"},
	}, func(ctx context.Context, c access.Caller, in *acceptInput) (*issuedOutput, error) {
		k, err := s.AcceptInvitation(ctx, c, in.Organization, in.Body.Administrator, in.Body.Invitation)
		return &issuedOutput{Body: showIssued(k)}, err
	})
}

func (in changeAdministratorInput) lowered() (people.Lowered, error) {
	var lowered people.Lowered
	if name := in.Body.Name; name != nil {
		if *name != "" && !oneLine(*name) {
			return lowered, errName
		}
		lowered.Name = name
	}
	if in.Body.Permissions != nil {
		permissions := permissionsOf(*in.Body.Permissions)
		lowered.Permissions = &permissions
	}
	return lowered, nil
}

func showAdministrator(a org.Administrator, now time.Time) administratorShown {
	shown := administratorShown{
		ID: a.ID, Name: a.Name, Email: a.Address(now), State: "active", Permissions: names(a.Permissions),
		CreatedAt: a.CreatedAt.UTC().Truncate(time.Second),
	}
	if !a.Active() {
		shown.State = "invited"
	}
	if a.NextEmail != "" && a.NextEmail != shown.Email {
		shown.NextEmail, shown.NextEmailAt = a.NextEmail, moment(a.NextEmailAt)
	}
	return shown
}
