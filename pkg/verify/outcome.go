package verify

import (
	"context"
	"strconv"
	"time"

	"twofold/pkg/audit"
	"twofold/pkg/decision"
	"twofold/pkg/login"
	"twofold/pkg/org"
	"twofold/pkg/user"
)

// miss counts a wrong answer before anyone hears of it.
func (t attempt) miss(ctx context.Context) error {
	next := t.snap.Factors.Next()
	next.Miss(t.try(), t.purpose(), t.holder(), t.now)
	if err := login.Save(ctx, t.s.Store, t.l.Missed(next, t.snap, t.c, t.now)); err != nil {
		return err
	}
	return ErrRefused
}

func (t attempt) try() user.Try { return user.Try{Way: t.in.Way, For: user.SignIn} }

// purpose is that of the challenge that the code answered; empty where codes of its kind are not sent.
func (t attempt) purpose() user.Purpose {
	switch {
	case t.in.Way == string(login.MailedRecovery):
		return user.Recover
	case t.in.Way == string(login.Bypass):
		return user.Bypass
	case user.Mails(org.Method(t.in.Way)):
		return user.By(user.SignIn, org.Method(t.in.Way))
	}
	return ""
}

// holder is the login that ordered the code: none did of an administrator's.
func (t attempt) holder() string {
	if t.in.Way == string(login.Bypass) {
		return ""
	}
	return t.l.ID
}

// hit uses the code up. A recovery stands in the audit, in the same write, and ends a suspension.
func (t attempt) hit(ctx context.Context, d decision.Decision, next user.Factors) (login.Answer, error) {
	next.Throttle = next.Throttle.Succeed(t.now)
	t.l.Hit(&next, t.try(), t.c, t.now)
	success, err := t.l.Success(t.s.Retries, t.id, t.in.Code, t.in.IdempotencyKey, t.in.Way, d.PolicyVersion, t.now)
	if err != nil {
		return login.Answer{}, err
	}
	recovering := login.IsWayBack(t.in.Way)
	success.Enrolls = d.EnrollAfter || recovering && t.snap.Organization.Policy.Recovery.Reenroll
	next.Remember(success)
	if recovering || success.Enrolls {
		next.Enrollment = t.reenrolment()
	}
	change := user.Change{Factors: &next}
	if recovering {
		change.Events = []audit.Event{t.recovery(next)}
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

// recovery is the event of a way back, which everybody concerned is told of.
func (t attempt) recovery(next user.Factors) audit.Event {
	event := t.l.Event(audit.RecoveryUsed, t.snap, t.c, t.now)
	event.Details = map[string]string{"way": t.in.Way, "codes_left": strconv.Itoa(next.RecoveryCodes.Left())}
	event.Notify = true
	return event
}

// reenrolment lets the user enrol anew within this login: whoever took a way back has lost the authenticators, and whoever
// proved a method that is not allowed any more needs another. The recovery email stays, where there is one that takes mail.
func (t attempt) reenrolment() *user.Enrollment {
	stays := t.snap.Profile.Recovery(t.now).Known() && !t.snap.Profile.RecoveryMark(t.now).Stops()
	e := &user.Enrollment{
		Login: t.l.ID, Proven: true, RecoveryVerified: stays, Replaces: true, ExpiresAt: t.now.Add(login.EnrollingLife),
	}
	if login.IsWayBack(t.in.Way) {
		e.By = t.in.Way
	}
	return e
}

// remembers reports whether this answer makes, or has made, a trusted device.
func (t attempt) remembers(success user.Success) bool {
	return t.in.Remember != nil && !success.Enrolls && t.snap.Remembers(success.Way)
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
	answer := login.Answer{Token: t.in.Login, Decision: login.Proven(success), CodesLeft: f.RecoveryCodes.Left(), Device: device, Success: success.ID}
	if f.Reenrols(t.l.ID, t.now) {
		if err := t.offer(&answer, *f.Enrollment); err != nil {
			return login.Answer{}, err
		}
	}
	if success.Enrolls {
		answer.Decision = login.Enrolling(success)
		return answer, nil
	}
	a := t.l.Assertion(success)
	signed, err := t.s.signed(ctx, a)
	if err != nil {
		return login.Answer{}, err
	}
	answer.Assertion, answer.AssertedUntil = signed, a.ExpiresAt
	return answer, nil
}

// offer says that the user may enrol anew now, and gives a token that is good for as long as that takes.
func (t attempt) offer(a *login.Answer, e user.Enrollment) error {
	l := t.l
	l.ExpiresAt = e.ExpiresAt
	var err error
	if a.Token, err = login.Token(t.s.Tokens, l); err != nil {
		return err
	}
	a.Next = login.Next{Do: login.DoEnroll, Methods: t.snap.Organization.Policy.Methods, ExpiresAt: e.ExpiresAt}
	return nil
}
