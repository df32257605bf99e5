// Package delivery names what is sent to one recipient and says how that stands, for the workflow that sends and for those that
// tell an application what became of an order, and for all who try again says when. It is pure: no store, no address.
package delivery

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"time"
)

// State is how a delivery stands.
type State string

// The states of a delivery. All but the first two are final, but for Sent, which a provider's later word may make one of the last two.
const (
	Claimed    State = "claimed"    // somebody is at it
	Failed     State = "failed"     // a transient failure; it will be tried again
	Sent       State = "sent"       // the provider took it
	Refused    State = "refused"    // the provider will never accept it
	Obsolete   State = "obsolete"   // the code expired, or the address changed, before it was sent; or SMS do not go there any more
	Capped     State = "capped"     // beyond a limit of the recipient or of the organisation
	Suppressed State = "suppressed" // the address is known not to take mail, or its owner wants none
	Bounced    State = "bounced"    // the provider took it, and could not deliver it
	Complained State = "complained" // its recipient called it unwanted
)

// Final reports whether nothing of the delivery will be tried any more.
func (s State) Final() bool { return s != Claimed && s != Failed }

// Status is what is known of a delivery. The zero value is one that nobody has begun.
type Status struct {
	State State
	At    time.Time // since when; zero: not begun
}

// ID names a delivery by what it is: its kind, the organisation, the reference of the order and the recipient. The same parts make
// the same id; it tells nothing of them, so it may stand where others read, as in a provider's events. 32 characters of
// [A-Za-z0-9_-].
func ID(parts ...string) string {
	h := sha256.New()
	for _, p := range parts {
		_ = binary.Write(h, binary.BigEndian, uint32(len(p))) // a hash takes everything
		h.Write([]byte(p))
	}
	return base64.RawURLEncoding.EncodeToString(h.Sum(nil)[:24])
}

// OfCode is the id of the delivery of a user's code, by its challenge.
func OfCode(organization, user, challenge string) string {
	return ID("code", organization, challenge, user)
}
