package httpapi

import (
	"context"
	"net/http"
	"time"

	"twofold/pkg/access"
	"twofold/pkg/audit"
	"twofold/pkg/report"
)

// PageQuery asks for one page.
type PageQuery struct {
	Order  string `query:"order" enum:"asc,desc" default:"asc"`
	Limit  int    `query:"limit" minimum:"1" maximum:"200" default:"50"`
	Cursor string `query:"cursor" minLength:"1" maxLength:"2048" doc:"Where the page before ended, from its next_cursor."`
}

type auditInput struct {
	OrganizationPath
	PageQuery
}

type auditEvent struct {
	ID        string            `json:"id"`
	At        time.Time         `json:"at"`
	Kind      string            `json:"kind"`
	User      string            `json:"user,omitempty"`
	Actor     auditActor        `json:"actor"`
	Reason    string            `json:"reason,omitempty"`
	Seen      string            `json:"seen_address,omitempty" doc:"The address that the API saw."`
	Claimed   string            `json:"claimed_address,omitempty" doc:"The browser's address, as the application reported it."`
	RequestID string            `json:"request_id,omitempty"`
	Details   map[string]string `json:"details,omitempty"`
}

type auditActor struct {
	Role string `json:"role"`
	ID   string `json:"id" doc:"Of an application of the vendor's own: vendor/<id>, since the organisation may have one of the same id."`
	Key  string `json:"key,omitempty" doc:"The id of the key that was used."`
	// Both of an impersonation only.
	InPlaceOf     string `json:"in_place_of,omitempty" doc:"The administrator in whose place the actor acted, or was to act."`
	Impersonation string `json:"impersonation,omitempty" doc:"The id of the impersonation."`
}

type auditOutput struct {
	Body struct {
		Events     []auditEvent `json:"events"`
		NextCursor string       `json:"next_cursor,omitempty" doc:"Absent: there is no more."`
	}
}

// Report is the API of the function report.
func Report(s *report.Service, o Options) *API {
	api := New("report", o)
	registerReports(api, s)
	registerSummaries(api, s)
	Register(api, Operation{
		ID: "get-audit", Method: http.MethodGet, Path: "/v1/organizations/{organization}/audit", Rule: report.AuditRule,
		Summary:  "Who changed what",
		Problems: []string{"invalid_cursor"},
	}, func(ctx context.Context, c access.Caller, in *auditInput) (*auditOutput, error) {
		page, err := s.Events(ctx, c, in.Organization, in.query(), in.Cursor)
		return showEvents(page), err
	})
	Register(api, Operation{
		ID: "get-system-audit", Method: http.MethodGet, Path: "/v1/audit", Rule: report.SystemRule,
		Summary:  "Who changed what of the vendor's own: system administrators, applications, keys",
		Problems: []string{"invalid_cursor"},
	}, func(ctx context.Context, c access.Caller, in *PageQuery) (*auditOutput, error) {
		page, err := s.SystemEvents(ctx, c, in.query(), in.Cursor)
		return showEvents(page), err
	})
	return api
}

func (q PageQuery) query() report.EventQuery {
	return report.EventQuery{Descending: q.Order == "desc", Limit: q.Limit}
}

func showEvents(page report.EventPage) *auditOutput {
	out := &auditOutput{}
	out.Body.NextCursor = page.Cursor
	out.Body.Events = each(page.Events, showEvent)
	return out
}

func showEvent(e audit.Event) auditEvent {
	return auditEvent{
		ID: e.ID, At: e.At.UTC(), Kind: string(e.Kind), User: e.User,
		Actor:  auditActor{Role: e.Role, ID: e.Actor, Key: e.Key, InPlaceOf: e.Subject, Impersonation: e.Session},
		Reason: e.Reason, Seen: e.Seen, Claimed: e.Claimed, RequestID: e.RequestID, Details: e.Details,
	}
}
