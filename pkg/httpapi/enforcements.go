package httpapi

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"twofold/pkg/access"
	"twofold/pkg/fault"
	"twofold/pkg/policy"
	"twofold/pkg/user"
)

// maxEnforcements is the size of a call with 1,000 of the longest lines.
const maxEnforcements = 1 << 20

// enforcementLine is loose, because one bad line must not stop the others: what is wrong with it is that line's result.
type enforcementLine struct {
	User        string `json:"user" doc:"Your own id of the user."`
	Enforcement string `json:"enforcement" doc:"required, exempt or inherit."`
	Until       string `json:"until,omitempty" doc:"The end of an exemption (RFC 3339), at most 90 days ahead."`
	Reason      string `json:"reason,omitempty" doc:"Why, in one line of at most 200 characters; required for exempt."`
}

type enforceManyInput struct {
	OrganizationPath
	Body struct {
		Users []enforcementLine `json:"users" minItems:"1" maxItems:"1000"`
	}
}

type lineShown struct {
	User   string `json:"user,omitempty" doc:"Absent where the id of the line cannot be one."`
	Result string `json:"result" enum:"changed,unchanged,problem"`
	Code   string `json:"code,omitempty" doc:"Of a problem, stable: those of setting one user, not_found, duplicate_user, unavailable."`
	Field  string `json:"field,omitempty" doc:"Such as users[3].until."`
	Detail string `json:"detail,omitempty"`
}

type enforceManyOutput struct {
	Body struct {
		Results []lineShown `json:"results" doc:"One for each line, in their order."`
	}
}

var (
	errLineUser  = fault.New(fault.Unprocessable, codeInvalidField, "A user id has 1 to 128 bytes of UTF-8, without control characters and U+FFFD.").At("user")
	errLineUntil = fault.New(fault.Unprocessable, codeInvalidField, "A time as in RFC 3339 is expected here.").At("until")
	errLineKind  = fault.New(fault.Unprocessable, codeInvalidField, "This value is not one of those allowed here.").At("enforcement")
)

func registerEnforcements(api *API, s *policy.Service) {
	Register(api, Operation{
		ID: "put-enforcements", Method: http.MethodPost, Path: "/v1/organizations/{organization}/enforcements", Rule: policy.EnforceRule,
		Summary:     "The same for up to 1,000 users, each with its own result",
		Description: "One bad line does not stop the others, and repeating the call changes nothing more. Exemptions are told to all administrators in one mail. Only where no line at all could be decided is the call refused as a whole.",
		Problems:    []string{"step_up_required", "conflict"}, MaxBody: maxEnforcements,
	}, func(ctx context.Context, c access.Caller, in *enforceManyInput) (*enforceManyOutput, error) {
		results, err := s.EnforceMany(ctx, c, in.Organization, each(in.Body.Users, enforcementLine.line))
		if err != nil {
			return nil, err
		}
		out := &enforceManyOutput{}
		out.Body.Results = make([]lineShown, len(results))
		for i, r := range results {
			out.Body.Results[i] = showLine(i, in.Body.Users[i].User, r)
		}
		return out, nil
	})
}

// line reads a line; what is wrong with its form is part of it.
func (l enforcementLine) line() policy.Line {
	w := enforcementWanted{Enforcement: l.Enforcement, Reason: l.Reason}
	if l.Until != "" {
		until, err := time.Parse(time.RFC3339, l.Until)
		if err != nil {
			return policy.Line{User: l.User, Malformed: errLineUntil}
		}
		w.Until = &until
	}
	line := policy.Line{User: l.User, Want: w.enforcement()}
	switch {
	case !ValidID(l.User):
		line.Malformed = errLineUser
	case l.Enforcement != inherit && line.Want.Kind != user.Required && line.Want.Kind != user.Exempt:
		line.Malformed = errLineKind
	}
	return line
}

func showLine(at int, id string, r policy.LineResult) lineShown {
	shown := lineShown{Result: "unchanged"}
	if ValidID(id) {
		shown.User = id
	}
	switch {
	case r.Err != nil:
		why := fault.As(r.Err)
		shown.Result, shown.Code, shown.Detail = "problem", why.Code, why.Message
		if why.Field != "" {
			shown.Field = "users[" + strconv.Itoa(at) + "]." + why.Field
		}
	case r.Changed:
		shown.Result = "changed"
	}
	return shown
}
