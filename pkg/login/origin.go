package login

import (
	"time"

	"github.com/google/uuid"

	"twofold/pkg/access"
	"twofold/pkg/audit"
)

// Event begins an audit event of one of this login's steps. The address that the application claims for
// the browser is the one of the step itself or, failing that, of the login's beginning.
func (l Login) Event(kind audit.Kind, s Snapshot, c access.Caller, now time.Time) audit.Event {
	claimed := c.Claimed
	if claimed == "" {
		claimed = l.Claimed
	}
	return audit.Event{
		ID: uuid.Must(uuid.NewV7()).String(), At: now, Kind: kind, Organization: l.Organization, User: l.User,
		Role: string(s.Key.Role), Actor: s.Key.Holder, Key: s.Key.ID,
		Seen: c.Seen, Claimed: claimed, RequestID: c.RequestID,
	}
}
