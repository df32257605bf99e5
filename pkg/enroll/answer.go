package enroll

import (
	"context"
	"slices"

	"twofold/pkg/access"
	"twofold/pkg/decision"
	"twofold/pkg/factor"
	"twofold/pkg/fault"
	"twofold/pkg/login"
	"twofold/pkg/org"
	"twofold/pkg/user"
)

// Answer answers the step that an enrolment waits for: exactly one of code, recovery email and method.
type Answer struct {
	Login              string
	Code               string
	RecoveryEmail      string
	RecoveryEmailAgain string
	Method             string
	Phone              string // with the method sms
	IdempotencyKey     string
	Remember           *login.Remember // taken by the answer that completes
}

// Answer takes one step. The one that completes the enrolment gives the assertion and the recovery codes.
func (s *Service) Answer(ctx context.Context, c access.Caller, in Answer) (login.Answer, error) {
	t, err := s.begin(ctx, c, in.Login)
	if err != nil {
		return login.Answer{}, err
	}
	return user.Race(func() (login.Answer, error) {
		t := t
		if err := t.load(ctx); err != nil {
			return login.Answer{}, err
		}
		if before, found := t.repeated(in); found {
			return t.again(ctx, before, in)
		}
		if err := t.admit(in.Code); err != nil {
			return login.Answer{}, err
		}
		if e := t.snap.Factors.Enrollment; e == nil || e.Login != t.l.ID {
			return login.Answer{}, t.notBegun()
		}
		return t.take(ctx, in)
	})
}

// repeated finds the completion that this very request had before: in an earlier round whose acknowledgement was lost, or
// in an earlier try by the caller.
func (t *step) repeated(in Answer) (user.Success, bool) {
	if won, found := t.snap.Factors.Succeeded(t.id); found {
		return won, true
	}
	code, ok := eitherCode(in.Code)
	if !ok {
		return user.Success{}, false
	}
	before, found := t.l.Repeated(t.Retries, t.snap.Factors, code, in.IdempotencyKey)
	return before, found && before.Enrolled
}

// eitherCode reads the first code of an authenticator of whatever method.
func eitherCode(typed string) (string, bool) {
	if code, ok := factor.Digits(typed, factor.TOTPDigits); ok {
		return code, true
	}
	return digits(typed)
}

func (t *step) take(ctx context.Context, in Answer) (login.Answer, error) {
	var err error
	switch waiting := t.do(); {
	case waiting == login.DoProve && in.Code != "":
		err = t.prove(ctx, in.Code)
	case waiting == login.DoVerifyRecovery && in.Code != "":
		err = t.mailed(ctx, in.Code, user.VerifyRecovery)
	case (waiting == login.DoRecoveryEmail || waiting == login.DoVerifyRecovery) && in.RecoveryEmail != "":
		err = t.recoveryEmail(ctx, in)
	case (waiting == login.DoChooseMethod || waiting == login.DoConfirm) && in.Method != "":
		err = t.choose(ctx, choice{org.Method(in.Method), in.Phone})
	case waiting == login.DoConfirm && in.Code != "":
		return t.confirm(ctx, in)
	default:
		return login.Answer{}, t.wrongStep()
	}
	if err != nil {
		return login.Answer{}, err
	}
	return t.answer()
}

// notBegun refuses an answer in a login that has begun no enrolment, or whose enrolment another login has begun anew since. What is sent is
// an answer to nothing, so it is not judged and counts for nothing.
func (t *step) notBegun() error {
	d := t.d
	d.Status = decision.Enroll
	next := login.Next{Do: login.DoEnroll, Methods: t.snap.Organization.Offered(), ExpiresAt: t.l.ExpiresAt}
	return ErrStep.With(login.Answer{Token: t.token, Decision: d, Next: next})
}

// wrongStep refuses, and says which step it is.
func (t *step) wrongStep() error {
	at, err := t.answer()
	if err != nil {
		return err
	}
	at.Next.Setup = nil // a secret is shown in answer to its own step only
	return ErrStep.With(at)
}

// prove judges the proof beyond the password, of the kind that the policy asks for.
func (t *step) prove(ctx context.Context, typed string) error {
	if t.snap.Organization.Policy.EnrollmentProof != org.ProofTicket {
		return t.mailed(ctx, typed, user.ProveLogin)
	}
	code, ok := digits(typed)
	if !ok {
		return ErrCode
	}
	right, err := t.f.AcceptSent(t.Codes, user.Ticket, "", nil, code, t.now)
	if err != nil {
		return err
	}
	if !right {
		return t.missed(ctx, user.Ticket, "")
	}
	t.f.Enrollment.Ticket = true
	t.l.Hit(&t.f, tryFor(user.Ticket), t.c, t.now)
	return t.write(ctx)
}

// mailed judges a mailed code and moves on if it is right.
func (t *step) mailed(ctx context.Context, typed string, purpose user.Purpose) error {
	code, ok := digits(typed)
	if !ok {
		return ErrCode
	}
	digest, err := t.addressed(purpose)
	if err != nil {
		return err
	}
	right, err := t.f.AcceptSent(t.Codes, purpose, t.l.ID, digest, code, t.now)
	if err != nil {
		return err
	}
	if !right {
		return t.miss(ctx, purpose)
	}
	t.l.Hit(&t.f, tryFor(purpose), t.c, t.now)
	if purpose == user.ProveLogin {
		t.f.Enrollment.Proven = true
	} else {
		t.f.Enrollment.RecoveryVerified = true
	}
	return t.write(ctx)
}

// addressed is the digest of the address that a code of a purpose goes to now: one that was sent to another is void.
func (t *step) addressed(p user.Purpose) ([]byte, error) {
	if p != user.ProveLogin {
		return t.recovery().Digest, nil
	}
	c, open := t.f.Open(p, t.l.ID, t.now)
	if !open {
		return nil, nil
	}
	same, err := factor.SameAddress(t.Codes, c.Address, t.snap.Profile.Email)
	if err != nil {
		return nil, fault.Down(err)
	}
	if !same {
		return nil, nil
	}
	return c.Address, nil
}

// miss counts a wrong code, and is the only thing that a wrong answer changes.
func (t *step) miss(ctx context.Context, purpose user.Purpose) error {
	return t.missed(ctx, purpose, t.l.ID)
}

// missed counts it against the challenge of whoever ordered it.
func (t *step) missed(ctx context.Context, purpose user.Purpose, by string) error {
	f := t.snap.Factors.Next()
	f.Miss(tryFor(purpose), purpose, by, t.now)
	if err := t.commit(ctx, t.l.Missed(f, t.snap, t.c, t.now)); err != nil {
		return err
	}
	return ErrRefused
}

// tryFor is what the sign-in log is to say of a code. The one step whose codes are not sent confirms an authenticator app.
func tryFor(p user.Purpose) user.Try {
	if p == "" {
		return user.Try{Way: string(org.TOTP), For: user.Confirm}
	}
	return p.Try()
}

// recoveryEmail takes the address typed twice. Where it is the login address, the proof that was
// just given for that address serves for it too; any other gets a code of its own.
func (t *step) recoveryEmail(ctx context.Context, in Answer) error {
	address, err := recoveryAddress(t.snap, in.RecoveryEmail, in.RecoveryEmailAgain)
	if err != nil {
		return err
	}
	if err := t.arrives(*t.snap.Profile, address); err != nil {
		return err
	}
	contact, err := t.contact(address, t.l.Organization, t.l.User)
	if err != nil {
		return err
	}
	e := t.f.Enrollment
	e.RecoveryEmail, e.RecoveryDigest = contact.Sealed, contact.Digest
	// To the letter: only the address itself has been proven, not one that a server may tell apart by case.
	e.RecoveryVerified = e.Proven && !e.Replaces && address == t.snap.Profile.Email
	t.f.Drop(user.VerifyRecovery)
	if _, err := t.send(false); err != nil {
		return err
	}
	return t.write(ctx)
}

// choose makes the pending authenticator. Choosing again makes another: the one before was never active.
func (t *step) choose(ctx context.Context, c choice) error {
	if err := choosable(*t.snap.Organization, c.method); err != nil {
		return err
	}
	if err := t.pending(t.f.Enrollment, c, *t.snap.Organization, t.f); err != nil {
		return err
	}
	t.redial()
	if _, err := t.send(false); err != nil {
		return err
	}
	return t.write(ctx)
}

// choosable judges whether users of an organisation may choose a method.
func choosable(o org.Organization, m org.Method) error {
	if m != org.TOTP && m != org.Email && m != org.SMS || !slices.Contains(o.Offered(), m) {
		return ErrMethod
	}
	return nil
}

// pending makes an authenticator that waits for its first code.
func (s *Service) pending(e *user.Enrollment, c choice, o org.Organization, f user.Factors) error {
	e.AuthenticatorID, e.Method, e.Secret, e.Digest, e.Country = user.NewID(), c.method, nil, nil, ""
	switch c.method {
	case org.Email:
		return nil
	case org.SMS:
		n, err := c.number(o)
		if err != nil {
			return err
		}
		return s.dial(e, n, f)
	}
	e.Method = "" // as ever
	var err error
	if e.Secret, err = s.Secrets.Seal(factor.NewTOTPSecret(), f.SecretUse(e.AuthenticatorID)); err != nil {
		return fault.Down(err)
	}
	return nil
}
