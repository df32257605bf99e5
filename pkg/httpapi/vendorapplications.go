package httpapi

import (
	"context"
	"net/http"
	"time"

	"twofold/pkg/access"
	"twofold/pkg/org"
	"twofold/pkg/people"
)

type vendorApplicationShown struct {
	ID              string    `json:"id"`
	Name            string    `json:"name"`
	Organizations   []string  `json:"organizations" doc:"For which it asks; empty where it asks everywhere."`
	Everywhere      bool      `json:"everywhere"`
	Audience        string    `json:"audience" doc:"The aud of its assertions."`
	ReturnAddresses []string  `json:"return_addresses"`
	CreatedAt       time.Time `json:"created_at"`
}

type vendorApplicationOutput struct{ Body vendorApplicationShown }

type vendorApplicationsOutput struct {
	Body struct {
		Applications []vendorApplicationShown `json:"applications"`
	}
}

// VendorApplicationPath is the part of a path that names an application of the vendor's own.
type VendorApplicationPath struct {
	Application string `path:"application" pattern:"^[A-Za-z0-9][A-Za-z0-9._-]{0,47}$" doc:"The application's id: unique among the vendor's own; an organisation may have one of the same id."`
}

// vendorApplicationWanted is all of an application of the vendor's own.
type vendorApplicationWanted struct {
	Name            string   `json:"name" minLength:"1" maxLength:"80"`
	Organizations   []string `json:"organizations,omitempty" maxItems:"100" doc:"For which it asks. Either these or everywhere."`
	Everywhere      bool     `json:"everywhere,omitempty" doc:"It asks for every organisation, those to come too."`
	Audience        string   `json:"audience,omitempty" maxLength:"200" doc:"The aud of its assertions: an absolute https address or an URN; urn:twofold:application:<id> where absent."`
	ReturnAddresses []string `json:"return_addresses,omitempty" maxItems:"20" doc:"All places that the hosted prompt may send a browser back to, compared byte for byte: return_to of a login is one of them."`
}

type putVendorApplicationInput struct {
	VendorApplicationPath
	Body vendorApplicationWanted
}

func registerVendorApplications(api *API, s *people.Service) {
	Register(api, Operation{
		ID: "list-vendor-applications", Method: http.MethodGet, Path: "/v1/applications", Rule: people.VendorRule,
		Summary: "The applications of the vendor's own, which ask for several organisations or for all",
	}, func(ctx context.Context, c access.Caller, _ *struct{}) (*vendorApplicationsOutput, error) {
		all, err := s.Applications(ctx, c, access.VendorHome)
		out := &vendorApplicationsOutput{}
		out.Body.Applications = each(all, showVendorApplication)
		return out, err
	})
	const one = "/v1/applications/{application}"
	Register(api, Operation{
		ID: "get-vendor-application", Method: http.MethodGet, Path: one, Rule: people.VendorRule,
		Summary: "One of them",
	}, func(ctx context.Context, c access.Caller, in *VendorApplicationPath) (*vendorApplicationOutput, error) {
		a, err := s.VendorApplication(ctx, c, in.Application)
		return &vendorApplicationOutput{Body: showVendorApplication(a)}, err
	})
	Register(api, Operation{
		ID: "put-vendor-application", Method: http.MethodPut, Path: one, Rule: people.VendorRule,
		Summary: "Make an application of the vendor's own, or narrow one",
		Description: "A new one may do nothing before somebody proposes a key for it. What is left out is none, or as usual. What is taken from one that is there is gone from " +
			"all its keys with the next request; what would give it more is `step_up_required`, with the field: propose that as a change.",
		Problems: []string{"invalid_reach", "unknown_organization", "invalid_audience", "invalid_return_address", "step_up_required", "conflict"},
	}, func(ctx context.Context, c access.Caller, in *putVendorApplicationInput) (*vendorApplicationOutput, error) {
		wanted, err := in.Body.wanted(in.Application)
		if err != nil {
			return nil, err
		}
		a, err := s.PutApplication(ctx, c, access.VendorHome, wanted)
		return &vendorApplicationOutput{Body: showVendorApplication(a)}, err
	})
	Register(api, Operation{
		ID: "remove-vendor-application", Method: http.MethodDelete, Path: one, Rule: people.VendorRule,
		Summary:     "Remove an application of the vendor's own, with all keys",
		Description: "All system administrators are told.",
		Problems:    []string{"conflict"},
	}, func(ctx context.Context, c access.Caller, in *VendorApplicationPath) (*struct{}, error) {
		return nil, s.RemoveApplication(ctx, c, access.VendorHome, in.Application)
	})
	registerVendorApplicationChanges(api, s)
}

func (w vendorApplicationWanted) wanted(id string) (people.WantedApplication, error) {
	if !oneLine(w.Name) {
		return people.WantedApplication{}, errName
	}
	return people.WantedApplication{
		ID: id, Name: w.Name, Organizations: w.Organizations, Everywhere: w.Everywhere, Audience: w.Audience, ReturnAddresses: w.ReturnAddresses,
	}, nil
}

func showVendorApplication(a org.Application) vendorApplicationShown {
	return vendorApplicationShown{
		ID: a.ID, Name: a.Name, Organizations: names(a.Organizations), Everywhere: a.Everywhere, Audience: a.Audience,
		ReturnAddresses: names(a.ReturnAddresses), CreatedAt: a.CreatedAt.UTC().Truncate(time.Second),
	}
}
