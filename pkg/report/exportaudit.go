package report

import (
	"context"

	"twofold/pkg/access"
	"twofold/pkg/audit"
	"twofold/pkg/export"
	"twofold/pkg/ledger"
)

// auditLine is an event with its index in the log; nil for the moment until it is appended.
type auditLine struct {
	audit.Event
	leaf *uint64
}

// auditing is what an export of the audit has of each event.
var auditing = export.Kind[auditLine]{Name: "audit", Columns: []export.Column[auditLine]{
	{Name: "organization", Value: func(l auditLine) any { return export.Optional(l.Organization) }},
	{Name: "id", Value: func(l auditLine) any { return l.ID }},
	{Name: "at", Value: func(l auditLine) any { return l.At }},
	{Name: "kind", Value: func(l auditLine) any { return string(l.Kind) }},
	{Name: "user", Value: func(l auditLine) any { return export.Optional(l.User) }},
	{Name: "actor_role", Value: func(l auditLine) any { return l.Role }},
	{Name: "actor", Value: func(l auditLine) any { return l.Actor }},
	{Name: "key", Value: func(l auditLine) any { return export.Optional(l.Key) }},
	{Name: "in_place_of", Value: func(l auditLine) any { return export.Optional(l.Subject) }},
	{Name: "impersonation", Value: func(l auditLine) any { return export.Optional(l.Session) }},
	{Name: "reason", Value: func(l auditLine) any { return export.Optional(l.Reason) }},
	{Name: "seen_address", Value: func(l auditLine) any { return export.Optional(l.Seen) }},
	{Name: "claimed_address", Value: func(l auditLine) any { return export.Optional(l.Claimed) }},
	{Name: "request_id", Value: func(l auditLine) any { return export.Optional(l.RequestID) }},
	{Name: "details", Value: func(l auditLine) any { return l.Details }},
	{Name: "leaf", Value: func(l auditLine) any { return index(l.leaf) }},
}}

// Audit exports the audit of an organisation, or of access.VendorHome the system's own, which the same rules guard as Events. Of the query neither limit
// nor place counts; r says where to go on.
func (e *Exporter) Audit(ctx context.Context, c access.Caller, organization string, q EventQuery, r export.Request) (export.Page, error) {
	allowed := func() error {
		_, err := e.Reports.audited(ctx, c, organization)
		return err
	}
	read := func(_ context.Context, after string, limit int) ([]auditLine, string, error) {
		q.After, q.Limit = "", limit
		page, err := e.Reports.Events(ctx, c, organization, q, after)
		lines := make([]auditLine, len(page.Events))
		for i, event := range page.Events {
			lines[i] = auditLine{Event: event}
			if at, there := page.Entries[ledger.PlaceOf(event)]; there {
				lines[i].leaf = &at
			}
		}
		return lines, page.Cursor, err
	}
	return export.Answer(ctx, e.Keys, auditing, r, e.Reports.Now(), allowed, read)
}

func index(n *uint64) any {
	if n == nil {
		return nil
	}
	return int64(*n)
}
