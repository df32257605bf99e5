package enroll

import (
	"context"

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
	code, ok := factor.Digits(in.Code, factor.TOTPDigits)
	if !ok {
		return login.Answer{}, ErrCode
	}
	e := t.f.Enrollment
	secret, err := t.Secrets.Open(e.Secret, t.f.SecretUse(e.AuthenticatorID))
	if err != nil {
		return login.Answer{}, fault.Down(err)
	}
	stepAt, right := factor.MatchTOTP(secret, code, t.now, 0)
	if !right {
		return login.Answer{}, t.miss(ctx, "")
	}
	success, err := t.l.Success(t.Retries, t.id, code, in.IdempotencyKey, string(org.TOTP), t.d.PolicyVersion, t.now)
	if err != nil {
		return login.Answer{}, err
	}
	success.Enrolled = true
	t.activate(*e, stepAt, success)
	profile := t.snap.Profile.Next()
	profile.RecoveryEmail, profile.RecoveryDigest = e.RecoveryEmail, e.RecoveryDigest
	profile.Methods, profile.EnrolledAt, profile.CodesSpent = t.f.Methods(), t.now, false
	event := t.l.Event(audit.UserEnrolled, t.snap, t.c, t.now)
	event.Details = map[string]string{"method": string(org.TOTP)}
	event.Notify = true
	change := user.Change{Factors: &t.f, Profile: &profile, Events: []audit.Event{event}}
	var device login.DeviceToken
	if in.Remember != nil && t.snap.Remembers(success.Way) {
		if device, err = t.browser().Trust(ctx, t.snap, success, *in.Remember, &change); err != nil {
			return login.Answer{}, err
		}
	}
	if err := t.generate(ctx, success, org.TOTP, &change); err != nil {
		return login.Answer{}, err
	}
	if err := t.commit(ctx, change); err != nil {
		return login.Answer{}, err
	}
	return t.complete(ctx, success, device)
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

// activate turns the pending authenticator into an active one and begins a new generation of recovery codes.
func (t *step) activate(e user.Enrollment, stepAt int64, success user.Success) {
	t.f.Authenticators = append(t.f.Authenticators, user.Authenticator{
		ID: e.AuthenticatorID, Method: org.TOTP, Secret: e.Secret, LastStep: stepAt, CreatedAt: t.now,
	})
	t.f.Enrollment = nil
	t.f.Challenges = nil
	t.f.RecoveryCodes = t.f.RecoveryCodes.Renew(t.Codes.PRFKeyID())
	t.f.Throttle = t.f.Throttle.Succeed(t.now)
	t.f.Remember(success)
}

// complete answers an enrolment that is in the store. A retry after a lost reply comes here again and shows
// the same codes: they are derived, so nothing was lost with the reply.
func (t *step) complete(ctx context.Context, success user.Success, device login.DeviceToken) (login.Answer, error) {
	a := t.l.Assertion(success)
	answer := login.Answer{Token: t.token, Decision: login.Proven(success), AssertedUntil: a.ExpiresAt, Device: device}
	var err error
	if answer.Assertion, err = t.Signer.Sign(ctx, a); err != nil {
		return login.Answer{}, fault.Down(err)
	}
	codes := t.f.RecoveryCodes
	for i := range factor.RecoveryCodes {
		code, err := factor.RecoveryCode(t.Codes, codes.KeyID, t.f.RecoverySet(), i)
		if err != nil {
			return login.Answer{}, fault.Down(err)
		}
		answer.RecoveryCodes = append(answer.RecoveryCodes, factor.ShowRecovery(code))
	}
	answer.CodesLeft = codes.Left()
	answer.AppPasswords, err = t.showGenerated(ctx, success)
	return answer, err
}
