package user

import (
	"crypto/rand"
	"encoding/hex"
	"slices"
	"time"

	"twofold/pkg/factor"
	"twofold/pkg/org"
	"twofold/pkg/throttle"
)

const (
	// MaxChallenges are open at once for one user; a further order drops the oldest.
	MaxChallenges = 3
	// CodeLife is how long a mailed code is good for (design §9).
	CodeLife = 10 * time.Minute
	// SendInterval lies between two mailed codes.
	SendInterval = time.Minute
	// SendLimit mailed codes go out within SendWindow.
	SendLimit = 5
	// SendWindow is the time that SendLimit is counted over.
	SendWindow = 10 * time.Minute
	// TriesPerCode wrong answers make a mailed code void.
	TriesPerCode = 5
	// memory is how many successes are remembered for retries.
	memory = 2
)

// Factors is everything that a verification races on, in one item. Every write
// requires the revision that was read and raises it, so one conditional write
// decides every race. The zero value (with the two ids) is a user without any.
type Factors struct {
	Organization string
	User         string
	Rev          int64
	// Epoch is carried by whatever was issued (login tokens, codes, devices); raising it kills all of them.
	Epoch          int64
	Attempt        []byte // id of the write, to recognise our own after a lost acknowledgement
	Authenticators []Authenticator
	RecoveryCodes  RecoveryCodes
	Challenges     []Challenge
	Enrollment     *Enrollment
	Throttle       throttle.State
	Sends          Sends
	Successes      []Success // the latest, for retries
	// Entered is the revision at which the page of the user's own settings was entered last: what was made to enter it before is used.
	Entered int64
	// Deliver names the challenge whose code the write asks the mailer to send. Every other write leaves it empty.
	Deliver string
	// Tried is the code that the write judged. Every other write leaves it empty.
	Tried Try
	// From is from where that code was asked. A store may leave it out where there is no room.
	From Origin
}

// Authenticator is one active authenticator. What people call it stands on the profile.
type Authenticator struct {
	ID     string
	Method org.Method
	// Secret is sealed: a TOTP secret, or the number of an SMS. Email has none: its codes go to the recovery email.
	Secret    []byte
	Digest    []byte // SMS: names the number without telling it
	Country   string // SMS: of the number, ISO 3166-1
	LastStep  int64  // the 30 seconds (RFC 6238 §4.2) that it was used in last, and for TOTP the step accepted; 0: never
	CreatedAt time.Time
}

// RecoveryCodes is one generation of saved codes: derived, so only their use is remembered.
type RecoveryCodes struct {
	Generation int64 // 0: none were given out
	KeyID      uint32
	Used       uint16 // a bit for each
}

// Challenge is one code under way. The code itself is derived, never stored.
type Challenge struct {
	ID        string
	Login     string // the login that ordered it; no other may use it. Empty: none did, it is a fresh proof or an administrator's
	Purpose   Purpose
	KeyID     uint32
	Address   []byte // digest of where it goes
	ExpiresAt time.Time
	Tries     int
}

// SentAt is when the challenge was ordered.
func (c Challenge) SentAt() time.Time { return c.ExpiresAt.Add(-CodeLife) }

// Enrollment is an enrolment under way. It belongs to one login; of it only a
// verified recovery email outlives that login. Without a login it is what an enrolled user changes: an authenticator that
// is added, or another recovery email.
type Enrollment struct {
	Login            string
	Proven           bool   // the code to the login address was right or, of whoever enrols anew, what buys that
	Ticket           bool   // an administrator's ticket was shown
	RecoveryEmail    []byte // sealed
	RecoveryDigest   []byte
	RecoveryVerified bool
	AuthenticatorID  string // the authenticator waiting for its first code
	Method           org.Method
	Secret           []byte // sealed, as an authenticator's
	Digest           []byte // as an authenticator's
	Country          string // as an authenticator's
	Replaces         bool   // the user is enrolled: what is confirmed takes the place of all authenticators
	By               string // the way back that allowed that; empty: an authenticator of a method that is not allowed any more
	ExpiresAt        time.Time
}

// ProvenBy reports whether the proof that a policy asks for was given: another one is none, whatever stood before. Whoever enrols anew has
// proved more.
func (e Enrollment) ProvenBy(p org.Proof) bool {
	switch {
	case e.Replaces:
		return e.Proven
	case p == org.ProofPassword:
		return true
	case p == org.ProofTicket:
		return e.Ticket
	}
	return e.Proven
}

// Of is the method of the authenticator that waits. Without one it is TOTP, as before there were others.
func (e Enrollment) Of() org.Method {
	if e.Method == "" {
		return org.TOTP
	}
	return e.Method
}

// Success is remembered so that a caller whose reply was lost gets the same claims again.
type Success struct {
	Tag           []byte // MAC of application, login, code and idempotency key
	ID            string // the assertion's
	At            time.Time
	Way           string // the method or way back that proved it
	PolicyVersion int64
	Enrolled      bool   // it completed an enrolment: the recovery codes are shown again
	Enrolls       bool   // it buys an enrolment only, and lets nobody in
	Taken         []byte // by whom a return code of it was exchanged: a tag of TakenBytes; none: nobody has
}

// TakenBytes is how long a tag is that says who has exchanged a return code.
const TakenBytes = 8

// Next begins a write: a copy with the revision raised, a new attempt id, no mail ordered and nothing tried.
func (f Factors) Next() Factors {
	n := f
	n.Rev++
	n.Attempt = NewAttempt()
	n.Deliver, n.From, n.Tried = "", Origin{}, Try{}
	n.Authenticators = slices.Clone(f.Authenticators)
	n.Challenges = slices.Clone(f.Challenges)
	n.Successes = slices.Clone(f.Successes)
	n.Sends = slices.Clone(f.Sends)
	n.Throttle.Failures = slices.Clone(f.Throttle.Failures)
	if f.Enrollment != nil {
		e := *f.Enrollment
		n.Enrollment = &e
	}
	return n
}

// Reenrols reports whether an enrolled user may enrol anew within a login, at now.
func (f Factors) Reenrols(login string, now time.Time) bool {
	e := f.Enrollment
	return e != nil && e.Replaces && e.Login == login && now.Before(e.ExpiresAt)
}

// Enrolled reports whether there is an authenticator, even a suspended one.
func (f Factors) Enrolled() bool { return len(f.Authenticators) > 0 }

// Methods are the enrolled methods, each once, the default first.
func (f Factors) Methods() []org.Method {
	var methods []org.Method
	for _, a := range f.Authenticators {
		if !slices.Contains(methods, a.Method) {
			methods = append(methods, a.Method)
		}
	}
	return methods
}

// Wipe is what a reset and a switch-off leave: nothing that was issued or enrolled
// before is good any more. Failures stay counted, so a reset buys no guesses; the suspension ends.
func (f Factors) Wipe() Factors {
	n := f.Next()
	n.Epoch++
	n.Authenticators, n.Challenges, n.Successes, n.Enrollment, n.Entered = nil, nil, nil, nil, 0
	n.RecoveryCodes = RecoveryCodes{Generation: f.RecoveryCodes.Generation, Used: allUsed}
	if n.Throttle.Suspended() {
		n.Throttle.Consecutive = 0
	}
	return n
}

// Kill is what a stricter rule and a changed password leave (design §5, §7): what is enrolled stays, and whatever was issued before, devices,
// logins and codes under way among it, is good no more.
func (f Factors) Kill() Factors {
	n := f.Next()
	n.Epoch++
	n.Challenges = nil
	if n.Enrolled() {
		n.Enrollment = nil
	}
	return n
}

// Reset is Wipe by an administrator: the failures belonged to authenticators that are gone, and
// the user must be able to enrol again, so their count ends too.
func (f Factors) Reset() Factors {
	n := f.Wipe()
	n.Throttle = throttle.State{}
	return n
}

// Remember keeps a success for retries, dropping the oldest.
func (f *Factors) Remember(s Success) {
	f.Successes = append(f.Successes, s)
	if extra := len(f.Successes) - memory; extra > 0 {
		f.Successes = f.Successes[extra:]
	}
}

// Succeeded finds a remembered success by its id: whoever made the id in this very request learns that the write won,
// even if its acknowledgement was lost and somebody else has written since.
func (f Factors) Succeeded(id string) (Success, bool) {
	for _, s := range f.Successes {
		if s.ID == id {
			return s, true
		}
	}
	return Success{}, false
}

// Take notes by whom the return code of a success was exchanged.
func (f *Factors) Take(id string, by []byte) {
	for at := range f.Successes {
		if f.Successes[at].ID == id {
			f.Successes[at].Taken = by
		}
	}
}

// SecretUse is the associated data that an authenticator's secret is sealed with: it opens for this
// authenticator of this user only.
func (f Factors) SecretUse(authenticator string) []byte {
	return sealedFor("authenticator", f.Organization, f.User, authenticator)
}

// Mailed says what a challenge's code is for.
func (f Factors) Mailed(c Challenge) factor.Mailed {
	return factor.Mailed{
		Purpose: string(c.Purpose), Organization: f.Organization, User: f.User, Challenge: c.ID,
		Address: c.Address, Epoch: f.Epoch,
	}
}

// RecoverySet names the saved codes that are good now.
func (f Factors) RecoverySet() factor.RecoverySet {
	return factor.RecoverySet{Organization: f.Organization, User: f.User, Generation: f.RecoveryCodes.Generation}
}

// NewID makes an unguessable short id: 64 bits, unique within one user.
func NewID() string { return hex.EncodeToString(newID(8)) }

// NewAttempt makes the id of a write.
func NewAttempt() []byte { return newID(8) }

func newID(n int) []byte {
	id := make([]byte, n)
	rand.Read(id)
	return id
}
