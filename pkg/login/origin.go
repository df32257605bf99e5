package login

import (
	"cmp"
	"time"

	"twofold/pkg/access"
	"twofold/pkg/audit"
	"twofold/pkg/user"
)

// Event begins an audit event of one of this login's steps. The address that the application claims for
// the browser is the one of the step itself or, failing that, of the login's beginning.
func (l Login) Event(kind audit.Kind, s Snapshot, c access.Caller, now time.Time) audit.Event {
	if c.Claimed == "" {
		c.Claimed = l.Claimed
	}
	e := c.Event(kind, l.Organization, s.Key, now)
	e.User = l.User
	return e
}

// Hit records that a code was right, and from where it came.
func (l Login) Hit(next *user.Factors, t user.Try, c access.Caller, now time.Time) {
	t.Address = l.Origin(c).Address
	next.Hit(t, now)
}

// Origin is from where a step was taken, as the application claims: of the step itself or, failing that, of the login's beginning.
func (l Login) Origin(c access.Caller) user.Origin {
	return user.OriginOf(cmp.Or(c.Claimed, l.Claimed), cmp.Or(c.Agent, l.Agent))
}
