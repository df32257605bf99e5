package httpapi

import (
	"context"
	"net/http"
	"time"

	"twofold/pkg/access"
	"twofold/pkg/policy"
	"twofold/pkg/user"
)

type extendInput struct {
	SubjectPath
	Body struct {
		Until  time.Time `json:"until" doc:"The new deadline, at most 90 days ahead."`
		Reason string    `json:"reason" minLength:"1" maxLength:"200" doc:"Why, in one line; stands in the audit and in the mail to all administrators."`
	}
}

type graceShown struct {
	Until  time.Time  `json:"until"`
	Reason string     `json:"reason"`
	SetBy  string     `json:"set_by"`
	SetAt  *time.Time `json:"set_at,omitempty"`
}

type extendedOutput struct {
	Body struct {
		Organization string      `json:"organization"`
		User         string      `json:"user"`
		Grace        *graceShown `json:"grace"`
		Changed      bool        `json:"changed" doc:"False where it stood already."`
		Deadline     *time.Time  `json:"deadline,omitempty" doc:"When this user's grace ends: the later of the policy's deadline and this one. Absent where nothing obliges the user now."`
	}
}

func registerGrace(api *API, s *policy.Service) {
	Register(api, Operation{
		ID: "put-grace", Method: http.MethodPut, Path: "/v1/organizations/{organization}/users/{user}/grace", Rule: policy.EnforceRule,
		Summary:     "Extend one user's deadline",
		Description: "It never shortens: the later of the policy's deadline and this one holds. It is mailed to all administrators. Setting what stands already changes nothing.",
		Problems:    []string{"invalid_grace", "grace_shortened", "conflict"},
	}, func(ctx context.Context, c access.Caller, in *extendInput) (*extendedOutput, error) {
		of, err := in.member()
		if err != nil {
			return nil, err
		}
		e, err := s.ExtendGrace(ctx, c, of, user.Grace{Until: in.Body.Until.UTC().Truncate(time.Second), Reason: in.Body.Reason})
		out := &extendedOutput{}
		out.Body.Organization, out.Body.User, out.Body.Changed = e.Profile.Organization, e.Profile.User, e.Changed
		out.Body.Grace, out.Body.Deadline = showGrace(e.Profile.Grace), moment(e.Deadline)
		return out, err
	})
	Register(api, Operation{
		ID: "delete-grace", Method: http.MethodDelete, Path: "/v1/organizations/{organization}/users/{user}/grace", Rule: policy.EnforceRule,
		Summary:     "End the extension of one user's deadline",
		Description: "The policy's deadline holds again, and logins under way end. Repeating it changes nothing.",
		Problems:    []string{"conflict"},
	}, func(ctx context.Context, c access.Caller, in *SubjectPath) (*struct{}, error) {
		of, err := in.member()
		if err != nil {
			return nil, err
		}
		return nil, s.EndGrace(ctx, c, of)
	})
}

func showGrace(g user.Grace) *graceShown {
	if g.Until.IsZero() {
		return nil
	}
	return &graceShown{Until: *moment(g.Until), Reason: g.Reason, SetBy: g.SetBy, SetAt: moment(g.SetAt)}
}
