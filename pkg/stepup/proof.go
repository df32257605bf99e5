package stepup

import (
	"context"
	"slices"
	"time"

	"twofold/pkg/access"
	"twofold/pkg/fault"
	"twofold/pkg/login"
	"twofold/pkg/org"
	"twofold/pkg/user"
)

// Proof is a step of an authenticator that confirms a change, and is used up by it.
type Proof struct {
	Factors user.Factors // in which it is used up
	Step    int64
}

// ErrUnavailable refuses to take an authenticator's code from somebody who has none as a user, or none of whom we know it.
var ErrUnavailable = fault.New(fault.Unprocessable, "authenticator_unavailable",
	"There is no authenticator of yours to confirm with: use the code that was mailed to you.").At("method")

// prove judges a code of the authenticator that the administrator has as a user. It is counted with that user's own tries at login, right or
// wrong. A right one is used up by the write of the docket that this gives, and so confirms one thing, once.
func (v Visit) prove(ctx context.Context, by access.Caller, c Change, code string, now time.Time) (Visit, error) {
	snap, err := v.prover(ctx, c)
	if err != nil {
		return v, err
	}
	if err := v.open(c, now); err != nil {
		return v, err
	}
	if _, locked := snap.Factors.Throttle.Locked(now); locked || snap.Factors.Throttle.Suspended() {
		return v, ErrRefused
	}
	proof, err := v.gate.judge(snap.Factors, c, code, now)
	switch {
	case err != nil:
		return v, err
	case proof == nil:
		return v, v.missed(ctx, by, c, snap, now)
	case c.Applied == 0:
		userLogin(proof.Factors).Hit(&proof.Factors, byTOTP, by, now)
		v.Docket.Proof = proof
	}
	return v, nil
}

// byTOTP is what the sign-in log of the user says of a code.
var byTOTP = user.Try{Way: string(org.TOTP), For: user.StepUp}

// userLogin stands for what the administrator does as a user, outside of any login.
func userLogin(f user.Factors) login.Login {
	return login.Login{Organization: f.Organization, User: f.User}
}

// judge gives what a right code proves; nil: it is wrong. For a change that is applied the one code is right that was
// used up for it, so that whoever lost the reply gets it again, and nobody learns of any other.
func (g Gate) judge(f user.Factors, c Change, code string, now time.Time) (*Proof, error) {
	if c.Applied != 0 {
		used, err := f.UsedTOTP(g.Secrets, code, c.Step)
		if err != nil || !used {
			return nil, err
		}
		return &Proof{Factors: f, Step: c.Step}, nil
	}
	next := f.Next()
	step, err := next.AcceptTOTP(g.Secrets, code, now)
	if err != nil || step == 0 {
		return nil, err
	}
	next.Throttle = next.Throttle.Succeed(now)
	return &Proof{Factors: next, Step: step}, nil
}

// prover reads the user whose authenticator may confirm a change: the one whom the administrator is now or, of a change
// that is applied, the one who confirmed it.
func (v Visit) prover(ctx context.Context, c Change) (login.Snapshot, error) {
	id := v.Administrator.User
	if c.Prover != "" {
		id = c.Prover
	}
	if v.Administrator.Organization == "" || id == "" {
		return login.Snapshot{}, ErrUnavailable
	}
	snap, err := v.user(ctx, id)
	if err == nil && (snap.Profile == nil || !slices.Contains(snap.Factors.Methods(), org.TOTP)) {
		err = ErrUnavailable
	}
	return snap, err
}

// missed counts a wrong code before anyone hears of it: against the change and the administrator and, as at a login, against the user. The one
// that suspends the authenticator is told as there.
func (v Visit) missed(ctx context.Context, by access.Caller, c Change, snap login.Snapshot, now time.Time) error {
	next := snap.Factors.Next()
	next.Miss(byTOTP, "", "", now)
	of := userLogin(next)
	if err := v.gate.Store.WriteWithDocket(ctx, of.Missed(next, snap, by, now), v.Docket.miss(c.ID, now)); err != nil {
		return fault.Down(err)
	}
	return ErrRefused
}
