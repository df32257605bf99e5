package httpapi

import (
	"context"
	"net/http"
	"time"

	"twofold/pkg/access"
	"twofold/pkg/org"
	"twofold/pkg/people"
)

type applicationShown struct {
	ID              string    `json:"id" doc:"Also the audience of its assertions."`
	Name            string    `json:"name,omitempty"`
	CreatedAt       time.Time `json:"created_at"`
	ReturnAddresses []string  `json:"return_addresses"`
}

type applicationOutput struct{ Body applicationShown }

type applicationsOutput struct {
	Body struct {
		Applications []applicationShown `json:"applications"`
	}
}

// ApplicationPath is the part of a path that names an application.
type ApplicationPath struct {
	OrganizationPath
	Application string `path:"application" pattern:"^[A-Za-z0-9][A-Za-z0-9._-]{0,47}$" doc:"The application's id."`
}

type putApplicationInput struct {
	ApplicationPath
	Body struct {
		Name            string   `json:"name" minLength:"1" maxLength:"80"`
		ReturnAddresses []string `json:"return_addresses,omitempty" maxItems:"20" doc:"All places that the hosted prompt may send a browser back to, compared byte for byte: return_to of a login is one of them."`
	}
}

func registerApplications(api *API, s *people.Service) {
	Register(api, Operation{
		ID: "list-applications", Method: http.MethodGet, Path: "/v1/organizations/{organization}/applications", Rule: people.ReadRule,
		Summary: "The organisation's own applications",
	}, func(ctx context.Context, c access.Caller, in *OrganizationPath) (*applicationsOutput, error) {
		all, err := s.Applications(ctx, c, in.Organization)
		out := &applicationsOutput{}
		out.Body.Applications = each(all, showApplication)
		return out, err
	})
	one := "/v1/organizations/{organization}/applications/{application}"
	Register(api, Operation{
		ID: "put-application", Method: http.MethodPut, Path: one, Rule: people.KeysRule,
		Summary:     "Make an application, or change one",
		Description: "It may do nothing before somebody proposes a key for it. What is left out is none. All administrators are told of another return address.",
		Problems:    []string{"invalid_return_address", "conflict"},
	}, func(ctx context.Context, c access.Caller, in *putApplicationInput) (*applicationOutput, error) {
		if !oneLine(in.Body.Name) {
			return nil, errName
		}
		a, err := s.PutApplication(ctx, c, in.Organization, people.WantedApplication{
			ID: in.Application, Name: in.Body.Name, ReturnAddresses: in.Body.ReturnAddresses,
		})
		return &applicationOutput{Body: showApplication(a)}, err
	})
	Register(api, Operation{
		ID: "remove-application", Method: http.MethodDelete, Path: one, Rule: people.KeysRule,
		Summary:  "Remove an application, with all keys",
		Problems: []string{"conflict"},
	}, func(ctx context.Context, c access.Caller, in *ApplicationPath) (*struct{}, error) {
		return nil, s.RemoveApplication(ctx, c, in.Organization, in.Application)
	})
}

func showApplication(a org.Application) applicationShown {
	return applicationShown{
		ID: a.ID, Name: a.Name, CreatedAt: a.CreatedAt.UTC().Truncate(time.Second), ReturnAddresses: names(a.ReturnAddresses),
	}
}
