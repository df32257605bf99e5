package enroll

import (
	"context"
	"time"

	"twofold/pkg/access"
	"twofold/pkg/audit"
	"twofold/pkg/decision"
	"twofold/pkg/fault"
	"twofold/pkg/login"
	"twofold/pkg/stepup"
	"twofold/pkg/user"
)

var resetRule = access.Rule{Roles: []access.Role{access.OrganizationAdministrator}, Permission: access.UsersReset}

// ResetRule is what a reset demands of a key.
func ResetRule() access.Rule { return resetRule }

// The refusals of a switch-off and a reset.
var (
	ErrObliged     = fault.New(fault.Conflict, "two_factor_required", "This user must keep a second factor.")
	ErrNotEnrolled = fault.New(fault.Conflict, "not_enrolled", "This user has no second factor.")
)

// Subject is the user that an operation is about.
type Subject struct {
	Organization string
	User         string
	// Epoch binds what a page asks for to the factors that the user had when it was opened: login.ErrEnded from the moment on that a reset, a
	// switch-off or a changed password has raised theirs. nil: it is asked for by itself.
	Epoch *int64
}

// stands judges whether there is such a user, and whether what is asked for is bound to a state that has gone.
func (of Subject) stands(snap login.Snapshot) error {
	switch {
	case snap.Profile == nil:
		return access.ErrNotFound
	case of.Epoch != nil && *of.Epoch != snap.Factors.Epoch:
		return login.ErrEnded
	}
	return nil
}

// Status is how a user stands after a change.
type Status struct {
	Organization string
	User         string
	Enrolled     bool
	Decision     decision.Decision // of the next login in a browser
}

// Disable switches a user's second factor off: where nothing obliges the user, and with a fresh proof, used up by the same write.
func (s *Service) Disable(ctx context.Context, c access.Caller, in Request) (Status, error) {
	return prove(ctx, s, c, in, user.SwitchOff, proven.free, func(t proven) (Status, error) {
		if t.repeated {
			return status(t.snap, t.now), nil
		}
		off := t.snap.Factors.Wipe()
		off.Tried = t.f.Tried
		if len(t.success.Tag) > 0 { // otherwise nobody can ask again
			off.Remember(t.success)
		}
		event := in.Of.event(audit.UserDisabled, t.snap, c, t.now)
		return s.remove(t.snap, off, event, t.now, func(change user.Change) error { return s.Store.Write(ctx, change) })
	})
}

// free refuses whom something obliges to have a second factor.
func (t proven) free() error {
	state := login.State(t.snap, decision.Web, t.now)
	if state.Obliged(t.now) {
		return ErrObliged.With(login.Answer{Decision: decision.Decide(state, t.now)})
	}
	return nil
}

// barred reports whether no code is evaluated now. The decision does not tell: it lets an exempt user in, and
// everybody where the policy is disabled, before it looks at locks.
func barred(f user.Factors, now time.Time) bool {
	_, locked := f.Throttle.Locked(now)
	return locked || f.Throttle.Suspended()
}

// Reset takes every factor of a user away, for an administrator with a reason. The recovery email
// stays unless it is to be cleared; the user enrols again at the next login and is told. Beyond so many users in an hour it needs a step-up:
// stepup.ErrAllowance.
func (s *Service) Reset(ctx context.Context, c access.Caller, of Subject, reason string, clear bool) (Status, error) {
	now := s.Now()
	return user.Race(func() (Status, error) {
		snap, err := s.known(ctx, c, of, resetRule, now)
		if err != nil {
			return Status{}, err
		}
		docket, err := stepup.Gate{Store: s.Store}.Free(ctx, snap.Key, of.Organization, 1, now)
		if err != nil {
			return Status{}, err
		}
		event := of.event(audit.UserReset, snap, c, now)
		event.Reason = reason
		if clear {
			cleared := *snap.Profile
			cleared.RecoveryEmail, cleared.RecoveryDigest, cleared.NextRecovery = nil, nil, user.NextContact{}
			snap.Profile, event.Details = &cleared, map[string]string{"recovery_email": "cleared"}
		}
		return s.remove(snap, snap.Factors.Reset(), event, now, func(change user.Change) error {
			return s.Store.WriteWithDocket(ctx, change, docket)
		})
	})
}

// known reads a user who must exist.
func (s *Service) known(ctx context.Context, c access.Caller, of Subject, r access.Rule, now time.Time) (login.Snapshot, error) {
	snap, err := login.Load(ctx, s.Store, c, r, of.Organization, of.User, now)
	if err == nil {
		err = of.stands(snap)
	}
	return snap, err
}

// remove writes a state without factors: whatever was issued before dies with the raised epoch.
func (s *Service) remove(snap login.Snapshot, f user.Factors, event audit.Event, now time.Time, write func(user.Change) error) (Status, error) {
	profile := snap.Profile.Next()
	profile.Settle(now) // an address that waits was to come into force by a proof that is gone
	profile.Enrolled(f)
	profile.EnrolledAt, profile.SuspendedAt = time.Time{}, time.Time{}
	event.Notify = true
	change := user.Change{Factors: &f, Profile: &profile, Events: []audit.Event{event}, NoAppPasswords: true}
	if err := write(change); err != nil {
		return Status{}, fault.Down(err)
	}
	snap.Factors, snap.Profile = f, &profile
	return status(snap, now), nil
}

func status(snap login.Snapshot, now time.Time) Status {
	d := decision.Decide(login.State(snap, decision.Web, now), now)
	return Status{Organization: snap.Profile.Organization, User: snap.Profile.User, Enrolled: snap.Factors.Enrolled(), Decision: d}
}

func (s *Service) refuse(ctx context.Context, miss user.Change) error {
	if err := login.Save(ctx, s.Store, miss); err != nil {
		return err
	}
	return ErrRefused
}

func (of Subject) event(kind audit.Kind, snap login.Snapshot, c access.Caller, now time.Time) audit.Event {
	return of.login().Event(kind, snap, c, now)
}

// login stands for what is done to a user outside of any login.
func (of Subject) login() login.Login {
	return login.Login{Organization: of.Organization, User: of.User}
}
