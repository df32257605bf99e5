package verify

import (
	"context"
	"errors"
	"slices"
	"time"

	"twofold/pkg/access"
	"twofold/pkg/decision"
	"twofold/pkg/fault"
	"twofold/pkg/login"
	"twofold/pkg/org"
	"twofold/pkg/user"
)

// The refusals of an order.
var (
	// ErrWayClosed refuses a way back that the policy does not open, or that this user does not have.
	ErrWayClosed  = fault.New(fault.Unprocessable, "way_not_open", "This way back is not open for this user.").At("method")
	ErrNotOrdered = fault.New(fault.Unprocessable, "method_not_ordered", "Codes of this method are not ordered: the user has them. Answer with one.").At("method")
)

// Order asks for a one-time recovery code by mail to the recovery email. Asking again within a minute
// for the same login sends nothing and answers the same: a lost reply costs nobody a code.
func (s *Service) Order(ctx context.Context, c access.Caller, token, way string) (login.Answer, error) {
	now := s.Now()
	l, err := login.Parse(s.Tokens, token)
	switch {
	case way == string(org.Email) || way == string(org.SMS):
		err = ErrUnbuilt
	case way == string(org.TOTP) || way == string(login.SavedRecovery):
		err = ErrNotOrdered
	case way != string(login.MailedRecovery):
		err = ErrMethod
	}
	if err != nil {
		return login.Answer{}, login.Refuse(ctx, s.Store, c, rule, now, err)
	}
	return user.Race(func() (login.Answer, error) { return s.order(ctx, c, token, l, now) })
}

func (s *Service) order(ctx context.Context, c access.Caller, token string, l login.Login, now time.Time) (login.Answer, error) {
	snap, err := s.resumed(ctx, c, l, now)
	if err != nil {
		return login.Answer{}, err
	}
	d := l.Decide(snap, now)
	if err := s.admit(l, snap, d, string(login.MailedRecovery), now); errors.Is(err, login.ErrRefused) {
		return login.Answer{}, login.ErrRefused // it names no code: none was sent
	} else if err != nil {
		return login.Answer{}, err
	}
	answer := login.Answer{Token: token, Decision: d, Next: next(d, snap)}
	challenge, live := snap.Factors.Open(user.Recover, l.ID, now)
	if live && now.Before(snap.Factors.ResendAt(user.Recover, now)) {
		return ordered(answer, challenge, snap.Factors, now), nil
	}
	f := snap.Factors.Next()
	challenge = user.Challenge{
		ID: user.NewID(), Login: l.ID, Purpose: user.Recover, KeyID: s.Codes.PRFKeyID(),
		Address: snap.Profile.RecoveryDigest, ExpiresAt: now.Add(user.CodeLife),
	}
	if err := f.Order(challenge, now); err != nil {
		return login.Answer{}, err
	}
	if err := login.Save(ctx, s.Store, user.Change{Factors: &f}); err != nil {
		return login.Answer{}, err
	}
	return ordered(answer, challenge, f, now), nil
}

func ordered(a login.Answer, c user.Challenge, f user.Factors, now time.Time) login.Answer {
	a.Next.SentTo = "recovery email"
	a.Next.ExpiresAt = c.ExpiresAt
	a.Next.ResendAt = f.ResendAt(user.Recover, now)
	return a
}

// admit judges whether a way of proving is open now. What a locked or suspended user hears is what a wrong
// code would say. A decision that no longer asks for a proof is told as it is.
func (s *Service) admit(l login.Login, snap login.Snapshot, d decision.Decision, way string, now time.Time) error {
	back := login.WayBack(way)
	recovering := login.IsWayBack(way)
	switch {
	case d.Status == decision.Denied && d.Reason == decision.IsLocked:
		return ErrRefused
	case d.Status == decision.Denied && d.Reason == decision.IsSuspended && !recovering:
		return ErrRefused
	case d.Status == decision.Denied && d.Reason == decision.IsSuspended:
		if _, locked := snap.Factors.Throttle.Locked(now); locked {
			return ErrRefused
		}
	case d.Status != decision.Challenge:
		return s.changed(l, snap, now)
	case d.EnrollAfter:
		return ErrUnbuilt // proving an old method buys an enrolment only, and no second method is built
	}
	if recovering && !slices.Contains(waysBack(snap), back) {
		return ErrWayClosed
	}
	if !recovering && (!containsMethod(d, way) || removedSince(l, snap, way)) {
		return s.changed(l, snap, now)
	}
	return nil
}

// removedSince reports whether the policy moved after a login began and no longer allows a method. A new login may still
// take it, as the decision says; one that was decided under other rules may not go on as if they stood.
func removedSince(l login.Login, snap login.Snapshot, way string) bool {
	p := snap.Organization.Policy
	return l.PolicyVersion != p.Version && !p.Allows(org.Method(way))
}

// changed tells the application that the decision of its login no longer stands, with the new one.
func (s *Service) changed(l login.Login, snap login.Snapshot, now time.Time) error {
	anew, err := s.decided(l, snap, now)
	if err != nil {
		return err
	}
	return ErrChanged.With(anew)
}
