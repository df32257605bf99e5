package httpapi

import (
	"context"
	"net/http"
	"time"

	"twofold/pkg/access"
	"twofold/pkg/people"
)

type impersonateInput struct {
	OrganizationPath
	Body struct {
		Administrator string `json:"administrator" pattern:"^[A-Za-z0-9][A-Za-z0-9._-]{0,47}$" doc:"In whose place."`
		Reason        string `json:"reason" minLength:"3" maxLength:"200" doc:"Why, in one line; stands in the audit and in the mail to all administrators."`
	}
}

type impersonationShown struct {
	ID            string    `json:"id"`
	By            string    `json:"by" doc:"The system administrator."`
	Administrator string    `json:"administrator"`
	Reason        string    `json:"reason"`
	Permissions   []string  `json:"permissions" doc:"What it allows now: what the administrator may, but for keys:write."`
	BegunAt       time.Time `json:"begun_at"`
	ExpiresAt     time.Time `json:"expires_at"`
}

type begunOutput struct {
	Body struct {
		Impersonation impersonationShown `json:"impersonation"`
		Token         string             `json:"token" doc:"To be used as a key of an organisation's administrator, until the impersonation ends. Shown this once."`
	}
}

type impersonationsOutput struct {
	Body struct {
		Impersonations []impersonationShown `json:"impersonations"`
	}
}

// ImpersonationPath is the part of a path that names an impersonation.
type ImpersonationPath struct {
	OrganizationPath
	Impersonation string `path:"impersonation" pattern:"^[0-9a-f]{1,64}$" doc:"The impersonation's id."`
}

func registerImpersonations(api *API, s *people.Service) {
	const all = "/v1/organizations/{organization}/impersonations"
	Register(api, Operation{
		ID: "begin-impersonation", Method: http.MethodPost, Path: all, Rule: people.ImpersonateRule, Success: http.StatusCreated,
		Summary: "Act in an administrator's place for 15 minutes",
		Description: "With the token you may do in this one organisation what the administrator may, but not change keys or administrators, nor begin another impersonation. " +
			"Codes of step-ups go to your own address; what you propose ends with the impersonation. Every event names you and the administrator, and all administrators are told by mail. " +
			"One that you have in the same place already ends, so a lost reply is asked for again.",
		Problems: []string{"invitation_open", "too_many_impersonations", "impersonating", "conflict"},
	}, func(ctx context.Context, c access.Caller, in *impersonateInput) (*begunOutput, error) {
		if !oneLine(in.Body.Reason) {
			return nil, errReason
		}
		begun, err := s.Impersonate(ctx, c, in.Organization, in.Body.Administrator, in.Body.Reason)
		out := &begunOutput{}
		out.Body.Impersonation, out.Body.Token = showImpersonation(begun), begun.Token
		return out, err
	})
	Register(api, Operation{
		ID: "list-impersonations", Method: http.MethodGet, Path: all, Rule: people.ReadImpersonationsRule,
		Summary: "The impersonations under way in an organisation",
	}, func(ctx context.Context, c access.Caller, in *OrganizationPath) (*impersonationsOutput, error) {
		sessions, err := s.Impersonations(ctx, c, in.Organization)
		out := &impersonationsOutput{}
		out.Body.Impersonations = each(sessions, showImpersonation)
		return out, err
	})
	Register(api, Operation{
		ID: "end-impersonation", Method: http.MethodDelete, Path: all + "/{impersonation}", Rule: people.EndImpersonationRule,
		Summary:     "End an impersonation before its time",
		Description: "With effect on the next request. A system administrator may, and whoever may change the organisation's keys. Repeating it changes nothing.",
		Problems:    []string{"conflict"},
	}, func(ctx context.Context, c access.Caller, in *ImpersonationPath) (*struct{}, error) {
		return nil, s.EndImpersonation(ctx, c, in.Organization, in.Impersonation)
	})
}

func showImpersonation(s people.Session) impersonationShown {
	return impersonationShown{
		ID: s.ID, By: s.By, Administrator: s.Administrator, Reason: s.Reason, Permissions: names(s.Permissions),
		BegunAt: s.BegunAt.UTC().Truncate(time.Second), ExpiresAt: s.ExpiresAt.UTC().Truncate(time.Second),
	}
}
