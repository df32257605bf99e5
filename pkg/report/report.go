// Package report is the workflow that answers an auditor: who has a second factor,
// and who changed what. It also keeps the counts that other answers are made from.
// It may not import AWS, HTTP or another workflow; it changes nothing that a
// decision depends on.
package report

import (
	"context"
	"time"

	"twofold/pkg/access"
	"twofold/pkg/audit"
	"twofold/pkg/fault"
	"twofold/pkg/ledger"
	"twofold/pkg/org"
	"twofold/pkg/user"
)

// Limits of a page.
const (
	DefaultLimit = 50
	MaxLimit     = 200
)

// lookedAt is how many users a page looks at, however few of them it shows.
const lookedAt = 1000

// UserQuery asks for one page of users.
type UserQuery struct {
	Sort       Sort
	Descending bool
	Limit      int
	Span       Span   // of the order's values
	After      string // a value of the order; empty: from the beginning of the span
}

// Listed is a user at a place of an order.
type Listed struct {
	Value   string // of the order
	Profile user.Profile
}

// PlaceLayout is how the time of an event is written in its place in the audit.
const PlaceLayout = ledger.PlaceLayout

// EventQuery asks for one page of an organisation's audit events, in order of time: of those that fit all that is asked for.
type EventQuery struct {
	From, To   time.Time // from one moment on, and before another; zero: without a bound
	Actor      string    // the id of who acted, whatever the role; of an impersonation, of the impersonator
	User       string    // whom it is about
	Kinds      []audit.Kind
	Descending bool
	Limit      int
	After      string // a place that Events gave; empty: from the beginning
}

// MaxLooked is how many events are looked at for one page, where some are asked for that no index gives.
const MaxLooked = 1000

// Store is what the workflow needs of a store. Pages read as much as they hold, whatever the size of the organisation.
type Store interface {
	// ReadOrganization gets both in one strongly consistent batch; nil where there is no such item.
	ReadOrganization(ctx context.Context, c access.Credential, organization string) (*access.Key, *org.Organization, error)
	// Users gives up to a limit of users of an organisation, or of Everyone, in the order of an index that is a moment behind. What it
	// tells of each is strongly consistent: the facts for reports, and nothing else. Who is not there any more is left out. next is the
	// value that the next page begins behind; empty after the last.
	Users(ctx context.Context, organization string, q UserQuery) (found []Listed, next string, err error)
	// Organizations gives those of the ids that there are, strongly consistent, by their ids.
	Organizations(ctx context.Context, ids ...string) (map[string]org.Organization, error)
	// Counts are the numbers of an organisation's users, a moment old; the zero value where nobody was counted.
	Counts(ctx context.Context, organization string) (user.Counts, error)
	// Tallies are those of all organisations, in no order, a moment old: of one in which nobody was counted since it was made the zero value.
	Tallies(ctx context.Context) ([]user.Tally, error)
	// Days are what is counted of the days of an organisation, or of Everyone, from one on, in their order, a moment old. A day on which nothing was
	// counted is left out; of Everyone nobody is told to wait.
	Days(ctx context.Context, organization string, from user.Day) ([]user.DayCounts, error)
	// Events gives events, strongly consistent unless they are of one user or one actor, which an index gives a moment late; and where the next
	// page begins, empty after the last: the time of the last event that was looked at in UTC to the microsecond, as
	// PlaceLayout, a '#', and its id. It looks at no more than MaxLooked: a page may be short, or empty, and not the last.
	Events(ctx context.Context, organization string, q EventQuery) ([]audit.Event, string, error)
	LogStore
}

// LogStore reads the Merkle logs of the audit, strongly consistent; what is not there is missing or nil.
type LogStore interface {
	// Checkpoint is the one of a size; size 0 is the latest.
	Checkpoint(ctx context.Context, organization string, size uint64) (*ledger.Checkpoint, error)
	// Entries says which of the places stand in a log, and at which index.
	Entries(ctx context.Context, organization string, places []ledger.Place) (map[ledger.Place]uint64, error)
	// Entry finds the index of an event by its id.
	Entry(ctx context.Context, organization, id string) (index uint64, there bool, err error)
	// Leaves gets leaves by their index.
	Leaves(ctx context.Context, organization string, indexes []uint64) (map[uint64]ledger.Leaf, error)
	// LeafRange gives up to limit leaves from an index on, in their order.
	LeafRange(ctx context.Context, organization string, from uint64, limit int) ([]ledger.Leaf, error)
	// EventsAt gets events by where they stand.
	EventsAt(ctx context.Context, organization string, places []ledger.Place) (map[ledger.Place]audit.Event, error)
}

// Service serves reports. All fields are needed.
type Service struct {
	Store Store
	Now   func() time.Time
}

// The rules of this workflow's operations.
var (
	Rule      = access.Rule{Roles: readers, Permission: access.ReportsRead}
	AuditRule = access.Rule{Roles: readers, Permission: access.AuditRead}
	readers   = []access.Role{access.SystemAdministrator, access.OrganizationAdministrator, access.Reader}
)

// ErrCursor refuses a cursor that is not ours, or of another query.
var ErrCursor = fault.New(fault.Unprocessable, "invalid_cursor", "This cursor does not belong to this query.").At("query.cursor")

func (s *Service) organization(ctx context.Context, c access.Caller, r access.Rule, id string, now time.Time) (*org.Organization, error) {
	key, organization, err := s.Store.ReadOrganization(ctx, c.Credential, id)
	if err != nil {
		return nil, fault.Down(err)
	}
	if err := access.Authorize(key, c.Credential, r, id, now); err != nil {
		return nil, err
	}
	if organization == nil {
		return nil, access.ErrNotFound
	}
	return organization, nil
}

// vendor judges a key for what is the vendor's own. One that is at home in an organisation is of the wrong role for it, whatever its role.
func (s *Service) vendor(ctx context.Context, c access.Caller, r access.Rule) error {
	key, _, err := s.Store.ReadOrganization(ctx, c.Credential, access.VendorHome)
	if err != nil {
		return fault.Down(err)
	}
	if err := access.Authorize(key, c.Credential, r, "", s.Now()); err != nil {
		return err
	}
	if !key.At(access.VendorHome) || !key.Everywhere {
		return access.ErrRole
	}
	return nil
}
