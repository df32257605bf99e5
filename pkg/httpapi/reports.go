package httpapi

import (
	"context"
	"net/http"
	"time"

	"twofold/pkg/access"
	"twofold/pkg/org"
	"twofold/pkg/report"
	"twofold/pkg/user"
)

// FilterQuery is which users a report shows.
type FilterQuery struct {
	Status         []string `query:"status" maxItems:"8" enum:"not_available,enrolled,suspended,exempt,not_obliged,pending,overdue,bounced" doc:"One of these, separated by commas."`
	TwoFactor      string   `query:"has_two_factor" enum:"true,false"`
	Method         string   `query:"method" enum:"totp,email,sms" doc:"Among the user's methods."`
	Default        string   `query:"default_method" enum:"totp,email,sms"`
	UserPrefix     string   `query:"user_prefix" minLength:"1" maxLength:"128" doc:"What the id begins with."`
	EmailPrefix    string   `query:"email_prefix" minLength:"1" maxLength:"254" doc:"What the address begins with, in any case."`
	EnrolledFrom   string   `query:"enrolled_from" pattern:"^[0-9]{4}-[0-9]{2}-[0-9]{2}$" doc:"A day (UTC), and those that follow."`
	EnrolledBefore string   `query:"enrolled_before" pattern:"^[0-9]{4}-[0-9]{2}-[0-9]{2}$" doc:"The days before a day (UTC). Who is not enrolled is in no such time."`
	VerifiedFrom   string   `query:"verified_from" pattern:"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"`
	VerifiedBefore string   `query:"verified_before" pattern:"^[0-9]{4}-[0-9]{2}-[0-9]{2}$" doc:"Who never verified is shown too."`
}

func (q FilterQuery) filter() report.Filter {
	f := report.Filter{
		Method: org.Method(q.Method), Default: org.Method(q.Default), UserPrefix: q.UserPrefix, EmailPrefix: q.EmailPrefix,
		EnrolledFrom: user.Day(q.EnrolledFrom), EnrolledBefore: user.Day(q.EnrolledBefore),
		VerifiedFrom: user.Day(q.VerifiedFrom), VerifiedBefore: user.Day(q.VerifiedBefore),
	}
	for _, s := range q.Status {
		f.Statuses = append(f.Statuses, report.Status(s))
	}
	if q.TwoFactor != "" {
		enrolled := q.TwoFactor == "true"
		f.TwoFactor = &enrolled
	}
	return f
}

type reportInput struct {
	OrganizationPath
	PageQuery
	FilterQuery
	Sort string `query:"sort" enum:"user,email,has_two_factor,method,enrolled_at,last_verified" default:"user" doc:"enrolled_at puts those without a second factor first, then by date; last_verified those who never verified, then by day; method is the default one."`
}

type systemReportInput struct {
	PageQuery
	FilterQuery
	Sort string `query:"sort" enum:"user,has_two_factor,enrolled_at,last_verified" default:"user"`
}

type reportRow struct {
	Organization  string     `json:"organization"`
	User          string     `json:"user"`
	Email         string     `json:"email"`
	Status        string     `json:"status" enum:"not_available,enrolled,suspended,exempt,not_obliged,pending,overdue,bounced" doc:"bounced: mail comes back, and the user can neither sign in nor enrol without it."`
	TwoFactor     bool       `json:"has_two_factor"`
	Methods       []string   `json:"methods" doc:"The default first."`
	DefaultMethod string     `json:"default_method,omitempty"`
	RegisteredAt  time.Time  `json:"registered_at"`
	EnrolledAt    *time.Time `json:"enrolled_at,omitempty"`
	LastVerified  string     `json:"last_verified,omitempty" doc:"The day (UTC) of the latest right proof, a moment behind. Absent: there was none."`
	CodesLeft     *int       `json:"recovery_codes_left,omitempty" doc:"Saved recovery codes that are good, a moment behind. Absent: none were given."`
	ExemptUntil   *time.Time `json:"exempt_until,omitempty"`
	GraceUntil    *time.Time `json:"grace_until,omitempty" doc:"When the user must have enrolled, or had to."`

	Undeliverable []undeliverableShown `json:"undeliverable,omitempty" doc:"Addresses and numbers of the user that messages do not go to as they should."`
}

type reportOutput struct {
	Body struct {
		Users         []reportRow `json:"users"`
		PolicyVersion int64       `json:"policy_version,omitzero" doc:"The policy that the statuses follow from. Absent in a report of all organisations: each has its own."`
		NextCursor    string      `json:"next_cursor,omitempty" doc:"Absent: there is no more. A page looks at 1,000 users at most, so it may show few, or none, and have one."`
	}
}

func registerReports(api *API, s *report.Service) {
	Register(api, Operation{
		ID: "get-report", Method: http.MethodGet, Path: "/v1/organizations/{organization}/report", Rule: report.Rule,
		Summary: "Who has a second factor",
		Description: "Statuses are computed from facts, the policy and the time. A filter by what the order sorts by is read from its index; the others " +
			"are judged user by user.",
		Problems: []string{"invalid_cursor", "invalid_query"},
	}, func(ctx context.Context, c access.Caller, in *reportInput) (*reportOutput, error) {
		page, err := s.Enrollment(ctx, c, in.Organization, in.reporting(in.FilterQuery, in.Sort))
		return showReport(page), err
	})
	Register(api, Operation{
		ID: "get-system-report", Method: http.MethodGet, Path: "/v1/report", Rule: report.SystemRule,
		Summary:  "Who of all organisations has a second factor",
		Problems: []string{"invalid_cursor", "invalid_query"},
	}, func(ctx context.Context, c access.Caller, in *systemReportInput) (*reportOutput, error) {
		page, err := s.SystemEnrollment(ctx, c, in.reporting(in.FilterQuery, in.Sort))
		return showReport(page), err
	})
}

// SummaryQuery asks for a trend.
type SummaryQuery struct {
	Days int `query:"days" minimum:"1" maximum:"366" default:"30" doc:"How many days of trend, up to today."`
}

type summaryInput struct {
	OrganizationPath
	SummaryQuery
}

type trendDay struct {
	Day      string `json:"day" format:"date" doc:"UTC. The last one is today, up to now."`
	Users    int64  `json:"users"`
	Enrolled int64  `json:"enrolled"`
}

type summaryOutput struct {
	Body struct {
		AsOf          *time.Time       `json:"as_of,omitempty" doc:"When something was counted last: changes of the last seconds may be missing. Absent: nobody was counted yet."`
		PolicyVersion int64            `json:"policy_version,omitzero" doc:"The policy that the statuses follow from. Absent in a summary of all organisations."`
		Users         int64            `json:"users"`
		Enrolled      int64            `json:"enrolled" doc:"Have a second factor, even a suspended one."`
		Percent       float64          `json:"enrolled_percent" doc:"To a tenth, cut."`
		Statuses      map[string]int64 `json:"statuses" doc:"Every user once, by the statuses of the report; to the day (UTC). Users whose mail bounces are counted by what they are besides."`
		Methods       map[string]int64 `json:"methods" doc:"Users who have the method; a user may have several."`
		Trend         []trendDay       `json:"trend"`
	}
}

func registerSummaries(api *API, s *report.Service) {
	Register(api, Operation{
		ID: "get-summary", Method: http.MethodGet, Path: "/v1/organizations/{organization}/summary", Rule: report.Rule,
		Summary:     "How many users have a second factor, and how that changed by day",
		Description: "Made from counts, so it costs the same whatever the number of users.",
	}, func(ctx context.Context, c access.Caller, in *summaryInput) (*summaryOutput, error) {
		sum, err := s.Summary(ctx, c, in.Organization, in.Days)
		return showSummary(sum), err
	})
	Register(api, Operation{
		ID: "get-system-summary", Method: http.MethodGet, Path: "/v1/summary", Rule: report.SystemRule,
		Summary: "How many users of all organisations have a second factor, and how that changed by day",
	}, func(ctx context.Context, c access.Caller, in *SummaryQuery) (*summaryOutput, error) {
		sum, err := s.SystemSummary(ctx, c, in.Days)
		return showSummary(sum), err
	})
}

func showSummary(sum report.Summary) *summaryOutput {
	out := &summaryOutput{}
	b := &out.Body
	b.AsOf, b.PolicyVersion, b.Users, b.Enrolled, b.Percent = moment(sum.AsOf), sum.Policy, sum.Users, sum.Enrolled, sum.Percent()
	b.Statuses, b.Methods = map[string]int64{}, map[string]int64{}
	for _, s := range report.Statuses() {
		b.Statuses[string(s)] = sum.Statuses[s]
	}
	for _, m := range []org.Method{org.TOTP, org.Email, org.SMS} {
		b.Methods[string(m)] = sum.Methods[m]
	}
	b.Trend = each(sum.Trend, func(d report.TrendDay) trendDay {
		return trendDay{Day: string(d.Day), Users: d.Users, Enrolled: d.Enrolled}
	})
	return out
}

func (q PageQuery) reporting(f FilterQuery, sort string) report.Query {
	return report.Query{Sort: report.Sort(sort), Descending: q.Order == "desc", Limit: q.Limit, Filter: f.filter(), Cursor: q.Cursor}
}

func showReport(page report.Page) *reportOutput {
	out := &reportOutput{}
	out.Body.PolicyVersion, out.Body.NextCursor = page.Policy, page.Cursor
	out.Body.Users = each(page.Rows, showRow)
	return out
}

func showRow(r report.Row) reportRow {
	shown := reportRow{
		Organization: r.Organization, User: r.User, Email: r.Email, Status: string(r.Status), TwoFactor: len(r.Methods) > 0, Methods: names(r.Methods),
		RegisteredAt: r.RegisteredAt.UTC().Truncate(time.Second), EnrolledAt: moment(r.EnrolledAt), LastVerified: string(r.VerifiedOn),
		CodesLeft: r.CodesLeft, ExemptUntil: moment(r.ExemptUntil), GraceUntil: moment(r.GraceUntil), Undeliverable: showTroubles(r.Troubles),
	}
	if len(r.Methods) > 0 {
		shown.DefaultMethod = string(r.Methods[0])
	}
	return shown
}
