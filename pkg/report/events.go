package report

import (
	"context"

	"twofold/pkg/access"
	"twofold/pkg/audit"
	"twofold/pkg/fault"
)

// EventPage is part of an organisation's audit.
type EventPage struct {
	Events []audit.Event
	Cursor string // empty: there is no more
}

// Events is who changed what.
func (s *Service) Events(ctx context.Context, c access.Caller, organization string, q EventQuery, cursor string) (EventPage, error) {
	if _, err := s.organization(ctx, c, AuditRule, organization, s.Now()); err != nil {
		return EventPage{}, err
	}
	return s.events(ctx, organization, q, cursor)
}

// SystemEvents are those of the system's own log: its administrators, the vendor's applications, and their keys.
func (s *Service) SystemEvents(ctx context.Context, c access.Caller, q EventQuery, cursor string) (EventPage, error) {
	if err := s.vendor(ctx, c, SystemRule); err != nil {
		return EventPage{}, err
	}
	return s.events(ctx, access.VendorHome, q, cursor)
}

func (s *Service) events(ctx context.Context, organization string, q EventQuery, cursor string) (EventPage, error) {
	var err error
	if q.After, err = readEventCursor(cursor, q); err != nil {
		return EventPage{}, err
	}
	events, after, err := s.Store.Events(ctx, organization, q)
	if err != nil {
		return EventPage{}, fault.Down(err)
	}
	page := EventPage{Events: events}
	if after != "" {
		page.Cursor = eventCursor(q, after)
	}
	return page, nil
}
