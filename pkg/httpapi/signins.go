package httpapi

import (
	"context"
	"net/http"
	"time"

	"twofold/pkg/access"
	"twofold/pkg/signin"
)

type signInsInput struct {
	OrganizationPath
	PageQuery
	SignInsFilter
}

// SignInsFilter is which rows of the sign-in log are asked for.
type SignInsFilter struct {
	User    string    `query:"user" minLength:"1" maxLength:"128" doc:"Of one user alone. These may be a moment behind."`
	From    time.Time `query:"from" doc:"The beginning, RFC 3339."`
	To      time.Time `query:"to" doc:"The end, RFC 3339, which is not included; without it, now."`
	Outcome string    `query:"outcome" enum:"right,wrong,locked,suspended" doc:"With this outcome alone."`
	Method  string    `query:"method" enum:"totp,email,sms,recovery_email,recovery_code,bypass_code,ticket,app_password" doc:"By this method or way back alone."`
}

type signInRow struct {
	User        string     `json:"user"`
	At          time.Time  `json:"at" doc:"To the second."`
	Outcome     string     `json:"outcome" enum:"right,wrong,locked,suspended" doc:"locked: it was wrong, and for a while nothing is accepted. suspended: it was wrong, and the authenticators are out of use until a recovery or a reset."`
	Reason      string     `json:"reason,omitempty" enum:"code,void" doc:"Why it was not right. code: it was another one, or had been used. void: no code of its kind was open, because none was ordered, or it had expired, was used, or was answered wrongly too often."`
	Method      string     `json:"method" enum:"totp,email,sms,recovery_email,recovery_code,bypass_code,ticket,app_password"`
	Purpose     string     `json:"purpose" doc:"sign_in; in an enrolment prove, verify_recovery_email, confirm; step_up of an administrator's change; app_password; or the change that it was a fresh proof for."`
	Address     string     `json:"address,omitempty" doc:"The browser's, as the application reported it. At app passwords of IPv6 the network."`
	LockedUntil *time.Time `json:"locked_until,omitempty"`
}

type signInsOutput struct {
	Body struct {
		SignIns    []signInRow `json:"sign_ins"`
		NextCursor string      `json:"next_cursor,omitempty" doc:"Absent: there is no more. A page may be short, or empty, and have one."`
	}
}

func registerSignIns(api *API, s *signin.Service) {
	Register(api, Operation{
		ID: "list-sign-ins", Method: http.MethodGet, Path: "/v1/organizations/{organization}/sign-ins", Rule: signin.Rule,
		Summary: "Every code that was judged",
		Description: "Right and wrong, of sign-ins, enrolments and changes, and wrong app passwords, for 90 days, a moment after they were judged. What is not judged is not in it: " +
			"codes while nothing is accepted, trusted devices, right app passwords. A page looks at 1,000 at most.",
		Problems: []string{"invalid_cursor", "invalid_times"},
	}, func(ctx context.Context, c access.Caller, in *signInsInput) (*signInsOutput, error) {
		q := in.rows(in.Order)
		q.Limit = in.Limit
		page, err := s.SignIns(ctx, c, in.Organization, q, in.filter(), in.Cursor)
		out := &signInsOutput{}
		out.Body.SignIns, out.Body.NextCursor = each(page.Rows, showSignIn), page.Cursor
		return out, err
	})
}

func (f SignInsFilter) rows(order string) signin.Query {
	return signin.Query{User: f.User, From: f.From, To: f.To, Descending: order == "desc"}
}

func (f SignInsFilter) filter() signin.Filter {
	return signin.Filter{Outcome: signin.Outcome(f.Outcome), Way: f.Method}
}

func showSignIn(e signin.Entry) signInRow {
	return signInRow{
		User: e.User, At: e.At.UTC(), Outcome: string(e.Outcome), Reason: string(e.Reason), Method: e.Way, Purpose: string(e.For),
		Address: e.Address, LockedUntil: moment(e.LockedUntil),
	}
}
