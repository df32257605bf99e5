package enroll

import (
	"context"

	"twofold/pkg/access"
	"twofold/pkg/audit"
	"twofold/pkg/login"
	"twofold/pkg/user"
)

// DeliverableRule is what saying that mail arrives again demands of a key.
func DeliverableRule() access.Rule { return withdrawRule }

// Deliverable says that mail to a user's addresses arrives again, when an administrator has seen to that: what was heard against them
// before does not count any more, late repetitions of it neither. Where nothing is known against them nothing is written.
func (s *Service) Deliverable(ctx context.Context, c access.Caller, of Subject) error {
	now := s.Now()
	_, err := user.Race(func() (struct{}, error) {
		snap, err := s.known(ctx, c, of, withdrawRule, now)
		if err != nil {
			return struct{}{}, err
		}
		next := snap.Profile.Next()
		if !next.Clear(now) {
			return struct{}{}, nil
		}
		event := of.event(audit.UserDeliverable, snap, c, now)
		return struct{}{}, login.Save(ctx, s.Store, user.Change{Profile: &next, Events: []audit.Event{event}})
	})
	return err
}
