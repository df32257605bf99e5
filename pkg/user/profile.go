// Package user holds what is known of one user of an organisation: the profile
// (registration, recovery email, enforcement, facts for reports) and the factors
// (everything that a verification races on). It is pure: values and the rules for
// changing them, no store.
package user

import (
	"encoding/binary"
	"time"

	"twofold/pkg/audit"
	"twofold/pkg/fault"
	"twofold/pkg/org"
)

// Profile is a user as registered. It is written together with the factors
// whenever a change of it must kill something.
type Profile struct {
	Organization string
	User         string // the application's own id, opaque
	Rev          int64  // raised by every write
	Email        string // the login address, as the application registered it
	RegisteredAt time.Time
	Language     string // the user's, a tag of BCP 47 as the application gave it; empty: not known
	Enforcement  Enforcement
	Grace        Grace
	// RecoveryEmail is sealed; RecoveryDigest names it without telling it. Whoever wants to know where codes go asks Recovery.
	RecoveryEmail  []byte
	RecoveryDigest []byte
	// NextRecovery takes their place at its time: until then the owner of the old address can object.
	NextRecovery NextContact
	// OptedOutAt is when the user declined announcements; zero: not. Codes and notices go on.
	OptedOutAt time.Time
	// Names are what authenticators are called, by their ids.
	Names map[string]string
	// Marks are of addresses that take no mail, or want none: see Mark.
	Marks []Mark
	// Facts for reports.
	Methods     []org.Method
	EnrolledAt  time.Time // zero: not enrolled
	SuspendedAt time.Time // zero: not suspended
	CodesSpent  bool      // enrolled, and no saved recovery code is left
	Services    []string  // other than web, in the order in which logins first named them
	// Facts of the factors, for reports too. A change of the profile neither reads nor writes them: see report.FactsStore.
	Facts Facts
	// DeletedAt makes the profile a tombstone, which has nothing besides; see Deleted.
	DeletedAt time.Time
}

// Next begins a write: a copy with the revision raised.
func (p Profile) Next() Profile {
	p.Rev++
	return p
}

// RecoveryUse is the associated data that a recovery email is sealed with.
func RecoveryUse(organization, user string) []byte {
	return sealedFor("recovery email", organization, user)
}

// sealedFor frames parts with their lengths, so that no two uses have the same bytes.
func sealedFor(parts ...string) []byte {
	var out []byte
	for _, p := range parts {
		out = binary.BigEndian.AppendUint32(out, uint32(len(p)))
		out = append(out, p...)
	}
	return out
}

// Change is what one operation writes: all of it or nothing. Each part is written
// only if its stored revision is the one before.
type Change struct {
	Factors *Factors
	Profile *Profile
	Device  *Device  // made or rewritten
	Removed []Device // deleted, if their stored revisions are these
	Notice  *Notice  // of one of the events
	Events  []audit.Event

	AppPasswords *AppPasswords
	// NoAppPasswords deletes what there is of them, whichever its revision. It stands beside Factors, whose epoch kills them: what was sealed
	// does not stay.
	NoAppPasswords bool
	AppLimit       *AppLimit
}

// Parts is how many items a change writes.
func (c Change) Parts() int {
	n := len(c.Removed) + len(c.Events)
	for _, written := range []bool{
		c.Factors != nil, c.Profile != nil, c.Device != nil, c.Notice != nil, c.AppPasswords != nil, c.NoAppPasswords, c.AppLimit != nil,
	} {
		if written {
			n++
		}
	}
	return n
}

// ErrConflict is a store's word for "somebody else wrote first": nothing was
// written, and the caller reads again.
var ErrConflict = fault.New(fault.Conflict, "conflict", "Something else changed this at the same moment. Nothing was done or counted; send the same again.").After(time.Second)
