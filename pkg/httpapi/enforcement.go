package httpapi

import (
	"context"
	"net/http"
	"time"

	"twofold/pkg/access"
	"twofold/pkg/policy"
	"twofold/pkg/user"
)

type enforceInput struct {
	SubjectPath
	Body enforcementWanted
}

type enforcementWanted struct {
	Enforcement string     `json:"enforcement" enum:"required,exempt,inherit" doc:"required: must have a second factor, though the policy be only enabled; exempt: need not, for a stated time; inherit: as the policy says."`
	Until       *time.Time `json:"until,omitempty" doc:"The end of an exemption, at most 90 days ahead; for exempt only, and then required."`
	Reason      string     `json:"reason,omitempty" maxLength:"200" doc:"Why, in one line; required for exempt. Stands in the audit and, for exempt, in the mail to all administrators."`
}

type enforcementShown struct {
	Enforcement string     `json:"enforcement" enum:"required,exempt,inherit"`
	Until       *time.Time `json:"until,omitempty" doc:"The end of the exemption; it may have passed."`
	Reason      string     `json:"reason,omitempty"`
	SetBy       string     `json:"set_by,omitempty" doc:"The administrator who set it; of an impersonation <system administrator> for <administrator>. Absent where nobody ever did."`
	SetAt       *time.Time `json:"set_at,omitempty"`
}

type enforcedShown struct {
	Organization  string           `json:"organization"`
	User          string           `json:"user"`
	Enforcement   enforcementShown `json:"enforcement"`
	Changed       bool             `json:"changed" doc:"False where it stood already, and when only reading."`
	MayDisable    bool             `json:"may_disable" doc:"The user is enrolled and may switch off now: nothing obliges the user."`
	Status        string           `json:"status" enum:"complete,challenge,enroll,denied" doc:"What the next login in a browser would be answered."`
	Reason        string           `json:"reason"`
	Rule          string           `json:"rule"`
	PolicyVersion int64            `json:"policy_version"`
	Until         *time.Time       `json:"until,omitempty" doc:"When the lock, the exemption or the grace ends."`
}

type enforcedOutput struct{ Body enforcedShown }

func registerEnforcement(api *API, s *policy.Service) {
	Register(api, Operation{
		ID: "get-enforcement", Method: http.MethodGet, Path: "/v1/organizations/{organization}/users/{user}/enforcement", Rule: policy.EnforceRule,
		Summary: "What was set for one user alone, by whom and why",
	}, func(ctx context.Context, c access.Caller, in *SubjectPath) (*enforcedOutput, error) {
		of, err := in.member()
		if err != nil {
			return nil, err
		}
		st, err := s.Enforcement(ctx, c, of)
		return showEnforced(policy.Enforced{Standing: st}), err
	})
	Register(api, Operation{
		ID: "put-enforcement", Method: http.MethodPut, Path: "/v1/organizations/{organization}/users/{user}/enforcement", Rule: policy.EnforceRule,
		Summary:     "Require a second factor of one user, exempt that user, or clear what was set",
		Description: "Required works while the policy is only enabled. What is stricter than before ends logins under way. An exemption is mailed to all administrators. Setting what stands already changes nothing.",
		Problems:    []string{"invalid_enforcement", "not_available", "step_up_required", "conflict"},
	}, func(ctx context.Context, c access.Caller, in *enforceInput) (*enforcedOutput, error) {
		of, err := in.member()
		if err != nil {
			return nil, err
		}
		e, err := s.Enforce(ctx, c, of, in.Body.enforcement())
		return showEnforced(e), err
	})
	registerEnforcements(api, s)
}

// member is the user that a path names, for the function policy.
func (in SubjectPath) member() (policy.Subject, error) {
	id, err := DecodeID(in.User)
	return policy.Subject{Organization: in.Organization, User: id}, err
}

// inherit is how the zero kind is written.
const inherit = "inherit"

func (w enforcementWanted) enforcement() user.Enforcement {
	e := user.Enforcement{Kind: user.EnforcementKind(w.Enforcement), Reason: w.Reason}
	if w.Enforcement == inherit {
		e.Kind = user.Inherit
	}
	if w.Until != nil {
		e.Until = w.Until.UTC().Truncate(time.Second)
	}
	return e
}

func showEnforcement(e user.Enforcement) enforcementShown {
	shown := enforcementShown{Enforcement: string(e.Kind), Until: moment(e.Until), Reason: e.Reason, SetBy: e.SetBy, SetAt: moment(e.SetAt)}
	if e.Kind == user.Inherit {
		shown.Enforcement = inherit
	}
	return shown
}

func showEnforced(e policy.Enforced) *enforcedOutput {
	p, d := e.Profile, e.Decision
	return &enforcedOutput{Body: enforcedShown{
		Organization: p.Organization, User: p.User, Enforcement: showEnforcement(p.Enforcement), Changed: e.Changed, MayDisable: e.MayDisable,
		Status: string(d.Status), Reason: string(d.Reason), Rule: string(d.Rule), PolicyVersion: d.PolicyVersion, Until: moment(d.Until),
	}}
}
