package org

import (
	"time"

	"twofold/pkg/throttle"
)

// Administrator may act for one organisation; one without an organisation is a system administrator. Whoever changes a key writes
// its holder too, so the holder's Rev decides every race for its keys, and Keys names all that a change of the holder must reach.
type Administrator struct {
	ID           string
	Organization string
	Name         string
	Email        string
	Permissions  []string // words of access.Permission
	Keys         []string // the ids of those that are not revoked
	CreatedAt    time.Time
	Rev          int64
	// NextEmail takes Email's place at NextEmailAt: until then codes go to the old address.
	NextEmail   string
	NextEmailAt time.Time
	// User is who the administrator is as a user of the organisation, by the application's own id; empty: nobody that we know of.
	// That user's authenticator may confirm what the administrator proposes, so only the administrator in person says so.
	User       string
	Invitation *Invitation // the latest; nil: made with the organisation
	Deliver    string      // the invitation's id, where the write orders its mail
}

// Invitation is how an administrator gets the first key. Its code is derived and stored nowhere.
type Invitation struct {
	ID         string
	KeyID      uint32
	Address    []byte // digest of where it was sent
	ExpiresAt  time.Time
	AcceptedAt time.Time // zero: not yet
	Throttle   throttle.State
	Attempt    []byte // of the write that counted a wrong code
}

// Active reports whether the administrator has a say: whoever was invited has none before the invitation is accepted.
func (a Administrator) Active() bool { return a.Invitation == nil || !a.Invitation.AcceptedAt.IsZero() }

// Address is where mails go at now.
func (a Administrator) Address(now time.Time) string {
	if a.NextEmail != "" && !now.Before(a.NextEmailAt) {
		return a.NextEmail
	}
	return a.Email
}

// Roster is who can change the policy of an organisation. Whoever joins or leaves is written in the transaction that makes it so:
// two at once meet at its Rev, so the last one stays.
type Roster struct {
	Organization string
	Rev          int64
	Writers      []string // ids of active administrators
}

// Application is a backend that asks at login: an organisation's own, whose id is the audience of its assertions, or, without an
// organisation, the vendor's, which says itself for which organisations it asks, and has an audience.
type Application struct {
	ID           string
	Organization string
	Name         string
	Keys         []string // the ids of those that are not revoked
	CreatedAt    time.Time
	Rev          int64
	// ReturnAddresses are where a browser may be sent back to, to be compared byte for byte. This version stores them only.
	ReturnAddresses []string
	// Of the vendor's own alone: named organisations, sorted, or all of them; and who its assertions are for.
	Organizations []string
	Everywhere    bool
	Audience      string
}

// Reader reads reports and audit and does nothing else: an auditor, a SIEM. It is made with its first key.
type Reader struct {
	ID           string
	Organization string
	Keys         []string // the ids of those that are not revoked
	CreatedAt    time.Time
	Rev          int64
}

// MaxKeys is how many keys one holder may have at a time.
const MaxKeys = 5
