package policy

import (
	"context"
	"errors"
	"strconv"
	"sync"
	"time"

	"twofold/pkg/access"
	"twofold/pkg/audit"
	"twofold/pkg/fault"
	"twofold/pkg/login"
	"twofold/pkg/user"
)

// MaxLines is how many users one call may be about.
const MaxLines = 1000

// writers are the transactions under way at once: 1,000 take about two seconds, and a tenant cannot take the table's
// whole capacity with one call.
const writers = 16

// Line is what a call for many wants of one of them. Malformed says what was wrong with its form, where something was.
type Line struct {
	User      string
	Want      user.Enforcement
	Malformed error
}

// LineResult is what became of a line, in the place of that line. Err is a fault; its field is one of the line's own.
type LineResult struct {
	Changed bool // false without a fault: it stood already
	Err     error
}

// ErrDuplicate refuses a line about a user whom an earlier line of the same call is about.
var ErrDuplicate = fault.New(fault.Unprocessable, "duplicate_user", "An earlier line of this call is about the same user.").At("user")

// EnforceMany is Enforce for many users, each with a transaction, an event and a result of its own, in the order of the
// lines. Repeating it changes nothing more. Administrators get one mail for the whole call. Where not a single line
// could be decided, because the store failed or others were always faster, that is the answer. If it exempts more users
// than the administrator may within an hour, stepup.ErrAllowance is, and nothing is written.
func (s *Service) EnforceMany(ctx context.Context, c access.Caller, organization string, lines []Line) ([]LineResult, error) {
	now := s.Now()
	snap, err := s.existing(ctx, c, EnforceRule, organization, now)
	if err != nil {
		return nil, err
	}
	b := batch{Service: s, c: c, snap: snap, now: now, lines: lines, results: make([]LineResult, len(lines)), plans: map[int]plan{}}
	if err := b.plan(ctx); err != nil {
		return nil, err
	}
	if n := b.exempting(); n > 0 {
		if _, err := s.gate().Free(ctx, snap.Key, organization, n, now); err != nil {
			return nil, err
		}
	}
	b.carryOut(ctx)
	return b.results, undecided(b.results)
}

// batch is one call for many users.
type batch struct {
	*Service
	c       access.Caller
	snap    Snapshot
	now     time.Time
	lines   []Line
	results []LineResult
	plans   map[int]plan // what is to be written, by line
}

// plan is what a line changes, with the state that it was made from.
type plan struct {
	change user.Change
	frees  bool
}

// plan reads all users and works out what is to be written for each. Nothing is written yet.
func (b *batch) plan(ctx context.Context) error {
	ids := b.sift()
	members, err := b.Store.Members(ctx, b.snap.Organization.ID, ids)
	if err != nil {
		return fault.Down(err)
	}
	for i, l := range b.lines {
		if b.results[i].Err != nil {
			continue
		}
		of := members[l.User]
		p, due, err := b.judge(l, login.Snapshot{Key: b.snap.Key, Organization: b.snap.Organization, Profile: of.Profile, Factors: of.Factors})
		if b.results[i].Err = err; due {
			b.plans[i] = p
		}
	}
	return nil
}

// sift refuses the lines that are wrong whoever they are about, and names the users of the others.
func (b *batch) sift() []string {
	var ids []string
	seen := map[string]bool{}
	for i, l := range b.lines {
		err := l.Malformed
		if err == nil && seen[l.User] {
			err = ErrDuplicate
		}
		if err == nil {
			err = l.Want.Check(b.snap.Organization.Entitlements, b.now)
		}
		if b.results[i].Err = err; err == nil {
			ids = append(ids, l.User)
		}
		seen[l.User] = true
	}
	return ids
}

// judge works out what a line changes of a user as read; not due where it stands already.
func (b *batch) judge(l Line, of login.Snapshot) (p plan, due bool, err error) {
	if of.Profile == nil {
		return p, false, access.ErrNotFound.At("user")
	}
	change := enforcement(of, b.c, l.Want, b.now)
	if change == nil {
		return p, false, nil
	}
	return plan{change: *change, frees: frees(of, l.Want, b.now)}, true, nil
}

// carryOut writes what was planned. The one notice of all exemptions goes with the first of them, in its transaction, and so does
// the docket that counts them: nobody is exempted untold or uncounted, and until it is written nobody else is exempted.
func (b *batch) carryOut(ctx context.Context) {
	exempting := b.exempting()
	var rest []int
	var down error
	told := false
	for i := range b.lines {
		p, due := b.plans[i]
		switch {
		case !due:
		case !p.frees || told:
			rest = append(rest, i)
		case down != nil:
			b.results[i].Err = down
		default:
			told = b.write(ctx, i, exempting)
			if err := b.results[i].Err; err != nil && !errors.Is(err, user.ErrConflict) {
				down = err
			}
		}
	}
	b.together(rest, func(i int) { b.write(ctx, i, 0) })
}

// exempting is how many users the call frees of two-factor authentication, or for longer.
func (b *batch) exempting() int {
	n := 0
	for _, p := range b.plans {
		if p.frees {
			n++
		}
	}
	return n
}

// together runs the lines, some of them at once.
func (b *batch) together(lines []int, run func(i int)) {
	var wait sync.WaitGroup
	turns := make(chan struct{}, writers)
	for _, i := range lines {
		turns <- struct{}{}
		wait.Go(func() {
			run(i)
			<-turns
		})
	}
	wait.Wait()
}

// notice is the event that tells the administrators of all exemptions of this call at once. It has a new id for every
// transaction that it goes with: a store knows a change that it has written already by the ids of its events.
func (b *batch) notice(exempting int) audit.Event {
	e := event(audit.UsersExempted, b.snap.Organization.ID, b.snap.Key, b.c, b.now)
	e.Details = map[string]string{"users": strconv.Itoa(exempting)}
	e.Notify = true
	return e
}

// write carries one line out, with the notice of so many exemptions where it is not 0. It reports whether a user was
// exempted and, with that, the notice written.
func (b *batch) write(ctx context.Context, i, exempting int) bool {
	l, p, first := b.lines[i], b.plans[i], true
	written, err := user.Race(func() (bool, error) {
		if !first {
			of, err := login.Load(ctx, b.Store, b.c, EnforceRule, b.snap.Organization.ID, l.User, b.now)
			if err != nil {
				return false, err
			}
			var due bool
			if p, due, err = b.judge(l, of); !due || err != nil {
				return false, err
			}
		}
		first = false
		if exempting > 0 && p.frees {
			p.change.Events = append(p.change.Events, b.notice(exempting))
		}
		err := b.save(ctx, p, exempting)
		return err == nil, err
	})
	b.results[i] = LineResult{Changed: written, Err: err}
	return written && p.frees
}

// save writes a plan, and with the first exemption the docket that counts all of this call.
func (b *batch) save(ctx context.Context, p plan, exempting int) error {
	if exempting > 0 && p.frees {
		return b.free(ctx, b.snap.Key, p.change, exempting, b.now)
	}
	return login.Save(ctx, b.Store, p.change)
}

// undecided is the first fault of a call of which no line could be decided.
func undecided(results []LineResult) error {
	if len(results) == 0 {
		return nil
	}
	for _, r := range results {
		passing := errors.Is(r.Err, user.ErrConflict) || r.Err != nil && fault.As(r.Err).Kind == fault.Unavailable
		if !passing {
			return nil
		}
	}
	return results[0].Err
}
