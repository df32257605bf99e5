package report

import (
	"context"
	"time"

	"twofold/pkg/access"
	"twofold/pkg/export"
	"twofold/pkg/user"
)

// Exporter exports what a Service reports. All fields are needed.
type Exporter struct {
	Reports *Service
	Keys    export.Keys
}

// enrollmentLine is a row with the version of the policy that its status follows from, 0 where each organisation has its own.
type enrollmentLine struct {
	Row
	policy int64
}

// enrollment is what an export of the enrolment report has of each user.
var enrollment = export.Kind[enrollmentLine]{Name: "enrollment", Columns: []export.Column[enrollmentLine]{
	{Name: "organization", Value: func(l enrollmentLine) any { return l.Organization }},
	{Name: "user", Value: func(l enrollmentLine) any { return l.User }},
	{Name: "email", Value: func(l enrollmentLine) any { return l.Email }},
	{Name: "status", Value: func(l enrollmentLine) any { return string(l.Status) }},
	{Name: "has_two_factor", Value: func(l enrollmentLine) any { return len(l.Methods) > 0 }},
	{Name: "methods", Value: func(l enrollmentLine) any { return slugs(l.Methods) }},
	{Name: "default_method", Value: func(l enrollmentLine) any { return export.Optional(method(user.Profile{Methods: l.Methods})) }},
	{Name: "registered_at", Value: func(l enrollmentLine) any { return second(l.RegisteredAt) }},
	{Name: "enrolled_at", Value: func(l enrollmentLine) any { return second(l.EnrolledAt) }},
	{Name: "last_verified", Value: func(l enrollmentLine) any { return export.Optional(string(l.VerifiedOn)) }},
	{Name: "recovery_codes_left", Value: func(l enrollmentLine) any { return number(l.CodesLeft) }},
	{Name: "exempt_until", Value: func(l enrollmentLine) any { return second(l.ExemptUntil) }},
	{Name: "grace_until", Value: func(l enrollmentLine) any { return second(l.GraceUntil) }},
	{Name: "undeliverable", Value: func(l enrollmentLine) any { return troubles(l.Troubles) }},
	{Name: "policy_version", Value: func(l enrollmentLine) any { return version(l.policy) }},
}}

// Enrollment exports the enrolment report of an organisation: a page of it, which the same rule guards as the report. Of the query neither the limit nor
// the cursor counts; r says where to go on.
func (e *Exporter) Enrollment(ctx context.Context, c access.Caller, q Query, r export.Request) (export.Page, error) {
	allowed := func() error {
		_, err := e.Reports.organization(ctx, c, Rule, r.Organization, e.Reports.Now())
		return err
	}
	return e.enrollment(ctx, q, r, allowed, func(q Query) (Page, error) { return e.Reports.Enrollment(ctx, c, r.Organization, q) })
}

// SystemEnrollment likewise exports that of all organisations. The request names none.
func (e *Exporter) SystemEnrollment(ctx context.Context, c access.Caller, q Query, r export.Request) (export.Page, error) {
	allowed := func() error { return e.Reports.vendor(ctx, c, SystemRule) }
	return e.enrollment(ctx, q, r, allowed, func(q Query) (Page, error) { return e.Reports.SystemEnrollment(ctx, c, q) })
}

func (e *Exporter) enrollment(ctx context.Context, q Query, r export.Request, allowed func() error, page func(Query) (Page, error)) (export.Page, error) {
	read := func(_ context.Context, after string, limit int) ([]enrollmentLine, string, error) {
		q.Cursor, q.Limit = after, limit
		page, err := page(q)
		lines := make([]enrollmentLine, len(page.Rows))
		for i, row := range page.Rows {
			lines[i] = enrollmentLine{row, page.Policy}
		}
		return lines, page.Cursor, err
	}
	return export.Answer(ctx, e.Keys, enrollment, r, e.Reports.Now(), allowed, read)
}

// slugs are texts of a kind of their own as plain ones.
func slugs[T ~string](values []T) []string {
	plain := make([]string, len(values))
	for i, v := range values {
		plain[i] = string(v)
	}
	return plain
}

// troubles are what is known against addresses, as which:why.
func troubles(all []user.Trouble) []string {
	plain := make([]string, len(all))
	for i, t := range all {
		plain[i] = t.Which + ":" + string(t.Why)
	}
	return plain
}

func number(n *int) any {
	if n == nil {
		return nil
	}
	return int64(*n)
}

func version(n int64) any {
	if n == 0 {
		return nil
	}
	return n
}

// second is a time as the report has it.
func second(t time.Time) time.Time {
	if t.IsZero() {
		return t
	}
	return t.UTC().Truncate(time.Second)
}
