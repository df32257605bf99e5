package httpapi

import (
	"context"
	"net/http"
	"time"

	"twofold/pkg/access"
	"twofold/pkg/org"
	"twofold/pkg/people"
)

// colleagueShown is a system administrator. There are no permissions: each may everything.
type colleagueShown struct {
	ID          string     `json:"id"`
	Name        string     `json:"name,omitempty"`
	Email       string     `json:"email" doc:"Where codes go now."`
	NextEmail   string     `json:"next_email,omitempty" doc:"Where they go from next_email_at."`
	NextEmailAt *time.Time `json:"next_email_at,omitempty"`
	State       string     `json:"state" enum:"invited,active"`
	CreatedAt   time.Time  `json:"created_at"`
}

type colleagueOutput struct{ Body colleagueShown }

type colleaguesOutput struct {
	Body struct {
		Administrators []colleagueShown `json:"administrators"`
	}
}

// ColleaguePath is the part of a path that names a system administrator.
type ColleaguePath struct {
	Administrator string `path:"administrator" pattern:"^[A-Za-z0-9][A-Za-z0-9._-]{0,47}$" doc:"The system administrator's id."`
}

type changeColleagueInput struct {
	ColleaguePath
	Body struct {
		Name *string `json:"name,omitempty" maxLength:"80" doc:"As it is, where absent."`
	}
}

func registerColleagues(api *API, s *people.Service) {
	Register(api, Operation{
		ID: "list-system-administrators", Method: http.MethodGet, Path: "/v1/administrators", Rule: people.VendorRule,
		Summary: "The system administrators",
	}, func(ctx context.Context, c access.Caller, _ *struct{}) (*colleaguesOutput, error) {
		all, err := s.Administrators(ctx, c, access.VendorHome)
		out := &colleaguesOutput{}
		now := api.options.Now()
		out.Body.Administrators = each(all, func(a org.Administrator) colleagueShown { return showColleague(a, now) })
		return out, err
	})
	const one = "/v1/administrators/{administrator}"
	Register(api, Operation{
		ID: "get-system-administrator", Method: http.MethodGet, Path: one, Rule: people.VendorRule,
		Summary: "One system administrator",
	}, func(ctx context.Context, c access.Caller, in *ColleaguePath) (*colleagueOutput, error) {
		a, err := s.Administrator(ctx, c, access.VendorHome, in.Administrator)
		return &colleagueOutput{Body: showColleague(a, api.options.Now())}, err
	})
	Register(api, Operation{
		ID: "change-system-administrator", Method: http.MethodPatch, Path: one, Rule: people.VendorRule,
		Summary:     "Name a system administrator anew",
		Description: "Another address is a change to propose.",
		Problems:    []string{"conflict"},
	}, func(ctx context.Context, c access.Caller, in *changeColleagueInput) (*colleagueOutput, error) {
		if name := in.Body.Name; name != nil && *name != "" && !oneLine(*name) {
			return nil, errName
		}
		a, err := s.ChangeAdministrator(ctx, c, access.VendorHome, in.Administrator, people.Lowered{Name: in.Body.Name})
		return &colleagueOutput{Body: showColleague(a, api.options.Now())}, err
	})
	Register(api, Operation{
		ID: "remove-system-administrator", Method: http.MethodDelete, Path: one, Rule: people.VendorRule,
		Summary:     "Remove a system administrator, with all keys",
		Description: "The last one stays. All system administrators are told, and whoever was removed.",
		Problems:    []string{"last_administrator", "conflict"},
	}, func(ctx context.Context, c access.Caller, in *ColleaguePath) (*struct{}, error) {
		return nil, s.RemoveAdministrator(ctx, c, access.VendorHome, in.Administrator)
	})
	registerColleagueChanges(api, s)
	registerColleagueInvitations(api, s)
}

func showColleague(a org.Administrator, now time.Time) colleagueShown {
	shown := showAdministrator(a, now)
	return colleagueShown{
		ID: shown.ID, Name: shown.Name, Email: shown.Email, NextEmail: shown.NextEmail, NextEmailAt: shown.NextEmailAt,
		State: shown.State, CreatedAt: shown.CreatedAt,
	}
}
