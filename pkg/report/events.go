package report

import (
	"context"
	"slices"
	"time"

	"twofold/pkg/access"
	"twofold/pkg/audit"
	"twofold/pkg/fault"
	"twofold/pkg/ledger"
)

// EventPage is part of an organisation's audit.
type EventPage struct {
	Events  []audit.Event
	Entries map[ledger.Place]uint64 // where in the log they stand that do
	Cursor  string                  // empty: there is no more
}

// ErrPeriod refuses a period that ends before it begins.
var ErrPeriod = fault.New(fault.Unprocessable, "invalid_period", "The end must come after the beginning.").At("query.to")

// ErrKind refuses a kind of events that there is not: whoever misspells one would take the empty answer for a good one.
var ErrKind = fault.New(fault.Unprocessable, "unknown_kind", "There are no events of this kind.").At("query.kind")

// Events is who changed what in an organisation; in access.VendorHome, the system's own log: its administrators, the vendor's applications, and their keys.
func (s *Service) Events(ctx context.Context, c access.Caller, organization string, q EventQuery, cursor string) (EventPage, error) {
	since, err := s.audited(ctx, c, organization)
	if err != nil {
		return EventPage{}, err
	}
	if !q.From.IsZero() && !q.To.IsZero() && !q.From.Before(q.To) {
		return EventPage{}, ErrPeriod
	}
	if slices.ContainsFunc(q.Kinds, func(kind audit.Kind) bool { return !slices.Contains(audit.Kinds(), kind) }) {
		return EventPage{}, ErrKind
	}
	return s.events(ctx, organization, q, cursor, since)
}

func (s *Service) events(ctx context.Context, organization string, q EventQuery, cursor string, since time.Time) (EventPage, error) {
	var err error
	if q.After, err = readEventCursor(cursor, q); err != nil {
		return EventPage{}, err
	}
	left, some := q.Since(since)
	if !some {
		return EventPage{}, nil
	}
	events, after, err := s.Store.Events(ctx, organization, left)
	if err != nil {
		return EventPage{}, fault.Down(err)
	}
	page := EventPage{Events: events}
	if page.Entries, err = s.entries(ctx, organization, events); err != nil {
		return EventPage{}, err
	}
	if after != "" {
		page.Cursor = eventCursor(q, after)
	}
	return page, nil
}

// entries says where in the log events stand.
func (s *Service) entries(ctx context.Context, organization string, events []audit.Event) (map[ledger.Place]uint64, error) {
	if len(events) == 0 {
		return nil, nil
	}
	places := make([]ledger.Place, len(events))
	for at, e := range events {
		places[at] = ledger.PlaceOf(e)
	}
	there, err := s.Store.Entries(ctx, organization, places)
	if err != nil {
		return nil, fault.Down(err)
	}
	return there, nil
}
