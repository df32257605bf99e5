package admission

import (
	"slices"
	"strings"
	"time"

	"twofold/pkg/factor"
	"twofold/pkg/fault"
	"twofold/pkg/org"
	"twofold/pkg/throttle"
	"twofold/pkg/user"
)

// Arrival is somebody who says to be the administrator with an address, whether there is one or not: what was mailed, and what was tried. All
// that is counted is in it, so every race for a code is decided by one revision. It is apart from what an administrator proposes: a stranger who
// knows an address shall not lock its owner's changes.
type Arrival struct {
	ID            string // see arrivalID
	Organization  string // access.VendorHome: the vendor's
	Administrator string // whose address it is; empty: nobody's, and nothing is mailed
	Rev           int64
	Throttle      throttle.State
	Sends         user.Sends
	Codes         []Code
	Deliver       string // a code's id, where the write orders its mail
	Attempt       []byte
	EndsAt        time.Time // when nothing in it counts any more
}

// Code is one that was mailed. Another browser's is of no use in this one.
type Code struct {
	ID        string
	KeyID     uint32
	Address   []byte // digest of where it went
	ExpiresAt time.Time
	Tries     int
	Seen      string // from where it was asked
}

const (
	maxCodes = 3 // at once: of that many browsers, or tabs
	purpose  = "console"
)

// The refusals on the way in. Wrong, locked, used up and of nobody look alike.
var (
	ErrEmail        = fault.New(fault.Unprocessable, "invalid_email", "This is not one bare email address.").At("email")
	ErrOrganization = fault.New(fault.Unprocessable, "invalid_organization", "This is no organisation's id.").At("organization")
	ErrCode         = fault.New(fault.Unprocessable, "code_malformed", "A code has eight digits.").At("code")
	ErrRefused      = fault.New(fault.Unprocessable, "code_refused", "The code was not accepted.").At("code")
	ErrOver         = fault.New(fault.Conflict, "admission_over", "This way in has ended. Begin again.")
)

// Mailed says what a code is for: this way in, of this administrator, at this address.
func (a Arrival) Mailed(c Code) factor.Mailed {
	return factor.Mailed{Purpose: purpose, Organization: a.Organization, User: a.Administrator, Challenge: a.ID + " " + c.ID, Address: c.Address}
}

// Find gives a code that can still be tried.
func (a Arrival) Find(id string, now time.Time) (Code, bool) {
	at := slices.IndexFunc(a.Codes, func(c Code) bool { return c.ID == id })
	if at < 0 || !a.Codes[at].live(now) {
		return Code{}, false
	}
	return a.Codes[at], true
}

func (c Code) live(now time.Time) bool { return c.Tries < user.TriesPerCode && now.Before(c.ExpiresAt) }

// order adds a code, in the place of the oldest where there are too many, and orders its mail where there is somebody to mail it to. Whose address
// it is may have changed since the arrival began: codes of before are nobody's then, being made for the one before.
func (a Arrival) order(c Code, administrator string, now time.Time) Arrival {
	next := a.next(now)
	next.Codes = slices.DeleteFunc(next.Codes, func(old Code) bool { return !old.live(now) })
	if len(next.Codes) >= maxCodes {
		next.Codes = next.Codes[len(next.Codes)-maxCodes+1:]
	}
	next.Codes = append(next.Codes, c)
	next.Sends = append(next.Sends.Recent(now), now)
	if next.Administrator = administrator; administrator != "" {
		next.Deliver = c.ID
	}
	return next
}

// miss counts a wrong code.
func (a Arrival) miss(id string, now time.Time) Arrival {
	next := a.next(now)
	at := slices.IndexFunc(next.Codes, func(c Code) bool { return c.ID == id })
	next.Codes[at].Tries++
	next.Throttle = next.Throttle.Fail(now)
	return next
}

// hit ends a run of wrong codes. The cap of a day stays.
func (a Arrival) hit(now time.Time) Arrival {
	next := a.next(now)
	next.Throttle = next.Throttle.Succeed(now)
	return next
}

// next begins a write: a copy with the revision raised, a new attempt id and no mail ordered.
func (a Arrival) next(now time.Time) Arrival {
	a.Rev++
	a.Deliver, a.Attempt = "", user.NewAttempt()
	a.Codes = slices.Clone(a.Codes)
	a.EndsAt = now.Add(throttle.Window + user.CodeLife)
	return a
}

// owner finds the administrator who is reached at an address. Of several the first: nobody says which was meant.
func owner(all []org.Administrator, address string, now time.Time) (org.Administrator, bool) {
	at := slices.IndexFunc(all, func(a org.Administrator) bool { return a.Active() && strings.EqualFold(a.Address(now), address) })
	if at < 0 {
		return org.Administrator{}, false
	}
	return all[at], true
}
