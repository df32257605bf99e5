package enroll

import (
	"context"

	"twofold/pkg/access"
	"twofold/pkg/factor"
	"twofold/pkg/fault"
	"twofold/pkg/login"
	"twofold/pkg/org"
	"twofold/pkg/user"
)

// Begin starts an enrolment, or says where it stands. Where a mailed code is awaited and
// none is under way, one is sent; asking for another goes through Resend.
func (s *Service) Begin(ctx context.Context, c access.Caller, token string) (login.Answer, error) {
	return s.start(ctx, c, token, false)
}

// Resend orders another code for the step that awaits one; within the limits, user.ErrTooSoon beyond them.
func (s *Service) Resend(ctx context.Context, c access.Caller, token string) (login.Answer, error) {
	return s.start(ctx, c, token, true)
}

// Look says where the enrolment of a login stands, and changes nothing: of one that was not begun, login.DoEnroll.
func (s *Service) Look(ctx context.Context, c access.Caller, token string) (login.Answer, error) {
	t, err := s.begin(ctx, c, token)
	if err != nil {
		return login.Answer{}, err
	}
	if err := t.load(ctx); err != nil {
		return login.Answer{}, err
	}
	e := t.snap.Factors.Enrollment
	begun := e != nil && e.Login == t.l.ID
	if err := t.admit(""); err != nil {
		return login.Answer{}, err
	}
	if !begun {
		return login.Answer{Token: token, Decision: t.d, Next: login.Next{Do: login.DoEnroll, Methods: t.snap.Organization.Offered()}}, nil
	}
	return t.answer()
}

func (s *Service) start(ctx context.Context, c access.Caller, token string, again bool) (login.Answer, error) {
	t, err := s.begin(ctx, c, token)
	if err != nil {
		return login.Answer{}, err
	}
	return user.Race(func() (login.Answer, error) {
		t := t
		if err := t.load(ctx); err != nil {
			return login.Answer{}, err
		}
		if err := t.admit(""); err != nil {
			return login.Answer{}, err
		}
		if err := t.room(ctx); err != nil {
			return login.Answer{}, err
		}
		changed, err := t.send(again)
		if err != nil {
			return login.Answer{}, err
		}
		if changed || t.snap.Factors.Enrollment == nil || t.snap.Factors.Enrollment.Login != t.l.ID {
			if err := t.write(ctx); err != nil {
				return login.Answer{}, err
			}
		}
		return t.answer()
	})
}

// room refuses a beginner where as many are enrolled as the organisation is entitled to. The counts are a moment
// old, so a few who begin at once may go beyond: it is a limit of what was sold, not of what is safe.
func (t *step) room(ctx context.Context) error {
	limit := t.snap.Organization.Entitlements.UserLimit
	if limit == 0 {
		return nil
	}
	counts, err := t.Store.Counts(ctx, t.l.Organization)
	if err != nil {
		return fault.Down(err)
	}
	if counts.Enrolled() >= int64(limit) {
		return ErrLimit
	}
	return nil
}

// awaited is the purpose of the code that the present step awaits, where that is one that is sent.
func (t *step) awaited() user.Purpose {
	switch e, do := t.f.Enrollment, t.do(); {
	case do == login.DoProve && t.snap.Organization.Policy.EnrollmentProof == org.ProofLoginEmail:
		return user.ProveLogin
	case do == login.DoVerifyRecovery:
		return user.VerifyRecovery
	case do == login.DoConfirm && user.Mails(e.Of()):
		return user.By(user.Confirm, e.Of())
	}
	return ""
}

// send orders the code that the present step awaits, unless one is under way.
func (t *step) send(again bool) (bool, error) {
	purpose := t.awaited()
	if purpose == "" {
		return false, nil
	}
	digest := t.recovery().Digest
	if purpose.Method() == org.SMS {
		e := t.f.Enrollment
		if err := textable(*t.snap.Organization, org.SMS, e.Country); err != nil && again {
			return false, err
		} else if err != nil {
			return false, nil // where the enrolment stands can be seen, and another method chosen
		}
		digest = e.Digest
	}
	if err := t.deliverable(purpose, digest); err != nil {
		return false, err // whatever is under way: nobody shall wait for it
	}
	if _, live := t.f.Open(purpose, t.l.ID, t.now); live && !again {
		return false, nil
	}
	keyID := t.Codes.PRFKeyID()
	if purpose == user.ProveLogin {
		var err error
		if digest, err = factor.AddressDigest(t.Codes, keyID, t.snap.Profile.Email); err != nil {
			return false, fault.Down(err)
		}
	}
	t.f.From = t.l.Origin(t.c)
	return true, t.f.Order(user.Challenge{
		ID: user.NewID(), Login: t.l.ID, Purpose: purpose, KeyID: keyID,
		Address: digest, ExpiresAt: t.now.Add(user.CodeLife),
	}, t.now)
}

// deliverable refuses a code to an address that mail comes back from.
func (t *step) deliverable(p user.Purpose, digest []byte) error {
	m := t.snap.Profile.MarkOf(user.Contact{Digest: digest})
	if p == user.ProveLogin {
		m = t.snap.Profile.EmailMark()
	}
	if p.Method() != org.SMS && m.Stops() {
		return login.ErrUndeliverable
	}
	return nil
}
