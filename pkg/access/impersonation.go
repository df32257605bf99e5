package access

import (
	"slices"
	"time"

	"twofold/pkg/fault"
)

// SessionLife is how long an impersonation lasts (design §5).
const SessionLife = 15 * time.Minute

// Impersonation makes a key a session: a system administrator acts in the place of the administrator who holds it. The zero value is
// that of every other key.
type Impersonation struct {
	By     string // the system administrator's id
	Key    string // the id of the key that it was begun with: when that ends, so does the session
	Reason string // one line
}

// The refusals of an impersonation. Whoever hears the first two holds the session's token, so they betray nothing; the second is
// the same whether the other organisation exists or not.
var (
	ErrSessionEnded = fault.New(fault.Forbidden, "impersonation_ended", "This impersonation has ended. Begin another, with your own key.")
	ErrElsewhere    = fault.New(fault.Forbidden, "impersonation_elsewhere", "An impersonation is for one organisation.")
	ErrImpersonated = fault.New(fault.Forbidden, "impersonating", "This is done in person only, not in an impersonation.")
)

// ErrNarrowed refuses a key that was narrowed to less than its holder may.
var ErrNarrowed = fault.New(fault.Forbidden, "key_narrowed", "This key was narrowed to a part of what its holder may. Use one that was not.")

// NewSession makes the session in which the holder of a system administrator's key acts as an administrator of an organisation,
// with its token, which is shown once. It may what that administrator may, now and later, but for keys and administrators.
func NewSession(parent *Key, organization, administrator string, permissions []Permission, reason string, now time.Time) (Key, string) {
	s, text := newKey(OrganizationAdministrator, sessionWord, parent.ID, now)
	s.Holder, s.Organizations, s.ExpiresAt = administrator, []string{organization}, now.Add(SessionLife)
	s.Impersonation = Impersonation{By: parent.Holder, Key: parent.ID, Reason: reason}
	s.Scope = slices.DeleteFunc(Permissions(), func(p Permission) bool { return p == KeysWrite })
	return s.Under(permissions), text
}

// Impersonates reports whether the key is a session of an impersonation.
func (k *Key) Impersonates() bool { return k.Impersonation != Impersonation{} }

// Acts reports whether a session is good for anything at now, with its Parent beside it.
func (k *Key) Acts(now time.Time) bool { return k.Live(now) && k.parentLives(now) }

// parentLives reports whether the key that a session was begun with is still what it was: read beside the session, at every request.
func (k *Key) parentLives(now time.Time) bool {
	p := k.Parent
	return p != nil && p.ID == k.Impersonation.Key && p.Role == SystemAdministrator && p.Everywhere &&
		p.Holder == k.Impersonation.By && p.Live(now)
}
