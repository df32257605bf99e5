package enroll

import (
	"context"
	"time"

	"github.com/google/uuid"

	"twofold/pkg/access"
	"twofold/pkg/factor"
	"twofold/pkg/fault"
	"twofold/pkg/login"
	"twofold/pkg/org"
	"twofold/pkg/user"
)

// The refusals of a fresh proof. Wrong, used before and locked are one refusal, as at a login.
var (
	ErrProofRefused = login.ErrRefused.At("proof.code")
	ErrProofCode    = fault.New(fault.Unprocessable, "code_malformed", "This cannot be a code of this method.").At("proof.code")
)

// Proof is a code that an enrolled user gives anew for a change.
type Proof struct {
	Method org.Method
	Code   string
}

// Request is a change that an application asks for on an enrolled user's behalf, with the user's fresh proof.
type Request struct {
	Of             Subject
	Proof          Proof
	IdempotencyKey string
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
	repeated bool
}

func prove[T any](ctx context.Context, s *Service, c access.Caller, in Request, act user.Act, do func(proven) (T, error)) (T, error) {
	var none T
	now, id := s.Now(), uuid.NewString()
	return user.Race(func() (T, error) {
		t, err := s.proven(ctx, c, in, act, id, now)
		if err != nil {
			return none, err
		}
		return do(t)
	})
}

func (s *Service) proven(ctx context.Context, c access.Caller, in Request, act user.Act, id string, now time.Time) (proven, error) {
	snap, err := s.known(ctx, c, in.Of, rule, now)
	t := proven{Service: s, c: c, of: in.Of, now: now, snap: snap, f: snap.Factors}
	if err != nil {
		return t, err
	}
	code, ok := factor.Digits(in.Proof.Code, factor.TOTPDigits)
	if !ok || in.Proof.Method != org.TOTP {
		return t, ErrProofCode
	}
	asked := in.Of.login()
	asked.ID, asked.Application = string(act), snap.Key.Qualified()
	if t.success, t.repeated = asked.Repeated(s.Retries, t.f, code, in.IdempotencyKey); t.repeated {
		return t, nil
	}
	if t.success, t.repeated = t.f.Succeeded(id); t.repeated {
		return t, nil
	}
	switch {
	case !t.f.Enrolled():
		return t, ErrNotEnrolled
	case barred(t.f, now):
		return t, ErrProofRefused
	}
	t.f = snap.Factors.Next()
	step, err := t.f.AcceptTOTP(s.Secrets, code, now)
	if err != nil {
		return t, err
	}
	if step == 0 {
		f := snap.Factors.Next()
		f.Miss("", "", now)
		if err := login.Save(ctx, s.Store, in.Of.login().Missed(f, snap, c, now)); err != nil {
			return t, err
		}
		return t, ErrProofRefused
	}
	t.f.Throttle = t.f.Throttle.Succeed(now)
	t.success, err = asked.Success(s.Retries, id, code, in.IdempotencyKey, string(act), snap.Organization.Policy.Version, now)
	t.f.Remember(t.success)
	return t, err
}
