package enroll

import (
	"cmp"
	"context"
	"time"

	"twofold/pkg/audit"
	"twofold/pkg/factor"
	"twofold/pkg/fault"
	"twofold/pkg/login"
	"twofold/pkg/org"
	"twofold/pkg/user"
)

// confirm judges the first code of the new authenticator. A right one completes the enrolment, in one
// transaction: authenticator active, recovery email and facts in the profile, audit event, notice.
func (t *step) confirm(ctx context.Context, in Answer) (login.Answer, error) {
	e := *t.f.Enrollment
	code, ok := user.CodeOf(e.Of(), in.Code)
	if !ok {
		return login.Answer{}, ErrCode
	}
	active, right, err := t.works(&t.f, e, t.recovery(), t.l.ID, code, t.now)
	switch {
	case err != nil:
		return login.Answer{}, err
	case !right && user.Mails(e.Of()):
		return login.Answer{}, t.miss(ctx, user.By(user.Confirm, e.Of()))
	case !right:
		return login.Answer{}, t.miss(ctx, "")
	}
	success, err := t.l.Success(t.Retries, t.id, code, in.IdempotencyKey, cmp.Or(e.By, string(e.Of())), t.d.PolicyVersion, t.now)
	if err != nil {
		return login.Answer{}, err
	}
	success.Enrolled = true
	t.activate(active, success)
	change, err := t.enrolled(ctx, e)
	if err != nil {
		return login.Answer{}, err
	}
	var device login.DeviceToken
	if in.Remember != nil && t.snap.Remembers(success.Way) {
		if device, err = t.browser().Trust(ctx, t.snap, success, *in.Remember, &change); err != nil {
			return login.Answer{}, err
		}
	}
	if err := t.generate(ctx, success, e.Of(), &change); err != nil {
		return login.Answer{}, err
	}
	if err := t.commit(ctx, change); err != nil {
		return login.Answer{}, err
	}
	return t.complete(ctx, success, device)
}

// reached is where the first code of an authenticator that waits goes, as the digest: an SMS to its own number, mail to the recovery
// email.
func reached(e user.Enrollment, recovery user.Contact) []byte {
	if e.Of() == org.SMS {
		return e.Digest
	}
	return recovery.Digest
}

// works judges the first code of an authenticator that waits, in f, and gives the authenticator as it is to be active.
func (s *Service) works(f *user.Factors, e user.Enrollment, recovery user.Contact, login, code string, now time.Time) (user.Authenticator, bool, error) {
	a := user.Authenticator{ID: e.AuthenticatorID, Method: e.Of(), Secret: e.Secret, LastStep: factor.TOTPStep(now), CreatedAt: now}
	if user.Mails(a.Method) {
		a.Digest, a.Country = e.Digest, e.Country
		right, err := f.AcceptSent(s.Codes, user.By(user.Confirm, a.Method), login, reached(e, recovery), code, now)
		return a, right, err
	}
	secret, err := s.Secrets.Open(a.Secret, f.SecretUse(a.ID))
	if err != nil {
		return a, false, fault.Down(err)
	}
	var right bool
	a.LastStep, right = factor.MatchTOTP(secret, code, now, 0)
	return a, right, nil
}

// enrolled is what completing an enrolment writes. Where it takes the place of another, whatever browsers were trusted by
// that go with it, in the same write.
func (t *step) enrolled(ctx context.Context, e user.Enrollment) (user.Change, error) {
	profile := t.snap.Profile.Next()
	if len(e.RecoveryEmail) > 0 {
		profile.Settle(t.now)
		profile.RecoveryEmail, profile.RecoveryDigest = e.RecoveryEmail, e.RecoveryDigest
	}
	profile.Enrolled(t.f)
	profile.EnrolledAt = t.now
	event := t.l.Event(audit.UserEnrolled, t.snap, t.c, t.now)
	event.Details = map[string]string{"method": string(e.Of())}
	event.Notify = true
	change := user.Change{Factors: &t.f, Profile: &profile}
	if e.Replaces {
		event.Kind = audit.UserReenrolled
		if e.By != "" {
			event.Details["after"] = e.By
		}
		var err error
		if change.Removed, err = t.Store.Devices(ctx, t.l.Organization, t.l.User); err != nil {
			return change, fault.Down(err)
		}
	}
	change.Events = []audit.Event{event}
	return change, nil
}

func (t *step) browser() login.Browser {
	return login.Browser{Login: t.l, Store: t.Store, Codes: t.Codes, Caller: t.c, Now: t.now}
}

// again answers an enrolment that was in the store already, with the device that it made.
func (t *step) again(ctx context.Context, before user.Success, in Answer) (login.Answer, error) {
	if in.Remember == nil || !t.snap.Remembers(before.Way) {
		return t.complete(ctx, before, login.DeviceToken{})
	}
	device, err := t.browser().Again(ctx, before)
	if err != nil {
		return login.Answer{}, err
	}
	return t.complete(ctx, before, device)
}

// activate makes the pending authenticator the only one and begins a new generation of recovery codes.
func (t *step) activate(a user.Authenticator, success user.Success) {
	t.f.Authenticators = []user.Authenticator{a}
	t.f.Enrollment = nil
	t.f.Challenges = nil
	recovery := t.snap.Organization.Policy.Recovery
	t.f.RecoveryCodes = t.f.RecoveryCodes.Renew(t.Codes.PRFKeyID())
	if !recovery.SavedCodes {
		t.f.RecoveryCodes = t.f.RecoveryCodes.Exhaust() // nobody is given codes that open nothing
	}
	t.f.Throttle = t.f.Throttle.Succeed(t.now)
	t.l.Hit(&t.f, user.Try{Way: string(a.Method), For: user.Confirm}, t.c, t.now)
	t.f.Remember(success)
	if recovery.SavedCodes && recovery.MailCodes {
		t.f.Deliver = user.DeliverCodes
	}
}

// complete answers an enrolment that is in the store. A retry after a lost reply comes here again and shows
// the same codes: they are derived, so nothing was lost with the reply.
func (t *step) complete(ctx context.Context, success user.Success, device login.DeviceToken) (login.Answer, error) {
	a := t.l.Assertion(success)
	answer := login.Answer{Token: t.token, Decision: login.Proven(success), AssertedUntil: a.ExpiresAt, Device: device, Success: success.ID}
	var err error
	if answer.Assertion, err = t.Signer.Sign(ctx, a); err != nil {
		return login.Answer{}, fault.Down(err)
	}
	answer.RecoveryCodes, err = t.codes(*t.snap.Organization, t.f)
	answer.CodesLeft = t.f.RecoveryCodes.Left()
	if err == nil {
		answer.AppPasswords, err = t.showGenerated(ctx, success)
	}
	return answer, err
}

// codes are a user's saved codes as they are shown; none where the policy has them mailed, or does not open them.
func (s *Service) codes(o org.Organization, f user.Factors) ([]string, error) {
	if o.Policy.Recovery.MailCodes || f.RecoveryCodes.Left() == 0 {
		return nil, nil
	}
	shown, err := f.SavedCodes(s.Codes)
	if err != nil {
		return nil, fault.Down(err)
	}
	return shown, nil
}
