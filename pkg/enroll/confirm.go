package enroll

import (
	"context"
	"time"

	"github.com/google/uuid"

	"twofold/pkg/access"
	"twofold/pkg/audit"
	"twofold/pkg/factor"
	"twofold/pkg/login"
	"twofold/pkg/user"
)

// Confirmation is the first code of what an enrolled user is changing. The proof was given when the change began.
type Confirmation struct {
	Of             Subject
	Code           string
	Name           string // of the authenticator, one line; may be empty
	IdempotencyKey string
}

// ConfirmAuthenticator makes the authenticator that waits active, if its first code is right.
func (s *Service) ConfirmAuthenticator(ctx context.Context, c access.Caller, in Confirmation) (Authenticator, error) {
	return confirmed(ctx, s, c, in, func(t *confirmation) (Authenticator, error) {
		if t.repeated {
			return s.one(t.snap, t.success.Way, t.now)
		}
		e, waits := changing(t.snap.Factors, t.now)
		if !waits || e.AuthenticatorID == "" {
			return Authenticator{}, ErrPending
		}
		if err := choosable(*t.snap.Organization, e.Of()); err != nil {
			return Authenticator{}, err // the policy moved since it was begun
		}
		t.purpose = ""
		if user.Mails(e.Of()) {
			t.purpose = user.By(user.Confirm, e.Of())
		}
		code, ok := user.CodeOf(e.Of(), in.Code)
		if !ok {
			return Authenticator{}, ErrCode
		}
		active, right, err := s.works(&t.f, e, t.snap.Profile.Recovery(t.now), "", code, t.now)
		if err != nil || !right {
			return Authenticator{}, t.wrong(ctx, err)
		}
		t.f.Authenticators = append(t.f.Authenticators, active)
		profile := t.snap.Profile.Next()
		profile.Call(active.ID, in.Name)
		profile.Enrolled(t.f)
		named := t.snap
		named.Profile = &profile
		event := in.Of.aboutAuthenticator(audit.AuthenticatorAdded, active, named, c, t.now)
		if err := t.save(ctx, active.ID, profile, event); err != nil {
			return Authenticator{}, err
		}
		return s.one(login.Snapshot{Factors: t.f, Profile: &profile}, active.ID, t.now)
	})
}

// confirmation is a first code on its way through a race.
type confirmation struct {
	*Service
	c        access.Caller
	in       Confirmation
	asked    login.Login
	code     string // the digits
	id       string
	now      time.Time
	snap     login.Snapshot
	f        user.Factors
	purpose  user.Purpose // that a wrong code counts against
	success  user.Success
	repeated bool
}

func confirmed[T any](ctx context.Context, s *Service, c access.Caller, in Confirmation, do func(*confirmation) (T, error)) (T, error) {
	var none T
	now, id := s.Now(), uuid.NewString()
	return user.Race(func() (T, error) {
		t := confirmation{Service: s, c: c, in: in, id: id, now: now}
		if err := t.load(ctx); err != nil {
			return none, err
		}
		return do(&t)
	})
}

func (t *confirmation) load(ctx context.Context) error {
	var err error
	if t.snap, err = t.known(ctx, t.c, t.in.Of, rule, t.now); err != nil {
		return err
	}
	var ok bool
	if t.code, ok = eitherCode(t.in.Code); !ok {
		return ErrCode
	}
	t.asked = t.in.Of.login()
	t.asked.ID, t.asked.Application = string(user.Confirm), t.snap.Key.Qualified()
	if t.success, t.repeated = t.asked.Repeated(t.Retries, t.snap.Factors, t.code, t.in.IdempotencyKey); t.repeated {
		return nil
	}
	if t.success, t.repeated = t.snap.Factors.Succeeded(t.id); t.repeated {
		return nil
	}
	if barred(t.snap.Factors, t.now) {
		return ErrRefused
	}
	t.f = t.snap.Factors.Next()
	return nil
}

// wrong counts a wrong code, unless judging it failed.
func (t *confirmation) wrong(ctx context.Context, err error) error {
	if err != nil {
		return err
	}
	f := t.snap.Factors.Next()
	f.Miss(tryFor(t.purpose), t.purpose, "", t.now)
	return t.refuse(ctx, t.in.Of.login().Missed(f, t.snap, t.c, t.now))
}

// save writes a change whose code was right. What it is remembered by for a repetition is the id of what it made.
func (t *confirmation) save(ctx context.Context, made string, profile user.Profile, event audit.Event) error {
	success, err := t.asked.Success(t.Retries, t.id, t.code, t.in.IdempotencyKey, made, t.snap.Organization.Policy.Version, t.now)
	if err != nil {
		return err
	}
	t.f.Enrollment = nil
	t.f.Throttle = t.f.Throttle.Succeed(t.now)
	t.in.Of.login().Hit(&t.f, tryFor(t.purpose), t.c, t.now)
	t.f.Remember(success)
	event.Notify = true
	return login.Save(ctx, t.Store, user.Change{Factors: &t.f, Profile: &profile, Events: []audit.Event{event}})
}

// ResendConfirmation sends the code that is awaited once more, within the limits.
func (s *Service) ResendConfirmation(ctx context.Context, c access.Caller, of Subject) (Sent, error) {
	now := s.Now()
	return user.Race(func() (Sent, error) {
		snap, err := s.known(ctx, c, of, rule, now)
		if err != nil {
			return Sent{}, err
		}
		e, waits := changing(snap.Factors, now)
		switch {
		case !waits || e.AuthenticatorID != "" && !user.Mails(e.Of()):
			return Sent{}, ErrPending
		case barred(snap.Factors, now):
			return Sent{}, login.ErrNotSent
		}
		return s.resend(ctx, snap, e, user.OriginOf(c.Claimed, c.Agent), now)
	})
}

func (s *Service) resend(ctx context.Context, snap login.Snapshot, e user.Enrollment, from user.Origin, now time.Time) (Sent, error) {
	f := snap.Factors.Next()
	f.From = from
	if e.AuthenticatorID == "" {
		masked, err := s.masked(user.Contact{Sealed: e.RecoveryEmail}, f.Organization, f.User)
		if err != nil {
			return Sent{}, err
		}
		return s.order(ctx, &f, user.VerifyRecovery, e.RecoveryDigest, masked, now)
	}
	if err := textable(*snap.Organization, e.Of(), e.Country); err != nil {
		return Sent{}, err
	}
	masked, err := s.whereto(snap, user.Authenticator{ID: e.AuthenticatorID, Method: e.Of(), Secret: e.Secret}, now)
	if err != nil {
		return Sent{}, err
	}
	return s.order(ctx, &f, user.By(user.Confirm, e.Of()), reached(e, snap.Profile.Recovery(now)), masked, now)
}

// digits reads a mailed code.
func digits(typed string) (string, bool) { return factor.Digits(typed, factor.MailedDigits) }
