package stepup

import (
	"context"
	"time"

	"twofold/pkg/access"
	"twofold/pkg/fault"
)

// How many users an administrator may exempt or reset without a second word (design §3), and with one.
const (
	FreeUsers      = 10
	FreeWindow     = time.Hour
	MaxAllowance   = 1000
	AllowanceLasts = time.Hour
)

// Allowance is how many more users an administrator may exempt or reset than FreeUsers, until a time.
type Allowance struct {
	Left  int
	Until time.Time
}

// ErrAllowance refuses to exempt or reset more users than an administrator may without a second word.
var ErrAllowance = fault.New(fault.Conflict, "step_up_required",
	"More than 10 users within an hour are exempted or reset with a step-up only: propose how many at allowances/changes, and confirm it with the code that is mailed to you.")

// Allow gives an allowance in place of what is left of an earlier one.
func (d Docket) Allow(n int, now time.Time) Docket {
	d.Allowance = Allowance{Left: n, Until: now.Add(AllowanceLasts)}
	return d
}

// take counts n users as exempted or reset: within what is free, and then from the allowance. false: it is too much, and
// nothing was taken.
func (d Docket) take(n int, now time.Time) (Docket, bool) {
	next := d.next()
	next.Freed = nil
	for _, at := range d.Freed {
		if now.Sub(at) < FreeWindow {
			next.Freed = append(next.Freed, at)
		}
	}
	if !now.Before(next.Allowance.Until) {
		next.Allowance = Allowance{}
	}
	free := min(n, FreeUsers-len(next.Freed))
	for range free {
		next.Freed = append(next.Freed, now)
	}
	next.Allowance.Left -= n - free
	return next, next.Allowance.Left >= 0
}

// Free asks for the right to exempt or reset n users. The docket that it gives counts them, and must be written in one
// transaction with the first of them: WriteFreeing. ErrAllowance if they are too many.
func (g Gate) Free(ctx context.Context, k *access.Key, n int, now time.Time) (Docket, error) {
	organization, holder := k.Home()
	stored, err := g.Store.Docket(ctx, organization, holder)
	if err != nil {
		return Docket{}, fault.Down(err)
	}
	if stored == nil {
		stored = &Docket{Organization: organization, Administrator: holder}
	}
	next, enough := stored.take(n, now)
	if !enough {
		return Docket{}, ErrAllowance
	}
	return next, nil
}
