package enroll

import (
	"context"
	"errors"

	"twofold/pkg/fault"
	"twofold/pkg/login"
	"twofold/pkg/user"
)

// carryOut writes what was planned, as many users at once as a transaction takes. Where somebody else wrote one of them meanwhile,
// each of the group is written alone. Groups follow each other: their events go to one log and their users to three indexes of one
// organisation, and a tenant must not take those from its own logins.
func (b *batch) carryOut(ctx context.Context) error {
	for plans := b.plans; len(plans) > 0; {
		n := fitting(plans)
		if err := b.together(ctx, plans[:n]); err != nil {
			return err
		}
		plans = plans[n:]
	}
	switch {
	case b.lost && b.written:
		return fault.Down(errOvertaken)
	case b.lost:
		return user.ErrConflict
	}
	return nil
}

// fitting is how many plans one transaction takes.
func fitting(plans []plan) int {
	parts := 0
	for n, p := range plans {
		if parts += p.change.Parts(); parts > MaxParts {
			return n
		}
	}
	return len(plans)
}

func (b *batch) together(ctx context.Context, plans []plan) error {
	changes := make([]user.Change, len(plans))
	for n, p := range plans {
		changes[n] = p.change
	}
	err := b.Store.WriteMany(ctx, changes)
	if err == nil {
		b.written = true
	}
	if !errors.Is(err, user.ErrConflict) {
		return down(err)
	}
	for _, p := range plans {
		if err := b.alone(ctx, p); err != nil {
			return err
		}
	}
	return nil
}

// alone writes one user, first as planned and then as the user stands.
func (b *batch) alone(ctx context.Context, p plan) error {
	first := true
	_, err := user.Race(func() (struct{}, error) {
		change := &p.change
		if !first {
			snap, err := login.Load(ctx, b.Store, b.c, usersRule, b.snap.Organization.ID, b.lines[p.line].User, b.now)
			if err != nil {
				return struct{}{}, err
			}
			change, err = b.decide(p.line, user.Member{Profile: snap.Profile, Tombstone: snap.Tombstone, Factors: snap.Factors})
			if err != nil || change == nil {
				return struct{}{}, err
			}
		}
		first = false
		if err := b.Store.Write(ctx, *change); err != nil {
			return struct{}{}, err
		}
		b.written = true
		return struct{}{}, nil
	})
	if errors.Is(err, user.ErrConflict) {
		b.lost = true
		return nil
	}
	return down(err)
}

// down is fault.Down of a failure.
func down(err error) error {
	if err == nil {
		return nil
	}
	return fault.Down(err)
}
