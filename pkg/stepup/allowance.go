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

// Allowance is how many more users of an organisation an administrator may exempt or reset than FreeUsers, until a time. The one
// that was given in an impersonation is good in that session alone.
type Allowance struct {
	Left         int
	Until        time.Time
	Organization string
	Session      string
}

// ErrAllowance refuses to exempt or reset more users than an administrator may without a second word.
var ErrAllowance = fault.New(fault.Conflict, "step_up_required",
	"More than 10 users within an hour are exempted or reset with a step-up only: propose how many at allowances/changes, and confirm it with the code that is mailed to you.")

// Allow gives the allowance that a change was about in place of what is left of an earlier one.
func (d Docket) Allow(n int, c Change, now time.Time) Docket {
	d.Allowance = Allowance{Left: n, Until: now.Add(AllowanceLasts), Organization: c.Organization, Session: c.Session}
	return d
}

// take counts n users of an organisation as exempted or reset: within what is free, whatever the organisation, and then from the
// allowance. false: it is too much, and nothing was taken.
func (d Docket) take(n int, organization, session string, now time.Time) (Docket, bool) {
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
	if free == n {
		return next, true
	}
	a := &next.Allowance
	a.Left -= n - free
	return next, a.Organization == organization && a.Session == session && a.Left >= 0
}

// spare is how many more users of an organisation take would count.
func (d Docket) spare(organization, session string, now time.Time) int {
	n := FreeUsers
	for _, at := range d.Freed {
		if now.Sub(at) < FreeWindow {
			n--
		}
	}
	if a := d.Allowance; now.Before(a.Until) && a.Organization == organization && a.Session == session {
		n += a.Left
	}
	return n
}

// Spare is how many more users of an organisation Free would let exempt or reset now: for what is said before. Another may be faster.
func (g Gate) Spare(ctx context.Context, k *access.Key, organization string, now time.Time) (int, error) {
	home, holder := k.Home()
	stored, err := g.Store.Docket(ctx, home, holder)
	if err != nil {
		return 0, fault.Down(err)
	}
	if stored == nil {
		stored = &Docket{}
	}
	return stored.spare(organization, sessionOf(k), now), nil
}

// Free asks for the right to exempt or reset n users of an organisation. The docket that it gives counts them, and must be written in one
// transaction with the first of them: WriteWithDocket. ErrAllowance if they are too many.
func (g Gate) Free(ctx context.Context, k *access.Key, organization string, n int, now time.Time) (Docket, error) {
	home, holder := k.Home()
	stored, err := g.Store.Docket(ctx, home, holder)
	if err != nil {
		return Docket{}, fault.Down(err)
	}
	if stored == nil {
		stored = &Docket{Organization: home, Administrator: holder}
	}
	next, enough := stored.take(n, organization, sessionOf(k), now)
	if !enough {
		return Docket{}, ErrAllowance
	}
	return next, nil
}
