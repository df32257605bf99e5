package verify

import (
	"bytes"
	"cmp"
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
	ErrWayClosed = fault.New(fault.Unprocessable, "way_not_open", "This way back is not open for this user.").At("method")
	// ErrAuthenticator refuses an order by an authenticator that this user does not have.
	ErrAuthenticator = fault.New(fault.Unprocessable, "authenticator_unknown", "This user has no such authenticator of this method.").At("authenticator")
	// ErrNotEnrolled refuses a method that this user does not have: the decision says which there are.
	ErrNotEnrolled   = fault.New(fault.Unprocessable, "method_not_enrolled", "This user has no authenticator of this method. Answer by one of next.methods.").At("method")
	errUndeliverable = login.ErrUndeliverable.At("method")
	ErrNotOrdered    = fault.New(fault.Unprocessable, "method_not_ordered", "Codes of this method are not ordered: the user has them. Answer with one.").At("method")
)

// Order asks for a code: of a method, to where its codes go, or of the way back by mail, to the recovery email. The authenticator
// is one of the user's ids where there are several of a method, or empty. Asking again within a minute for the same login sends
// nothing and answers the same: a lost reply costs nobody a code.
func (s *Service) Order(ctx context.Context, c access.Caller, token, way, authenticator string) (login.Answer, error) {
	now := s.Now()
	l, err := login.Parse(s.Tokens, token)
	switch way {
	case string(org.Email), string(org.SMS), string(login.MailedRecovery):
	case string(org.TOTP), string(login.SavedRecovery), string(login.Bypass):
		err = ErrNotOrdered
	default:
		err = ErrMethod
	}
	if err != nil {
		return login.Answer{}, login.Refuse(ctx, s.Store, c, rule, now, err)
	}
	o := order{s: s, c: c, token: token, l: l, way: way, authenticator: authenticator, now: now}
	return user.Race(func() (login.Answer, error) { return o.once(ctx) })
}

// order is one request for a code on its way through a race.
type order struct {
	s                         *Service
	c                         access.Caller
	token, way, authenticator string
	l                         login.Login
	now                       time.Time
}

func (o order) once(ctx context.Context) (login.Answer, error) {
	snap, err := o.s.resumed(ctx, o.c, o.l, o.now)
	if err != nil {
		return login.Answer{}, err
	}
	d := o.l.Decide(snap, o.now)
	if err := o.s.admit(o.l, snap, d, o.way, o.now); errors.Is(err, login.ErrRefused) {
		return login.Answer{}, login.ErrNotSent
	} else if err != nil {
		return login.Answer{}, err
	}
	to, err := o.reach(snap)
	if err != nil {
		return login.Answer{}, err
	}
	answer := login.Answer{Token: o.token, Decision: d, Next: next(d, snap, o.now)}
	f := snap.Factors.Next()
	challenge, live := f.Open(to.purpose, o.l.ID, o.now)
	if live && bytes.Equal(challenge.Address, to.digest) && o.now.Before(f.ResendAt(to.purpose, o.now)) {
		return o.ordered(answer, challenge, f, to.words), nil
	}
	challenge = user.Challenge{
		ID: user.NewID(), Login: o.l.ID, Purpose: to.purpose, KeyID: o.s.Codes.PRFKeyID(),
		Address: to.digest, ExpiresAt: o.now.Add(user.CodeLife),
	}
	if err := f.Order(challenge, o.now); err != nil {
		return login.Answer{}, err
	}
	f.From = o.l.Origin(o.c)
	if err := login.Save(ctx, o.s.Store, user.Change{Factors: &f}); err != nil {
		return login.Answer{}, err
	}
	return o.ordered(answer, challenge, f, to.words), nil
}

// reached is what a code is for, and where it goes: by its digest and in words, because this function can open no address.
type reached struct {
	purpose user.Purpose
	digest  []byte
	words   string
}

func (o order) reach(snap login.Snapshot) (reached, error) {
	const mailbox = "recovery email"
	if o.way == string(login.MailedRecovery) {
		return reached{user.Recover, snap.Profile.Recovery(o.now).Digest, mailbox}, nil
	}
	m := org.Method(o.way)
	a, digest, found := user.Reach(*snap.Profile, snap.Factors, m, o.authenticator, o.now)
	if !found {
		return reached{}, ErrAuthenticator
	}
	to := reached{user.By(user.SignIn, m), digest, mailbox}
	if m == org.SMS {
		if err := snap.Organization.CheckSMS(a.Country); err != nil {
			return reached{}, fault.As(err).At("method")
		}
		to.words = cmp.Or(snap.Profile.Names[a.ID], "phone") // the name is the user's own
	}
	return to, nil
}

func (o order) ordered(a login.Answer, c user.Challenge, f user.Factors, to string) login.Answer {
	a.Next.SentTo, a.Next.Order = to, c.ID
	a.Next.ExpiresAt = c.ExpiresAt
	a.Next.ResendAt = f.ResendAt(c.Purpose, o.now)
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
	case d.Status == decision.Denied && d.Reason == decision.Undeliverable: // a way back may be open
	case d.Status != decision.Challenge:
		return s.changed(l, snap, now)
	}
	if mailed := way == string(org.Email) || back == login.MailedRecovery; mailed && snap.Profile.RecoveryMark(now).Stops() {
		return errUndeliverable
	}
	if recovering && back != login.Bypass && !slices.Contains(waysBack(snap, now), back) {
		return ErrWayClosed
	}
	if _, has := snap.Factors.Of(org.Method(way)); !recovering && !has {
		return ErrNotEnrolled
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
