package enroll

import (
	"context"
	"time"

	"twofold/pkg/access"
	"twofold/pkg/audit"
	"twofold/pkg/factor"
	"twofold/pkg/fault"
	"twofold/pkg/login"
	"twofold/pkg/org"
	"twofold/pkg/stepup"
	"twofold/pkg/user"
)

// ErrNoTickets refuses a ticket where the policy asks for another proof: it would be one that nobody takes.
var ErrNoTickets = fault.New(fault.Conflict, "tickets_not_asked_for", "The policy asks for another proof before an enrolment than a ticket.")

// ErrCodesClosed refuses saved codes where the policy does not let them in.
var ErrCodesClosed = fault.New(fault.Conflict, "way_not_open", "The policy does not open saved recovery codes as a way back.")

// RenewCodes makes a new generation of saved recovery codes: all of the one before are void. None are given where the policy has
// them mailed.
func (s *Service) RenewCodes(ctx context.Context, c access.Caller, in Request) ([]string, error) {
	return prove(ctx, s, c, in, user.RenewCodes, proven.renewable, func(t proven) ([]string, error) {
		if t.repeated {
			return s.codes(*t.snap.Organization, t.f)
		}
		t.f.RecoveryCodes = t.f.RecoveryCodes.Renew(s.Codes.PRFKeyID())
		if t.snap.Organization.Policy.Recovery.MailCodes {
			t.f.Deliver = user.DeliverCodes
		}
		profile := t.snap.Profile.Next()
		profile.Enrolled(t.f)
		event := in.Of.event(audit.RecoveryCodesRenewed, t.snap, c, t.now)
		event.Notify = true
		if err := login.Save(ctx, s.Store, user.Change{Factors: &t.f, Profile: &profile, Events: []audit.Event{event}}); err != nil {
			return nil, err
		}
		return s.codes(*t.snap.Organization, t.f)
	})
}

func (t proven) renewable() error {
	recovery := t.snap.Organization.Policy.Recovery
	switch {
	case !recovery.SavedCodes:
		return ErrCodesClosed
	case recovery.MailCodes && !t.snap.Profile.Recovery(t.now).Known():
		return ErrNoRecovery.At("")
	}
	return nil
}

// MaxBypass is the longest time that an administrator's code is good for (issue 6, "≤ 24 h").
const MaxBypass = 24 * time.Hour

// MaxTicket is the longest time that a ticket is good for: it reaches people before their first day.
const MaxTicket = 7 * 24 * time.Hour

// Given is a code that an administrator gives a user: for one sign-in without an authenticator, or as the proof beyond the password
// that an enrolment begins with.
type Given struct {
	Code      string
	ExpiresAt time.Time
}

// MakeTicket makes the proof for an enrolment, where the policy asks for tickets: once, the one before is void. The user is told.
func (s *Service) MakeTicket(ctx context.Context, c access.Caller, of Subject, reason string, life time.Duration) (Given, error) {
	now := s.Now()
	return user.Race(func() (Given, error) {
		snap, err := s.known(ctx, c, of, resetRule, now)
		switch {
		case err != nil:
			return Given{}, err
		case snap.Factors.Enrolled():
			return Given{}, ErrEnrolled
		case snap.Organization.Policy.EnrollmentProof != org.ProofTicket:
			return Given{}, ErrNoTickets
		}
		f := snap.Factors.Next()
		given, err := s.give(&f, user.Ticket, now.Add(min(life, MaxTicket)))
		if err != nil {
			return Given{}, err
		}
		event := of.event(audit.TicketMade, snap, c, now)
		event.Reason, event.Notify = reason, true
		event.Details = map[string]string{"until": audit.InWords(given.ExpiresAt)}
		return given, login.Save(ctx, s.Store, user.Change{Factors: &f, Events: []audit.Event{event}})
	})
}

// give puts a code under way that an administrator gives the user.
func (s *Service) give(f *user.Factors, p user.Purpose, until time.Time) (Given, error) {
	made := user.Challenge{ID: user.NewID(), Purpose: p, KeyID: s.Codes.PRFKeyID(), ExpiresAt: until}
	f.Admit(made)
	code, err := factor.MailedCode(s.Codes, made.KeyID, f.Mailed(made))
	if err != nil {
		return Given{}, fault.Down(err)
	}
	return Given{code, made.ExpiresAt}, nil
}

// MakeBypass makes one, with a reason: the one before is void. It counts among what frees users, so that beyond so many in an hour it needs a
// step-up: stepup.ErrAllowance. Nothing is mailed but the notice: the administrator tells the user, and must know whom.
func (s *Service) MakeBypass(ctx context.Context, c access.Caller, of Subject, reason string, life time.Duration) (Given, error) {
	now := s.Now()
	return user.Race(func() (Given, error) {
		snap, err := s.known(ctx, c, of, resetRule, now)
		if err != nil {
			return Given{}, err
		}
		if !snap.Factors.Enrolled() {
			return Given{}, ErrNotEnrolled
		}
		docket, err := stepup.Gate{Store: s.Store}.Free(ctx, snap.Key, of.Organization, 1, now)
		if err != nil {
			return Given{}, err
		}
		f := snap.Factors.Next()
		given, err := s.give(&f, user.Bypass, now.Add(min(life, MaxBypass)))
		if err != nil {
			return Given{}, err
		}
		event := of.event(audit.BypassMade, snap, c, now)
		event.Reason, event.Notify = reason, true
		event.Details = map[string]string{"until": audit.InWords(given.ExpiresAt)}
		if err := s.Store.WriteWithDocket(ctx, user.Change{Factors: &f, Events: []audit.Event{event}}, docket); err != nil {
			return Given{}, fault.Down(err)
		}
		return given, nil
	})
}
