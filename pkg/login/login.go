// Package login is the one shape of a login (design §5): the stateless token that
// binds its steps together, what is read for each step, and the answer that says
// what to do next. The workflows verify and enroll share it; it decides nothing
// itself, and of a store it knows the interface that both need.
package login

import (
	"time"

	"twofold/pkg/access"
	"twofold/pkg/decision"
	"twofold/pkg/delivery"
	"twofold/pkg/fault"
	"twofold/pkg/org"
	"twofold/pkg/user"
)

const (
	// Life is how long a login may take.
	Life = 10 * time.Minute
	// EnrollingLife is how long a login with an enrolment may take.
	EnrollingLife = 30 * time.Minute
)

// Login is one passage of one user, as its token carries it. Nothing of it is stored.
type Login struct {
	ID            string    `json:"i"`
	Organization  string    `json:"o"`
	User          string    `json:"u"`
	Application   string    `json:"a"` // access.Key.Qualified: one organisation's is not another's, nor the vendor's
	Audience      string    `json:"d"`
	Nonce         string    `json:"n"`
	Service       string    `json:"s,omitempty"`
	PolicyVersion int64     `json:"p"`
	Epoch         int64     `json:"e"`
	ExpiresAt     time.Time `json:"x"`
	Claimed       string    `json:"c,omitempty"` // the browser's address
	Agent         string    `json:"b,omitempty"`
}

// ErrDeleted refuses to take a user who was deleted for one never seen.
var ErrDeleted = fault.New(fault.Conflict, "user_deleted",
	"This user was deleted. Only an administrator who may reset users registers the id again.")

// ErrUndeliverable refuses to send a code to an address that mail comes back from.
var ErrUndeliverable = fault.New(fault.Unprocessable, "email_undeliverable",
	"Mail to this user's address comes back, so no code is sent there. Take another method, another address, or ask an administrator.")

// Sealer hides and authenticates a token's content.
type Sealer interface {
	Seal(plaintext, associated []byte) ([]byte, error)
	Open(ciphertext, associated []byte) ([]byte, error)
}

// The refusals of a token. They tell the application to begin a new login.
var (
	ErrInvalid = fault.New(fault.Unprocessable, "login_invalid", "This is no login of ours. Begin a new one.").At("login")
	ErrEnded   = fault.New(fault.Conflict, "login_ended", "This login has ended. Begin a new one.").At("login")
)

var tokenUse = []byte("twofold login token v1")

// Token writes a login as an opaque text, good only for whoever holds the sealing key.
func Token(s Sealer, l Login) (string, error) { return SealText(s, tokenUse, l) }

// Parse reads a token. It does not judge whether the login is still good: Check does, once the user's state is known.
func Parse(s Sealer, token string) (Login, error) {
	var l Login
	if !OpenText(s, tokenUse, token, &l) {
		return Login{}, ErrInvalid
	}
	return l, nil
}

// Snapshot is what a step reads, in one go. Nil means that there is no such item. The
// parts may be of slightly different moments: only a conditional write decides.
type Snapshot struct {
	Key          *access.Key
	Organization *org.Organization
	Profile      *user.Profile
	Tombstone    *user.Profile // not nil: the user was deleted, and Profile is nil
	Factors      user.Factors
	Device       *user.Device // the one that was asked for
	Trusted      bool         // its token was shown with this very step: no other step reads one

	Delivery *delivery.Status // the one that was asked for; nil: nobody has begun it

	AppPasswords user.AppPasswords // where they were asked for, as is AppLimit
	AppLimit     user.AppLimit
}

// Check judges a login against what was read: whose it is, whether it has expired, and
// whether a reset or a switch-off has killed it.
func (l Login) Check(s Snapshot, now time.Time) error {
	switch {
	case s.Key.Qualified() != l.Application:
		return ErrInvalid
	case s.Profile == nil || s.Organization == nil:
		return ErrEnded
	case !now.Before(l.ExpiresAt) || s.Factors.Epoch != l.Epoch:
		return ErrEnded
	}
	return nil
}

// Decide judges the user of a login anew.
func (l Login) Decide(s Snapshot, now time.Time) decision.Decision {
	return decision.Decide(State(s, l.Service, now), now)
}

// State gathers what a decision depends on.
func State(s Snapshot, service string, now time.Time) decision.State {
	until, locked := s.Factors.Throttle.Locked(now)
	if !locked {
		until = time.Time{}
	}
	return decision.State{
		Entitlements: s.Organization.Entitlements,
		Policy:       s.Organization.Policy,
		Enforcement:  s.Profile.Enforcement,
		RegisteredAt: s.Profile.RegisteredAt,
		Extended:     s.Profile.Grace.Until,
		Service:      service,
		Methods:      s.Factors.Methods(),
		Suspended:    s.Factors.Throttle.Suspended(),
		LockedUntil:  until,

		TrustedDevice: s.Trusted,
		TextsStop:     s.Profile.TextsStop(s.Factors),
		MailStops:     s.Profile.RecoveryMark(now).Stops(),
	}
}
