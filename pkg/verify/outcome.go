package verify

import (
	"context"
	"strconv"
	"time"

	"twofold/pkg/audit"
	"twofold/pkg/decision"
	"twofold/pkg/login"
	"twofold/pkg/user"
)

// miss counts a wrong answer before anyone hears of it.
func (t attempt) miss(ctx context.Context) error {
	next := t.snap.Factors.Next()
	next.Miss(t.purpose(), t.l.ID, t.now)
	if err := login.Save(ctx, t.s.Store, t.l.Missed(next, t.snap, t.c, t.now)); err != nil {
		return err
	}
	return ErrRefused
}

func (t attempt) purpose() user.Purpose {
	if t.in.Way == string(login.MailedRecovery) {
		return user.Recover
	}
	return ""
}

// hit uses the code up. A recovery stands in the audit, in the same write, and ends a suspension.
func (t attempt) hit(ctx context.Context, d decision.Decision, next user.Factors) (login.Answer, error) {
	next.Throttle = next.Throttle.Succeed(t.now)
	success, err := t.l.Success(t.s.Retries, t.id, t.in.Code, t.in.IdempotencyKey, t.in.Way, d.PolicyVersion, t.now)
	if err != nil {
		return login.Answer{}, err
	}
	next.Remember(success)
	change := user.Change{Factors: &next}
	if login.IsWayBack(t.in.Way) {
		event := t.l.Event(audit.RecoveryUsed, t.snap, t.c, t.now)
		event.Details = map[string]string{"way": t.in.Way, "codes_left": strconv.Itoa(next.RecoveryCodes.Left())}
		event.Notify = true
		change.Events = []audit.Event{event}
		change.Profile = recovered(*t.snap.Profile, next)
	}
	var device login.DeviceToken
	if t.remembers(success) {
		if device, err = t.browser().Trust(ctx, t.snap, success, *t.in.Remember, &change); err != nil {
			return login.Answer{}, err
		}
	}
	if err := login.Save(ctx, t.s.Store, change); err != nil {
		return login.Answer{}, err
	}
	return t.complete(ctx, success, next, device)
}

// remembers reports whether this answer makes, or has made, a trusted device.
func (t attempt) remembers(success user.Success) bool {
	return t.in.Remember != nil && t.snap.Remembers(success.Way)
}

func (t attempt) browser() login.Browser {
	return login.Browser{Login: t.l, Store: t.s.Store, Codes: t.s.Codes, Caller: t.c, Now: t.now}
}

// again completes a proof that was in the store already, with the device that it made.
func (t attempt) again(ctx context.Context, before user.Success) (login.Answer, error) {
	var device login.DeviceToken
	if t.remembers(before) {
		var err error
		if device, err = t.browser().Again(ctx, before); err != nil {
			return login.Answer{}, err
		}
	}
	return t.complete(ctx, before, t.snap.Factors, device)
}

// recovered is the profile of a user who took a way back, where that changes it: a suspension ends, and the last saved
// code is gone. Nil where it does not.
func recovered(p user.Profile, f user.Factors) *user.Profile {
	spent := f.RecoveryCodes.Left() == 0
	if p.SuspendedAt.IsZero() && p.CodesSpent == spent {
		return nil
	}
	profile := p.Next()
	profile.SuspendedAt, profile.CodesSpent = time.Time{}, spent
	return &profile
}

// complete answers a proof that is in the store. Failing to sign loses nothing: a retry with the same idempotency key comes here again.
func (t attempt) complete(ctx context.Context, success user.Success, f user.Factors, device login.DeviceToken) (login.Answer, error) {
	a := t.l.Assertion(success)
	answer := login.Answer{Token: t.in.Login, Decision: login.Proven(success), CodesLeft: f.RecoveryCodes.Left(), Device: device}
	signed, err := t.s.signed(ctx, a)
	if err != nil {
		return login.Answer{}, err
	}
	answer.Assertion, answer.AssertedUntil = signed, a.ExpiresAt
	return answer, nil
}
