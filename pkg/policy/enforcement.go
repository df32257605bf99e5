package policy

import (
	"context"
	"time"

	"twofold/pkg/access"
	"twofold/pkg/audit"
	"twofold/pkg/fault"
	"twofold/pkg/login"
	"twofold/pkg/user"
)

// Enforced is how a user stands after something was set for that user alone.
type Enforced struct {
	Standing
	Changed bool // false: it stood already, and nothing was written
}

// Enforcement gives how a user stands, with what was set for that user alone.
func (s *Service) Enforcement(ctx context.Context, c access.Caller, of Subject) (Standing, error) {
	now := s.Now()
	snap, err := s.member(ctx, c, EnforceRule, of, now)
	if err != nil {
		return Standing{}, err
	}
	return standing(snap, now), nil
}

// Enforce requires a second factor of one user, exempts that user, or clears what was set. Setting what stands already
// changes nothing. An exemption is told to all administrators. Beyond so many users in an hour it needs a step-up:
// stepup.ErrAllowance.
func (s *Service) Enforce(ctx context.Context, c access.Caller, of Subject, want user.Enforcement) (Enforced, error) {
	now := s.Now()
	return user.Race(func() (Enforced, error) {
		snap, err := s.member(ctx, c, EnforceRule, of, now)
		if err != nil {
			return Enforced{}, err
		}
		if err := want.Check(snap.Organization.Entitlements, now); err != nil {
			return Enforced{}, err
		}
		change := enforcement(snap, c, want, now)
		if change == nil {
			return Enforced{Standing: standing(snap, now)}, nil
		}
		change.Events[0].Notify = frees(snap, want, now)
		save := func() error { return login.Save(ctx, s.Store, *change) }
		if change.Events[0].Notify {
			save = func() error { return s.free(ctx, snap.Key, *change, 1, now) }
		}
		if err := save(); err != nil {
			return Enforced{}, err
		}
		return Enforced{Standing: standing(changed(snap, *change), now), Changed: true}, nil
	})
}

// free writes a change that exempts a user, with the docket that counts n of them.
func (s *Service) free(ctx context.Context, k *access.Key, change user.Change, n int, now time.Time) error {
	docket, err := s.gate().Free(ctx, k, change.Profile.Organization, n, now)
	if err != nil {
		return err
	}
	if err := s.Store.WriteWithDocket(ctx, change, docket); err != nil {
		return fault.Down(err)
	}
	return nil
}

// enforcement is the change that makes want stand for a user, with its one event; nil where it stands already.
func enforcement(snap login.Snapshot, c access.Caller, want user.Enforcement, now time.Time) *user.Change {
	before := snap.Profile.Enforcement
	if want.Same(before) {
		return nil
	}
	profile := snap.Profile.Next()
	want.SetBy, want.SetAt = snap.Key.Who(), now
	profile.Enforcement = want
	event := about(*snap.Profile).Event(enforcementKinds[want.Kind], snap, c, now)
	event.Reason, event.Details = want.Reason, map[string]string{"enforcement": told(before) + " → " + told(want)}
	change := user.Change{Profile: &profile, Events: []audit.Event{event}}
	if want.Stricter(before, now) {
		change = stricter(change, snap)
	}
	return &change
}

var enforcementKinds = map[user.EnforcementKind]audit.Kind{
	user.Required: audit.UserRequired, user.Exempt: audit.UserExempted, user.Inherit: audit.UserInherits,
}

// told writes an enforcement for people.
func told(e user.Enforcement) string {
	switch e.Kind {
	case user.Exempt:
		return "exempt until " + audit.InWords(e.Until)
	case user.Inherit:
		return "inherit"
	}
	return string(e.Kind)
}

func frees(snap login.Snapshot, want user.Enforcement, now time.Time) bool {
	return want.Frees(snap.Profile.Enforcement, now)
}

// changed is what would be read after a change.
func changed(snap login.Snapshot, change user.Change) login.Snapshot {
	snap.Profile = change.Profile
	if change.Factors != nil {
		snap.Factors = *change.Factors
	}
	return snap
}

// about stands for what is done to a user outside of any login.
func about(p user.Profile) login.Login {
	return login.Login{Organization: p.Organization, User: p.User}
}
