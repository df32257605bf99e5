package report

import (
	"context"
	"time"

	"twofold/pkg/fault"
	"twofold/pkg/user"
)

// CountStore keeps the counts of each organisation.
type CountStore interface {
	// Counted is how a user stands in the counts, strongly consistent; Rev 0 if not at all yet.
	Counted(ctx context.Context, organization, user string) (user.Counted, error)
	// Count moves a user from one class to another, or into none, in one transaction, if the user still stands as before
	// says, and user.ErrConflict otherwise.
	Count(ctx context.Context, before, after user.Counted, now time.Time) error
}

// Counter keeps the counts from the stream of profiles.
type Counter struct {
	Store CountStore
	Now   func() time.Time
}

// Observe counts a profile as it was written, a tombstone in no class. Records may come twice, late or out of
// order: only a later revision than the one counted changes anything.
func (c *Counter) Observe(ctx context.Context, p user.Profile) error {
	_, err := user.Race(func() (struct{}, error) {
		before, err := c.Store.Counted(ctx, p.Organization, p.User)
		if err != nil {
			return struct{}{}, fault.Down(err)
		}
		if before.Rev >= p.Rev {
			return struct{}{}, nil
		}
		if err := c.Store.Count(ctx, before, p.Counted(), c.Now()); err != nil {
			return struct{}{}, fault.Down(err)
		}
		return struct{}{}, nil
	})
	return err
}
