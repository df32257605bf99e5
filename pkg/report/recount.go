package report

import (
	"context"
	"time"

	"twofold/pkg/fault"
	"twofold/pkg/user"
)

// RecountStore lets the counts of an organisation be made anew.
type RecountStore interface {
	// BeginRecount holds the counts until a time: meanwhile nobody counts, and records that would wait. false: somebody else holds them.
	BeginRecount(ctx context.Context, organization, by string, now, until time.Time) (bool, error)
	// KeepRecount holds them for longer. false: they are not held any more.
	KeepRecount(ctx context.Context, organization, by string, now, until time.Time) (bool, error)
	// Standing gives users in the order of their ids, from an index that is a moment behind, each as the profile stands and as it was counted,
	// strongly consistent. next is where to go on; empty after the last.
	Standing(ctx context.Context, organization, after string, limit int) (found []Standing, next string, err error)
	// Recounted writes how users are counted, where what stands is not of a later revision.
	Recounted(ctx context.Context, users []user.Counted) error
	// EndRecount replaces the counts, and who waits since which day, and lets go of them. user.ErrConflict if they are not held any more.
	EndRecount(ctx context.Context, by string, now time.Time, tally user.Tally, days []user.DayCounts) error
}

// Standing is a user as it is and as it was counted.
type Standing struct {
	Is  user.Counted // of the profile or the tombstone
	Was user.Counted
}

// Recounted is what a recount found.
type Recounted struct {
	Users   int64
	Mended  int64       // were not counted as they are
	Counts  user.Counts // as they are now
	Differs bool        // the counts were not the sum of the users
}

// Recounter makes counts anew from the users themselves.
type Recounter struct {
	Store interface {
		RecountStore
		Counts(ctx context.Context, organization string) (user.Counts, error)
	}
	Now func() time.Time
	// Wait lets what was written before the counts were held arrive in the index.
	Wait func(ctx context.Context) error
}

// ErrHeld says that somebody else is counting the organisation anew.
var ErrHeld = fault.New(fault.Conflict, "recounting", "The counts of this organisation are being made anew already.")

// ErrLost says that the counts were not held for as long as it took.
var ErrLost = fault.New(fault.Conflict, "recount_lost", "Somebody counted meanwhile. Begin again.")

const (
	held           = 2 * time.Minute // for the next piece
	standingAtOnce = 500
)

// Recount makes an organisation's counts anew. Nobody's request waits for it: the projector alone does. One that is broken off holds the counts
// for two minutes at most, and is to be begun again: users whom it has mended are not in them.
func (r *Recounter) Recount(ctx context.Context, organization, by string) (Recounted, error) {
	now := r.Now()
	free, err := r.Store.BeginRecount(ctx, organization, by, now, now.Add(held))
	if err != nil {
		return Recounted{}, fault.Down(err)
	}
	if !free {
		return Recounted{}, ErrHeld
	}
	if err := r.Wait(ctx); err != nil {
		return Recounted{}, err
	}
	before, err := r.Store.Counts(ctx, organization)
	if err != nil {
		return Recounted{}, fault.Down(err)
	}
	c := census{result: Recounted{Counts: user.Counts{AsOf: now, ByClass: map[user.Class]int64{}}}, waiting: map[user.Day]map[user.Class]int64{}}
	if err := r.take(ctx, organization, by, &c); err != nil {
		return Recounted{}, err
	}
	c.result.Differs = !before.Equal(c.result.Counts)
	tally := user.Tally{Organization: organization, Counts: c.result.Counts}
	if err := r.Store.EndRecount(ctx, by, r.Now(), tally, c.days()); err != nil {
		return Recounted{}, fault.Down(err)
	}
	return c.result, nil
}

// take goes through all users.
func (r *Recounter) take(ctx context.Context, organization, by string, c *census) error {
	for after := ""; ; {
		kept, err := r.Store.KeepRecount(ctx, organization, by, r.Now(), r.Now().Add(held))
		if err != nil {
			return fault.Down(err)
		}
		if !kept {
			return ErrLost
		}
		found, next, err := r.Store.Standing(ctx, organization, after, standingAtOnce)
		if err != nil {
			return fault.Down(err)
		}
		var mended []user.Counted
		for _, s := range found {
			c.count(s.Is)
			if s.Was != s.Is {
				mended = append(mended, s.Is)
			}
		}
		c.result.Mended += int64(len(mended))
		if len(mended) > 0 {
			if err := r.Store.Recounted(ctx, mended); err != nil {
				return fault.Down(err)
			}
		}
		if after = next; after == "" {
			return nil
		}
	}
}

// census is what a recount has seen.
type census struct {
	result  Recounted
	waiting map[user.Day]map[user.Class]int64
}

func (c *census) count(u user.Counted) {
	if !u.In() {
		return
	}
	c.result.Users++
	c.result.Counts.ByClass[u.Class]++
	if u.Waits() {
		if c.waiting[u.Registered] == nil {
			c.waiting[u.Registered] = map[user.Class]int64{}
		}
		c.waiting[u.Registered][u.Class]++
	}
}

func (c *census) days() []user.DayCounts {
	var days []user.DayCounts
	for day, waiting := range c.waiting {
		days = append(days, user.DayCounts{Day: day, Waiting: waiting})
	}
	return days
}
