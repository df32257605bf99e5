package httpapi

import (
	"context"
	"net/http"
	"time"

	"twofold/pkg/access"
	"twofold/pkg/policy"
)

type proposeAllowanceInput struct {
	OrganizationPath
	Body struct {
		Users  int    `json:"users" minimum:"1" maximum:"1000" doc:"How many, beyond the ten of every hour."`
		Reason string `json:"reason" minLength:"1" maxLength:"200" doc:"One line; it is recorded and told to all administrators."`
	}
}

type allowanceShown struct {
	ID        string     `json:"id"`
	State     string     `json:"state" enum:"pending,applied,ended"`
	Users     int        `json:"users"`
	Reason    string     `json:"reason"`
	ExpiresAt time.Time  `json:"expires_at" doc:"Of the proposal."`
	Until     *time.Time `json:"until,omitempty" doc:"When the allowance ends; absent where it was not confirmed."`
	SentTo    string     `json:"sent_to" doc:"Where the code was sent, masked."`
}

type allowanceOutput struct{ Body allowanceShown }

func registerAllowances(api *API, s *policy.Service) {
	Register(api, Operation{
		ID: "propose-allowance", Method: http.MethodPost, Path: "/v1/organizations/{organization}/allowances/changes", Rule: policy.AllowanceRule, Success: http.StatusCreated,
		Summary:     "Ask to exempt or reset more than ten users within an hour",
		Description: "A code is mailed to your own address. Confirmed, it allows so many more exemptions and resets for an hour, with the permissions that you have. Repeating it within a minute mails nothing again.",
		Problems:    []string{"key_narrowed", "invalid_allowance", "too_soon", "conflict"},
	}, func(ctx context.Context, c access.Caller, in *proposeAllowanceInput) (*allowanceOutput, error) {
		if !oneLine(in.Body.Reason) {
			return nil, errReason
		}
		p, err := s.ProposeAllowance(ctx, c, in.Organization, policy.Allowance{Users: in.Body.Users, Reason: in.Body.Reason})
		return showAllowance(p, api.options.Now()), err
	})
	Register(api, Operation{
		ID: "get-allowance-change", Method: http.MethodGet, Path: "/v1/organizations/{organization}/allowances/changes/{change}", Rule: policy.AllowanceRule,
		Summary: "Your proposal of an allowance",
	}, func(ctx context.Context, c access.Caller, in *ChangePath) (*allowanceOutput, error) {
		p, err := s.ProposedAllowance(ctx, c, in.Organization, in.Change)
		return showAllowance(p, api.options.Now()), err
	})
	Register(api, Operation{
		ID: "confirm-allowance-change", Method: http.MethodPost, Path: "/v1/organizations/{organization}/allowances/changes/{change}/confirm", Rule: policy.AllowanceRule,
		Summary:     "Confirm an allowance with a second word",
		Description: "All administrators are told. Repeating it with the same code gives the same result, and no second allowance.",
		Problems:    []string{"code_refused", "code_malformed", "authenticator_unavailable", "change_ended", "conflict"},
	}, func(ctx context.Context, c access.Caller, in *confirmInput) (*allowanceOutput, error) {
		p, err := s.ConfirmAllowance(ctx, c, in.Organization, in.Change, in.word())
		return showAllowance(p, api.options.Now()), err
	})
}

func showAllowance(p policy.ProposedAllowance, now time.Time) *allowanceOutput {
	return &allowanceOutput{Body: allowanceShown{
		ID: p.Change.ID, State: stateOf(p.Change, now), Users: p.Allowance.Users, Reason: p.Allowance.Reason,
		ExpiresAt: p.Change.ExpiresAt.UTC().Truncate(time.Second), Until: moment(p.Until), SentTo: p.SentTo,
	}}
}
