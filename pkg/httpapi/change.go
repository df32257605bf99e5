package httpapi

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"time"

	"twofold/pkg/access"
	"twofold/pkg/fault"
	"twofold/pkg/policy"
	"twofold/pkg/stepup"
)

type proposeInput struct {
	OrganizationPath
	IfMatch version `header:"If-Match" pattern:"^\"[1-9][0-9]{0,9}\"$" doc:"Required: the ETag of the policy that this was made from."`
	Body    struct {
		Policy       policySettings `json:"policy"`
		Acknowledged bool           `json:"acknowledge_not_enrolled,omitempty" doc:"You begin to force, are a user too and have no second factor yourself, and know it. Without this that is refused."`
	}
}

// ChangePath is the part of a path that names a proposal.
type ChangePath struct {
	OrganizationPath
	Change string `path:"change" pattern:"^[0-9a-f]{1,64}$" doc:"The proposal's id."`
}

type confirmInput struct {
	ChangePath
	Body struct {
		Code   string `json:"code" minLength:"1" maxLength:"64" doc:"The eight digits mailed for this change; or the six of your authenticator."`
		Method string `json:"method,omitempty" enum:"email,totp" default:"email" doc:"email: the code that was mailed. totp: the code that your authenticator app shows, where you are a user too; it is used up as at a login."`
	}
}

type confirmPolicyInput struct {
	ChangePath
	Body struct {
		Code     string `json:"code" minLength:"1" maxLength:"64" doc:"The eight digits mailed for this change; or the six of your authenticator."`
		Method   string `json:"method,omitempty" enum:"email,totp" default:"email" doc:"email: the code that was mailed. totp: the code that your authenticator app shows, where you are a user too; it is used up as at a login."`
		Announce *bool  `json:"announce,omitempty" doc:"Tell all users without a second factor by mail what will be asked of them, at once, and remind each before the own grace ends. True, where absent and the policy begins to force; for any other policy that forces it needs announcements:write."`
	}
}

func (in confirmPolicyInput) confirmation() policy.Confirmation {
	return policy.Confirmation{Word: stepup.Word{By: stepup.Way(in.Body.Method), Code: in.Body.Code}, Announce: in.Body.Announce}
}

func (in confirmInput) word() stepup.Word {
	return stepup.Word{By: stepup.Way(in.Body.Method), Code: in.Body.Code}
}

type changeShown struct {
	ID             string      `json:"id"`
	State          string      `json:"state" enum:"pending,applied,ended"`
	BaseVersion    int64       `json:"base_version"`
	AppliedVersion int64       `json:"applied_version,omitzero"`
	Policy         policyShown `json:"policy"`
	ExpiresAt      time.Time   `json:"expires_at"`
	SentTo         string      `json:"sent_to" doc:"Where the code was sent, masked."`
	DryRun         dryRunShown `json:"dry_run"`
}

type changeOutput struct{ Body changeShown }

func registerChanges(api *API, s *policy.Service) {
	Register(api, Operation{
		ID: "propose-policy", Method: http.MethodPost, Path: "/v1/organizations/{organization}/policy/changes", Rule: policy.ProposeRule, Success: http.StatusCreated,
		Summary:     "Propose a policy",
		Description: "Nothing changes yet: a code is mailed to your own address, and you see what the policy would do. One proposal of yours is live at a time. Repeating it within a minute mails nothing again.",
		Problems:    []string{"policy_moved", "version_required", "nothing_changes", "invalid_policy", "not_built", "not_available", "not_enrolled_yourself", "too_soon", "administrators_need_it", "conflict"},
	}, func(ctx context.Context, c access.Caller, in *proposeInput) (*changeOutput, error) {
		base, err := in.IfMatch.base()
		if err != nil {
			return nil, err
		}
		p, err := s.Propose(ctx, c, in.Organization, in.wanted(), base)
		return showChange(p, api.options.Now()), within(err, "policy")
	})
	Register(api, Operation{
		ID: "get-policy-change", Method: http.MethodGet, Path: "/v1/organizations/{organization}/policy/changes/{change}", Rule: policy.ProposeRule,
		Summary: "Your proposal, with its dry run",
	}, func(ctx context.Context, c access.Caller, in *ChangePath) (*changeOutput, error) {
		p, err := s.Proposed(ctx, c, in.Organization, in.Change)
		return showChange(p, api.options.Now()), err
	})
	Register(api, Operation{
		ID: "confirm-policy-change", Method: http.MethodPost, Path: "/v1/organizations/{organization}/policy/changes/{change}/confirm", Rule: policy.ProposeRule,
		Summary:     "Confirm a proposal with a second word",
		Description: "Applies it once, if the version that it was made from still stands, and makes its announcement with it, which `announcements` shows. Where forcing has no date it begins now. Repeating it with the same code gives the same result.",
		Problems:    []string{"code_refused", "code_malformed", "authenticator_unavailable", "change_ended", "policy_moved", "invalid_policy", "not_enrolled_yourself", "nothing_to_announce", "conflict"},
	}, func(ctx context.Context, c access.Caller, in *confirmPolicyInput) (*policyOutput, error) {
		p, err := s.Confirm(ctx, c, in.Organization, in.Change, in.confirmation())
		return showPolicyOutput(p), within(err, "policy")
	})
}

func (in proposeInput) wanted() policy.Wanted {
	return policy.Wanted{Policy: in.Body.Policy.policy(), Acknowledged: in.Body.Acknowledged}
}

func showChange(p policy.Proposed, now time.Time) *changeOutput {
	return &changeOutput{Body: changeShown{
		ID: p.Change.ID, State: stateOf(p.Change, now), BaseVersion: p.Change.Base, AppliedVersion: p.Change.Applied,
		Policy: showPolicy(p.Policy), ExpiresAt: p.Change.ExpiresAt.UTC().Truncate(time.Second), SentTo: p.SentTo,
		DryRun: showDryRun(p.DryRun),
	}}
}

// stateOf is how a change stands, in one word.
func stateOf(c stepup.Change, now time.Time) string {
	switch {
	case c.Applied != 0:
		return "applied"
	case c.Live(now):
		return "pending"
	}
	return "ended"
}

// within names the field of a policy's fault as the request wrote it.
func within(err error, part string) error {
	var known *fault.Error
	if !errors.As(err, &known) || known.Field == "" || known.Kind != fault.Unprocessable || slices.Contains([]string{"code", "method", "announce"}, known.Field) {
		return err
	}
	return known.At(part + "." + known.Field)
}
