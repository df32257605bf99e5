package signin

import (
	"context"

	"twofold/pkg/access"
	"twofold/pkg/export"
)

// Exporter exports what a Service reads. All fields are needed.
type Exporter struct {
	Log  *Service
	Keys export.Keys
}

// signIns is what an export of the sign-in log has of each code.
var signIns = export.Kind[Entry]{Name: "sign-ins", Columns: []export.Column[Entry]{
	{Name: "organization", Value: func(e Entry) any { return e.Organization }},
	{Name: "user", Value: func(e Entry) any { return e.User }},
	{Name: "at", Value: func(e Entry) any { return e.At }},
	{Name: "outcome", Value: func(e Entry) any { return string(e.Outcome) }},
	{Name: "reason", Value: func(e Entry) any { return export.Optional(string(e.Reason)) }},
	{Name: "method", Value: func(e Entry) any { return e.Way }},
	{Name: "purpose", Value: func(e Entry) any { return string(e.For) }},
	{Name: "address", Value: func(e Entry) any { return export.Optional(e.Address) }},
	{Name: "locked_until", Value: func(e Entry) any { return e.LockedUntil }},
}}

// Export exports the log of an organisation, which the same rule guards as SignIns. Of the query neither limit nor place counts; r says where to go on.
func (e *Exporter) Export(ctx context.Context, c access.Caller, q Query, f Filter, r export.Request) (export.Page, error) {
	allowed := func() error {
		_, err := e.Log.admitted(ctx, c, r.Organization, e.Log.Now())
		return err
	}
	read := func(_ context.Context, after string, limit int) ([]Entry, string, error) {
		q.After, q.Limit = "", limit
		page, err := e.Log.SignIns(ctx, c, r.Organization, q, f, after)
		return page.Rows, page.Cursor, err
	}
	return export.Answer(ctx, e.Keys, signIns, r, e.Log.Now(), allowed, read)
}
