package policy

import (
	"context"
	"time"

	"twofold/pkg/access"
	"twofold/pkg/audit"
	"twofold/pkg/login"
	"twofold/pkg/user"
)

// ExtendGrace gives one user a later deadline, which all administrators are told of. It never shortens: the later of the
// policy's deadline and this one holds. Setting what stands already changes nothing.
func (s *Service) ExtendGrace(ctx context.Context, c access.Caller, of Subject, want user.Grace) (Enforced, error) {
	now := s.Now()
	return user.Race(func() (Enforced, error) {
		snap, err := s.member(ctx, c, EnforceRule, of, now)
		if err != nil {
			return Enforced{}, err
		}
		before := snap.Profile.Grace
		if err := want.Check(before, now); err != nil {
			return Enforced{}, err
		}
		if want.Same(before) {
			return Enforced{Standing: standing(snap, now)}, nil
		}
		want.SetBy, want.SetAt = snap.Key.Who(), now
		event := graceEvent(audit.GraceExtended, snap, c, want, now)
		event.Reason, event.Notify = want.Reason, want.Until.After(before.Until)
		return s.saveGrace(ctx, snap, want, event, now)
	})
}

// EndGrace takes an extension away. What was issued to a user whom it still gave time is good no more.
func (s *Service) EndGrace(ctx context.Context, c access.Caller, of Subject) error {
	now := s.Now()
	_, err := user.Race(func() (Enforced, error) {
		snap, err := s.member(ctx, c, EnforceRule, of, now)
		if err != nil || snap.Profile.Grace == (user.Grace{}) {
			return Enforced{}, err
		}
		return s.saveGrace(ctx, snap, user.Grace{}, graceEvent(audit.GraceEnded, snap, c, user.Grace{}, now), now)
	})
	return err
}

func (s *Service) saveGrace(ctx context.Context, snap login.Snapshot, want user.Grace, event audit.Event, now time.Time) (Enforced, error) {
	profile := snap.Profile.Next()
	profile.Grace = want
	change := user.Change{Profile: &profile, Events: []audit.Event{event}}
	if snap.Profile.Grace.Live(now) && !want.Live(now) {
		change = stricter(change, snap)
	}
	if err := login.Save(ctx, s.Store, change); err != nil {
		return Enforced{}, err
	}
	return Enforced{Standing: standing(changed(snap, change), now), Changed: true}, nil
}

func graceEvent(kind audit.Kind, snap login.Snapshot, c access.Caller, want user.Grace, now time.Time) audit.Event {
	event := about(*snap.Profile).Event(kind, snap, c, now)
	event.Details = map[string]string{"deadline": deadlineTold(snap.Profile.Grace) + " → " + deadlineTold(want)}
	return event
}

// deadlineTold writes an extension for people.
func deadlineTold(g user.Grace) string {
	if g.Until.IsZero() {
		return "as the policy says"
	}
	return audit.InWords(g.Until)
}
