package httpapi

import (
	"context"
	"net/http"
	"time"

	"twofold/pkg/access"
	"twofold/pkg/policy"
)

type statusShown struct {
	Organization  string           `json:"organization"`
	User          string           `json:"user"`
	Status        string           `json:"status" enum:"complete,challenge,enroll,denied" doc:"What a login in a browser would be answered now."`
	Reason        string           `json:"reason" doc:"Why; stable. not_available: the organisation is not entitled to two-factor authentication."`
	Rule          string           `json:"rule" doc:"The rule that decides."`
	PolicyVersion int64            `json:"policy_version"`
	Until         *time.Time       `json:"until,omitempty" doc:"When the lock, the exemption or the grace ends, where that is the reason."`
	Deadline      *time.Time       `json:"deadline,omitempty" doc:"When the user's grace ends, or ended; absent where nothing obliges the user."`
	Methods       []string         `json:"methods" doc:"Enrolled, the default first; empty: not enrolled."`
	Enforcement   enforcementShown `json:"enforcement"`
	Grace         *graceShown      `json:"grace,omitempty" doc:"A later deadline given to this user alone; it may have passed."`
	RegisteredAt  *time.Time       `json:"registered_at,omitempty"`
	EnrolledAt    *time.Time       `json:"enrolled_at,omitempty"`
	Suspended     bool             `json:"suspended" doc:"After too many wrong codes in a row: until a recovery or a reset."`
	LockedUntil   *time.Time       `json:"locked_until,omitempty"`
	CodesLeft     int              `json:"recovery_codes_left"`
	MayDisable    bool             `json:"may_disable" doc:"The user is enrolled and may switch off now: nothing obliges the user."`
}

type statusOutput struct{ Body statusShown }

func registerStatus(api *API, s *policy.Service) {
	Register(api, Operation{
		ID: "get-user-status", Method: http.MethodGet, Path: "/v1/organizations/{organization}/users/{user}/status", Rule: policy.StatusRule,
		Summary:     "How a user stands, and why",
		Description: "The same explanation as a login would give now, with what it rests on. It changes nothing, and registers nobody.",
	}, func(ctx context.Context, c access.Caller, in *SubjectPath) (*statusOutput, error) {
		of, err := in.member()
		if err != nil {
			return nil, err
		}
		st, err := s.Status(ctx, c, of)
		return &statusOutput{Body: showStatus(st)}, err
	})
}

func showStatus(st policy.Standing) statusShown {
	p, d := st.Profile, st.Decision
	return statusShown{
		Organization: p.Organization, User: p.User, Status: string(d.Status), Reason: string(d.Reason), Rule: string(d.Rule),
		PolicyVersion: d.PolicyVersion, Until: moment(d.Until), Deadline: moment(st.Deadline), Methods: names(st.Methods),
		Enforcement: showEnforcement(p.Enforcement), Grace: showGrace(p.Grace), RegisteredAt: moment(p.RegisteredAt),
		EnrolledAt: moment(p.EnrolledAt), Suspended: st.Suspended, LockedUntil: moment(st.LockedUntil),
		CodesLeft: st.CodesLeft, MayDisable: st.MayDisable,
	}
}
