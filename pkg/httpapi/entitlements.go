package httpapi

import (
	"context"
	"net/http"
	"time"

	"twofold/pkg/access"
	"twofold/pkg/policy"
)

type consequence struct {
	Entitlement string `json:"entitlement" doc:"What is withdrawn."`
	Users       *int64 `json:"users,omitempty" doc:"How many it concerns, a moment old; absent where nobody counts them."`
	Text        string `json:"text" doc:"What becomes of them."`
}

type proposeEntitlementsInput struct {
	OrganizationPath
	Body struct {
		Entitlements entitlements `json:"entitlements" doc:"All of them: what is left out is not granted."`
	}
}

type entitlementsChangeShown struct {
	ID           string        `json:"id"`
	State        string        `json:"state" enum:"pending,applied,ended"`
	Entitlements entitlements  `json:"entitlements"`
	Consequences []consequence `json:"consequences"`
	ExpiresAt    time.Time     `json:"expires_at"`
	SentTo       string        `json:"sent_to" doc:"Where the code was sent, masked."`
}

type entitlementsChangeOutput struct{ Body entitlementsChangeShown }

func registerEntitlements(api *API, s *policy.Service) {
	Register(api, Operation{
		ID: "propose-entitlements", Method: http.MethodPost, Path: "/v1/organizations/{organization}/entitlements/changes", Rule: policy.SystemRule, Success: http.StatusCreated,
		Summary:     "Propose to change an organisation's entitlements",
		Description: "Needed to withdraw something from an organisation that forces two-factor authentication. Nothing changes yet: a code is mailed to your own address, and you see what would become of its users. Repeating it within a minute mails nothing again.",
		Problems:    []string{"nothing_changes", "sms_countries_missing", "sms_origination_invalid", "too_soon", "administrators_need_it", "conflict"},
	}, func(ctx context.Context, c access.Caller, in *proposeEntitlementsInput) (*entitlementsChangeOutput, error) {
		granted, err := in.Body.Entitlements.granted()
		if err != nil {
			return nil, err
		}
		p, err := s.ProposeEntitlements(ctx, c, in.Organization, granted)
		return showEntitlementsChange(p, api.options.Now()), err
	})
	Register(api, Operation{
		ID: "get-entitlements-change", Method: http.MethodGet, Path: "/v1/organizations/{organization}/entitlements/changes/{change}", Rule: policy.SystemRule,
		Summary: "Your proposal, with its consequences",
	}, func(ctx context.Context, c access.Caller, in *ChangePath) (*entitlementsChangeOutput, error) {
		p, err := s.ProposedEntitlements(ctx, c, in.Organization, in.Change)
		return showEntitlementsChange(p, api.options.Now()), err
	})
	Register(api, Operation{
		ID: "confirm-entitlements-change", Method: http.MethodPost, Path: "/v1/organizations/{organization}/entitlements/changes/{change}/confirm", Rule: policy.SystemRule,
		Summary:     "Confirm a proposal with a second word",
		Description: "Applies it once, if the organisation has not changed since. It takes effect on the next decision. Repeating it with the same code gives the same result.",
		Problems:    []string{"code_refused", "code_malformed", "authenticator_unavailable", "change_ended", "organization_moved", "conflict"},
	}, func(ctx context.Context, c access.Caller, in *confirmInput) (*organizationOutput, error) {
		o, err := s.ConfirmEntitlements(ctx, c, in.Organization, in.Change, in.word())
		return &organizationOutput{Body: showOrganization(o)}, err
	})
}

func showEntitlementsChange(p policy.ProposedEntitlements, now time.Time) *entitlementsChangeOutput {
	return &entitlementsChangeOutput{Body: entitlementsChangeShown{
		ID: p.Change.ID, State: stateOf(p.Change, now), Entitlements: showEntitlements(p.Entitlements),
		Consequences: showConsequences(p.Consequences), ExpiresAt: p.Change.ExpiresAt.UTC().Truncate(time.Second), SentTo: p.SentTo,
	}}
}

func showConsequences(all []policy.Consequence) []consequence {
	shown := make([]consequence, len(all))
	for i, c := range all {
		shown[i] = consequence{Entitlement: c.Entitlement, Text: c.Text}
		if c.Users >= 0 {
			shown[i].Users = &c.Users
		}
	}
	return shown
}
