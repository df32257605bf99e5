package enroll

import (
	"context"
	"strings"
	"time"

	"twofold/pkg/access"
	"twofold/pkg/audit"
	"twofold/pkg/factor"
	"twofold/pkg/fault"
	"twofold/pkg/login"
	"twofold/pkg/user"
)

// ErrSame refuses a change that is none.
var ErrSame = fault.New(fault.Conflict, "recovery_email_unchanged", "This is the recovery email that holds already.").At("recovery_email")

// RecoveryEmail is a user's recovery email as the user sees it.
type RecoveryEmail struct {
	Address string // masked; empty: there is none
	Next    string // masked; the one that takes its place
	NextAt  time.Time
}

// MoveRecovery begins to change the recovery email: a code goes to the new address, which must come back before anything changes.
func (s *Service) MoveRecovery(ctx context.Context, c access.Caller, in Request, typed, again string) (Sent, error) {
	movable := func(t proven) error { return t.movable(typed, again) }
	return prove(ctx, s, c, in, user.MoveRecovery, movable, func(t proven) (Sent, error) {
		if t.repeated {
			return t.movingTo()
		}
		address, err := recoveryAddress(t.snap, typed, again)
		if err != nil {
			return Sent{}, err
		}
		contact, err := s.contact(address, in.Of.Organization, in.Of.User)
		if err != nil {
			return Sent{}, err
		}
		t.f.Enrollment = &user.Enrollment{
			Proven: true, RecoveryEmail: contact.Sealed, RecoveryDigest: contact.Digest, ExpiresAt: t.now.Add(login.EnrollingLife),
		}
		t.f.Drop(user.VerifyRecovery)
		if err := s.challenge(&t.f, user.VerifyRecovery, contact.Digest, t.now); err != nil {
			return Sent{}, err
		}
		if err := login.Save(ctx, s.Store, user.Change{Factors: &t.f}); err != nil {
			return Sent{}, err
		}
		return t.movingTo()
	})
}

// movable judges whether the recovery email can change to an address. The one that holds is refused, unless another waits: then it is how
// that is called off.
func (t proven) movable(typed, again string) error {
	address, err := recoveryAddress(t.snap, typed, again)
	if err != nil {
		return err
	}
	same, err := t.same(t.snap.Profile.Recovery(t.now), address)
	if err != nil {
		return err
	}
	if _, waits := t.snap.Profile.Waiting(t.now); same && !waits {
		return ErrSame
	}
	return t.arrives(*t.snap.Profile, address)
}

// arrives refuses an address of the user's that mail comes back from, when it is entered once more.
func (s *Service) arrives(p user.Profile, address string) error {
	stopped := p.EmailMark().Stops() && strings.EqualFold(p.Email, address)
	for _, c := range p.Contacts() {
		if !p.MarkOf(c).Stops() {
			continue
		}
		same, err := s.same(c, address)
		if err != nil {
			return err
		}
		stopped = stopped || same
	}
	if stopped {
		return login.ErrUndeliverable.At("recovery_email")
	}
	return nil
}

// movingTo says where the code that verifies the new address went.
func (t proven) movingTo() (Sent, error) {
	e, waits := changing(t.f, t.now)
	sent, open := t.f.Open(user.VerifyRecovery, "", t.now)
	if !waits || !open {
		return Sent{}, ErrPending
	}
	to, err := t.masked(user.Contact{Sealed: e.RecoveryEmail}, t.of.Organization, t.of.User)
	return Sent{Order: sent.ID, To: to, ExpiresAt: sent.ExpiresAt, ResendAt: t.f.ResendAt(user.VerifyRecovery, t.now)}, err
}

// ConfirmRecovery takes the code that went to the new address. From then on the policy's delay runs, in which the old address holds
// and its owner, who is told, can object.
func (s *Service) ConfirmRecovery(ctx context.Context, c access.Caller, in Confirmation) (RecoveryEmail, error) {
	return confirmed(ctx, s, c, in, func(t *confirmation) (RecoveryEmail, error) {
		if t.repeated {
			return s.recoveryEmail(*t.snap.Profile, t.now)
		}
		e, waits := changing(t.snap.Factors, t.now)
		if !waits || len(e.RecoveryEmail) == 0 {
			return RecoveryEmail{}, ErrPending
		}
		code, ok := digits(in.Code)
		if !ok {
			return RecoveryEmail{}, ErrCode
		}
		t.purpose = user.VerifyRecovery
		right, err := t.f.AcceptSent(s.Codes, t.purpose, "", e.RecoveryDigest, code, t.now)
		if err != nil || !right {
			return RecoveryEmail{}, t.wrong(ctx, err)
		}
		profile := t.snap.Profile.Next()
		same, err := s.holds(*t.snap.Profile, e, t.now)
		if err != nil {
			return RecoveryEmail{}, err
		}
		if same {
			profile.Settle(t.now) // what waits is called off
		} else {
			profile.Move(user.Contact{Sealed: e.RecoveryEmail, Digest: e.RecoveryDigest}, t.snap.Organization.Policy.Recovery.Delay(), t.now)
		}
		event := in.Of.event(audit.RecoveryEmailChanged, t.snap, c, t.now)
		event.Details = map[string]string{"from": audit.InWords(t.now)}
		if next, waiting := profile.Waiting(t.now); waiting {
			event.Details["from"] = audit.InWords(next.From)
		}
		if err := t.save(ctx, "", profile, event); err != nil {
			return RecoveryEmail{}, err
		}
		return s.recoveryEmail(profile, t.now)
	})
}

// holds reports whether the address that was entered is the one that holds.
func (s *Service) holds(p user.Profile, e user.Enrollment, now time.Time) (bool, error) {
	address, err := s.Contacts.Open(e.RecoveryEmail, user.RecoveryUse(p.Organization, p.User))
	if err != nil {
		return false, fault.Down(err)
	}
	return s.same(p.Recovery(now), string(address))
}

// same reports whether a contact is an address.
func (s *Service) same(c user.Contact, address string) (bool, error) {
	same, err := factor.SameAddress(s.Codes, c.Digest, address)
	if err != nil {
		return false, fault.Down(err)
	}
	return same, nil
}

func (s *Service) recoveryEmail(p user.Profile, now time.Time) (RecoveryEmail, error) {
	var shown RecoveryEmail
	var err error
	if holds := p.Recovery(now); holds.Known() {
		if shown.Address, err = s.masked(holds, p.Organization, p.User); err != nil {
			return shown, err
		}
	}
	if next, waiting := p.Waiting(now); waiting {
		shown.NextAt = next.From
		shown.Next, err = s.masked(next.Contact, p.Organization, p.User)
	}
	return shown, err
}

// recoveryAddress reads an address typed twice, and judges whether it may be a user's recovery email.
func recoveryAddress(snap login.Snapshot, typed, typedAgain string) (string, error) {
	address, ok := user.Address(typed)
	if !ok {
		return "", ErrAddress
	}
	again, ok := user.Address(typedAgain)
	if !ok || again != address {
		return "", ErrMismatch
	}
	if snap.Organization.Policy.RecoveryEmailDistinct && strings.EqualFold(address, snap.Profile.Email) {
		return "", ErrDistinct
	}
	return address, nil
}

// contact seals an address, and names it.
func (s *Service) contact(address, organization, id string) (user.Contact, error) {
	sealed, err := s.Contacts.Seal([]byte(address), user.RecoveryUse(organization, id))
	if err != nil {
		return user.Contact{}, fault.Down(err)
	}
	digest, err := factor.AddressDigest(s.Codes, s.Codes.PRFKeyID(), address)
	if err != nil {
		return user.Contact{}, fault.Down(err)
	}
	return user.Contact{Sealed: sealed, Digest: digest}, nil
}
