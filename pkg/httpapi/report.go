package httpapi

import (
	"context"
	"net/http"
	"time"

	"twofold/pkg/access"
	"twofold/pkg/audit"
	"twofold/pkg/ledger"
	"twofold/pkg/report"
	"twofold/pkg/signin"
)

// PageQuery asks for one page.
type PageQuery struct {
	Order  string `query:"order" enum:"asc,desc" default:"asc"`
	Limit  int    `query:"limit" minimum:"1" maximum:"200" default:"50"`
	Cursor string `query:"cursor" minLength:"1" maxLength:"2048" doc:"Where the page before ended, from its next_cursor."`
}

// AuditQuery asks for one page of an audit: of the events that fit all that is given.
type AuditQuery struct {
	PageQuery
	AuditFilter
}

// AuditFilter is which events an audit is asked for.
type AuditFilter struct {
	From  time.Time `query:"from" doc:"Events of this moment and later."`
	To    time.Time `query:"to" doc:"Events before this moment."`
	Actor string    `query:"actor" minLength:"1" maxLength:"160" doc:"The id of who acted, as events show it. From an index that is a moment behind."`
	User  string    `query:"user" minLength:"1" maxLength:"128" doc:"Whom an event is about. From an index that is a moment behind."`
	Kinds []string  `query:"kind,explode" minItems:"1" maxItems:"20" doc:"What happened, such as policy.changed; several are given one by one."`
}

type auditInput struct {
	OrganizationPath
	AuditQuery
}

// loggedEvent is an event, and where it stands in the log.
type loggedEvent struct {
	AuditEvent
	Leaf *uint64 `json:"leaf,omitempty" doc:"Its index in the log that proofs are of, from 0. Absent for the moment until it is appended."`
}

// AuditEvent is an event of an audit.
type AuditEvent struct {
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
		Events     []loggedEvent `json:"events"`
		NextCursor string        `json:"next_cursor,omitempty" doc:"Absent: there is no more. A page may be short, or empty, and not the last: no more than 1,000 events are looked at for one."`
	}
}

// Report is the API of the function report.
func Report(s *report.Service, signIns *signin.Service, o Options) *API {
	api := New("report", o)
	registerReports(api, s)
	registerSummaries(api, s)
	Register(api, Operation{
		ID: "get-audit", Method: http.MethodGet, Path: "/v1/organizations/{organization}/audit", Rule: report.AuditRule,
		Summary:  "Who changed what",
		Problems: []string{"invalid_cursor", "invalid_period", "unknown_kind"},
	}, func(ctx context.Context, c access.Caller, in *auditInput) (*auditOutput, error) {
		page, err := s.Events(ctx, c, in.Organization, in.query(), in.Cursor)
		return showEvents(page), err
	})
	Register(api, Operation{
		ID: "get-system-audit", Method: http.MethodGet, Path: "/v1/audit", Rule: report.SystemRule,
		Summary:  "Who changed what of the vendor's own: system administrators, applications, keys",
		Problems: []string{"invalid_cursor", "invalid_period", "unknown_kind"},
	}, func(ctx context.Context, c access.Caller, in *AuditQuery) (*auditOutput, error) {
		page, err := s.Events(ctx, c, access.VendorHome, in.query(), in.Cursor)
		return showEvents(page), err
	})
	registerSignIns(api, signIns)
	logOperations(api, s)
	return api
}

func (q AuditQuery) query() report.EventQuery {
	events := q.events(q.Order)
	events.Limit = q.Limit
	return events
}

func (f AuditFilter) events(order string) report.EventQuery {
	return report.EventQuery{
		From: f.From, To: f.To, Actor: f.Actor, User: f.User, Kinds: each(f.Kinds, func(kind string) audit.Kind { return audit.Kind(kind) }),
		Descending: order == "desc",
	}
}

func showEvents(page report.EventPage) *auditOutput {
	out := &auditOutput{}
	out.Body.NextCursor = page.Cursor
	out.Body.Events = each(page.Events, func(e audit.Event) loggedEvent {
		shown := loggedEvent{AuditEvent: showEvent(e)}
		if leaf, there := page.Entries[ledger.PlaceOf(e)]; there {
			shown.Leaf = &leaf
		}
		return shown
	})
	return out
}

func showEvent(e audit.Event) AuditEvent {
	return AuditEvent{
		ID: e.ID, At: e.At.UTC(), Kind: string(e.Kind), User: e.User,
		Actor:  auditActor{Role: e.Role, ID: e.Actor, Key: e.Key, InPlaceOf: e.Subject, Impersonation: e.Session},
		Reason: e.Reason, Seen: e.Seen, Claimed: e.Claimed, RequestID: e.RequestID, Details: e.Details,
	}
}
