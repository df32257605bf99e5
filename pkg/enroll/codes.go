package enroll

import (
	"context"
	"time"

	"twofold/pkg/access"
	"twofold/pkg/audit"
	"twofold/pkg/factor"
	"twofold/pkg/fault"
	"twofold/pkg/login"
	"twofold/pkg/stepup"
	"twofold/pkg/user"
)

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

// Bypass is an administrator's code for one user, for one sign-in without an authenticator.
type Bypass struct {
	Code      string
	ExpiresAt time.Time
}

// MakeBypass makes one, with a reason: the one before is void. It counts among what frees users, so that beyond so many in an hour it needs a
// step-up: stepup.ErrAllowance. Nothing is mailed but the notice: the administrator tells the user, and must know whom.
func (s *Service) MakeBypass(ctx context.Context, c access.Caller, of Subject, reason string, life time.Duration) (Bypass, error) {
	now := s.Now()
	return user.Race(func() (Bypass, error) {
		snap, err := s.known(ctx, c, of, resetRule, now)
		if err != nil {
			return Bypass{}, err
		}
		if !snap.Factors.Enrolled() {
			return Bypass{}, ErrNotEnrolled
		}
		docket, err := stepup.Gate{Store: s.Store}.Free(ctx, snap.Key, of.Organization, 1, now)
		if err != nil {
			return Bypass{}, err
		}
		made := user.Challenge{ID: user.NewID(), Purpose: user.Bypass, KeyID: s.Codes.PRFKeyID(), ExpiresAt: now.Add(life)}
		f := snap.Factors.Next()
		f.Admit(made)
		code, err := factor.MailedCode(s.Codes, made.KeyID, f.Mailed(made))
		if err != nil {
			return Bypass{}, fault.Down(err)
		}
		event := of.event(audit.BypassMade, snap, c, now)
		event.Reason, event.Notify = reason, true
		event.Details = map[string]string{"until": audit.InWords(made.ExpiresAt)}
		if err := s.Store.WriteWithDocket(ctx, user.Change{Factors: &f, Events: []audit.Event{event}}, docket); err != nil {
			return Bypass{}, fault.Down(err)
		}
		return Bypass{code, made.ExpiresAt}, nil
	})
}
