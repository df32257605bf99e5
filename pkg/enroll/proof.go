package enroll

import (
	"bytes"
	"context"
	"time"

	"github.com/google/uuid"

	"twofold/pkg/access"
	"twofold/pkg/fault"
	"twofold/pkg/login"
	"twofold/pkg/org"
	"twofold/pkg/user"
)

// The refusals of a fresh proof. Wrong, used before and locked are one refusal, as at a login.
var (
	ErrProofRefused = login.ErrRefused.At("proof.code")
	ErrProofCode    = fault.New(fault.Unprocessable, "code_malformed", "This cannot be a code of this method.").At("proof.code")
	ErrProofMethod  = fault.New(fault.Unprocessable, "method_unknown", "Codes of this method are not ordered, or this user has no such authenticator.").At("method")
)

// Proof is a code that an enrolled user gives anew for a change. It is used up by the change's own write, so neither a login's
// proof nor a trusted device stands in for it, and it serves one change only. A way back is no proof.
type Proof struct {
	Method org.Method
	Code   string
}

// Request is a change that an application asks for on an enrolled user's behalf, with the user's fresh proof.
type Request struct {
	Of             Subject
	Proof          Proof
	IdempotencyKey string // with one, a repetition after a lost reply is answered as the first was
}

// proven is a change on its way through a race: the proof is used up in f, which the change must write.
type proven struct {
	*Service
	c        access.Caller
	of       Subject
	now      time.Time
	snap     login.Snapshot
	f        user.Factors
	success  user.Success
	repeated bool // this very request was done before: nothing is to be written
}

// prove runs a change that needs a fresh proof for an act: in every round the state is read, what is not allowed anyway is refused
// before that costs a code, the code is judged, and do writes. Where that had been done before, do is told by repeated.
func prove[T any](
	ctx context.Context, s *Service, c access.Caller, in Request, act user.Act,
	allowed func(proven) error, do func(proven) (T, error),
) (T, error) {
	var none T
	now, id := s.Now(), uuid.NewString()
	return user.Race(func() (T, error) {
		t, err := s.proven(ctx, c, in, act, id, now, allowed)
		if err != nil {
			return none, err
		}
		return do(t)
	})
}

// proven judges caller and proof. A wrong code is counted before anyone hears of it.
func (s *Service) proven(ctx context.Context, c access.Caller, in Request, act user.Act, id string, now time.Time, allowed func(proven) error) (proven, error) {
	snap, err := s.known(ctx, c, in.Of, rule, now)
	t := proven{Service: s, c: c, of: in.Of, now: now, snap: snap, f: snap.Factors}
	if err != nil {
		return t, err
	}
	code, formed := user.CodeOf(in.Proof.Method, in.Proof.Code)
	asked := in.Of.login()
	asked.ID, asked.Application = string(act), snap.Key.Qualified()
	if t.success, t.repeated = asked.Repeated(s.Retries, t.f, code, in.IdempotencyKey); t.repeated {
		return t, nil
	}
	if t.success, t.repeated = t.f.Succeeded(id); t.repeated {
		return t, nil
	}
	if err := allowed(t); err != nil {
		return t, err
	}
	switch {
	case !t.f.Enrolled():
		return t, ErrNotEnrolled
	case barred(t.f, now):
		return t, ErrProofRefused
	case !formed:
		return t, ErrProofCode
	}
	t.f = snap.Factors.Next()
	right, err := t.f.Accept(s.keys(), *snap.Profile, act, in.Proof.Method, "", code, now)
	if err != nil {
		return t, err
	}
	if !right {
		return t, s.unproven(ctx, c, in, act, snap, now)
	}
	t.f.Throttle = t.f.Throttle.Succeed(now)
	in.Of.login().Hit(&t.f, tryOf(in, act), c, now)
	t.success, err = asked.Success(s.Retries, id, code, in.IdempotencyKey, string(act), snap.Organization.Policy.Version, now)
	t.f.Remember(t.success)
	return t, err
}

func tryOf(in Request, act user.Act) user.Try {
	return user.Try{Way: string(in.Proof.Method), For: act}
}

func (s *Service) unproven(ctx context.Context, c access.Caller, in Request, act user.Act, snap login.Snapshot, now time.Time) error {
	f := snap.Factors.Next()
	f.Miss(tryOf(in, act), user.By(act, in.Proof.Method), "", now)
	if err := login.Save(ctx, s.Store, in.Of.login().Missed(f, snap, c, now)); err != nil {
		return err
	}
	return ErrProofRefused
}

// Sent says where a code went, and until when it is good.
type Sent struct {
	Order     string // the id of the order
	To        string // masked
	ExpiresAt time.Time
	ResendAt  time.Time // the earliest time for another
}

// OrderProof sends a code for one act, by a method whose codes are sent; the authenticator is an id, or empty. Asking again within a
// minute sends nothing and answers the same.
func (s *Service) OrderProof(ctx context.Context, c access.Caller, of Subject, act user.Act, m org.Method, authenticator string) (Sent, error) {
	now := s.Now()
	return user.Race(func() (Sent, error) {
		snap, err := s.known(ctx, c, of, rule, now)
		switch {
		case err != nil:
			return Sent{}, err
		case !snap.Factors.Enrolled():
			return Sent{}, ErrNotEnrolled
		case barred(snap.Factors, now):
			return Sent{}, login.ErrNotSent
		}
		a, digest, reached := user.Reach(*snap.Profile, snap.Factors, m, authenticator, now)
		if !reached {
			return Sent{}, ErrProofMethod
		}
		if err := textable(*snap.Organization, m, a.Country); err != nil {
			return Sent{}, err
		}
		if m == org.Email && snap.Profile.RecoveryMark(now).Stops() {
			return Sent{}, login.ErrUndeliverable.At("method")
		}
		to, err := s.whereto(snap, a, now)
		if err != nil {
			return Sent{}, err
		}
		f := snap.Factors.Next()
		f.From = user.OriginOf(c.Claimed, c.Agent)
		return s.order(ctx, &f, user.By(act, m), digest, to, now)
	})
}

// order sends a code outside of any login, unless one was sent a moment ago.
func (s *Service) order(ctx context.Context, f *user.Factors, p user.Purpose, digest []byte, to string, now time.Time) (Sent, error) {
	sent, live := f.Open(p, "", now)
	if live && bytes.Equal(sent.Address, digest) && now.Before(f.ResendAt(p, now)) {
		return Sent{Order: sent.ID, To: to, ExpiresAt: sent.ExpiresAt, ResendAt: f.ResendAt(p, now)}, nil
	}
	if err := s.challenge(f, p, digest, now); err != nil {
		return Sent{}, err
	}
	err := login.Save(ctx, s.Store, user.Change{Factors: f})
	return Sent{Order: f.Ordered(p), To: to, ExpiresAt: now.Add(user.CodeLife), ResendAt: f.ResendAt(p, now)}, err
}

// challenge puts a code under way that no login ordered.
func (s *Service) challenge(f *user.Factors, p user.Purpose, digest []byte, now time.Time) error {
	return f.Order(user.Challenge{
		ID: user.NewID(), Purpose: p, KeyID: s.Codes.PRFKeyID(), Address: digest, ExpiresAt: now.Add(user.CodeLife),
	}, now)
}

// whereto shows where an authenticator's codes go, masked; empty where they are not sent.
func (s *Service) whereto(snap login.Snapshot, a user.Authenticator, now time.Time) (string, error) {
	switch a.Method {
	case org.SMS:
		return s.maskedPhone(a.Secret, snap.Profile.Organization, snap.Profile.User, a.ID)
	case org.TOTP:
		return "", nil
	}
	address := snap.Profile.Recovery(now)
	if !address.Known() {
		return "", nil
	}
	return s.masked(address, snap.Profile.Organization, snap.Profile.User)
}
