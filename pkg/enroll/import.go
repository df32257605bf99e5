package enroll

import (
	"context"
	"errors"
	"time"

	"twofold/pkg/access"
	"twofold/pkg/fault"
	"twofold/pkg/login"
	"twofold/pkg/user"
)

const (
	// MaxLines is how many users one call imports.
	MaxLines = 1000
	// MaxParts is how many items one WriteMany may write.
	MaxParts = 100
)

// Line is one user to import. Malformed says what was wrong with its form, where something was.
type Line struct {
	User string
	Account
	Secret    []byte // of the authenticator app that the user has elsewhere; nil: none
	Plants    bool   // it has one, well-formed or not
	Malformed error
}

// Outcome is what became of a line.
type Outcome string

// The outcomes.
const (
	Created   Outcome = "created"
	Updated   Outcome = "updated"
	Unchanged Outcome = "unchanged"
	Refused   Outcome = "refused"
)

// Imported is what became of a line, in the place of that line. Err is a fault, and why it was refused.
type Imported struct {
	Outcome Outcome
	Err     error
}

// The refusals of a line.
var (
	ErrDuplicate      = fault.New(fault.Unprocessable, "duplicate_line", "An earlier line of this call is about the same user.").At("user")
	ErrEnrolledBefore = fault.New(fault.Conflict, "enrolled_before", "This user had a second factor here, or was deleted. Nobody but the user sets up another.").At("otpauth")
	errOtherSecret    = fault.New(fault.Conflict, ErrEnrolled.Code, "This user has a second factor, and it is another.").At("otpauth")
	errNotAvailable   = fault.New(fault.Unprocessable, user.ErrNotAvailable.Code, user.ErrNotAvailable.Message).At("otpauth")
)

var errOvertaken = errors.New("enroll: others were faster at a line of an import, and other lines are done")

// Import registers users, changes their login addresses and takes over the secrets of their authenticator apps, each with an event and a
// result of its own. Whatever stands already changes nothing, so the same call may be repeated; where the store fails, some lines may
// be done and others not, the answer is fault.Unavailable, and repeating it does the rest. A user who was deleted is not registered
// again by any line. Lines with a secret are for an administrator who may reset users, or the whole call is refused:
// whoever holds such a secret can sign in as that user.
func (s *Service) Import(ctx context.Context, c access.Caller, organization string, lines []Line) ([]Imported, error) {
	now := s.Now()
	snap, err := login.Load(ctx, s.Store, c, usersRule, organization, "", now)
	if err != nil {
		return nil, err
	}
	b := batch{Service: s, c: c, snap: snap, now: now, lines: lines, results: make([]Imported, len(lines))}
	for _, l := range lines {
		if err := mayReset(snap.Key); l.Plants && err != nil {
			return nil, err
		}
	}
	if err := b.plan(ctx); err != nil {
		return nil, err
	}
	if err := b.carryOut(ctx); err != nil {
		return nil, err
	}
	return b.results, nil
}

// batch is one import on its way.
type batch struct {
	*Service
	c       access.Caller
	snap    login.Snapshot // of the key and the organisation
	now     time.Time
	lines   []Line
	results []Imported
	plans   []plan
	room    int // how many more may get a second factor; negative: no limit
	written bool
	lost    bool // a line was overtaken in every round
}

// plan is what a line changes.
type plan struct {
	line   int
	change user.Change
}

// plan reads all users and works out what is to be written for each. Nothing is written yet.
func (b *batch) plan(ctx context.Context) error {
	ids := b.sift()
	if err := b.measure(ctx); err != nil {
		return err
	}
	members, err := b.Store.Members(ctx, b.snap.Organization.ID, ids)
	if err != nil {
		return fault.Down(err)
	}
	for i, l := range b.lines {
		if b.results[i].Err != nil {
			continue
		}
		change, err := b.decide(i, members[l.User])
		if err != nil {
			return err
		}
		if change != nil {
			b.plans = append(b.plans, plan{i, *change})
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
		if err != nil {
			b.results[i] = Imported{Refused, err}
		} else {
			ids = append(ids, l.User)
			seen[l.User] = true
		}
	}
	return ids
}

// measure finds out how many more users may get a second factor; a moment old, as for those who enrol.
func (b *batch) measure(ctx context.Context) error {
	limit := b.snap.Organization.Entitlements.UserLimit
	if b.room = -1; limit == 0 {
		return nil
	}
	counts, err := b.Store.Counts(ctx, b.snap.Organization.ID)
	if err != nil {
		return fault.Down(err)
	}
	b.room = max(0, limit-int(counts.Enrolled()))
	return nil
}

// decide works out what a line changes of a user as read, and notes the result that it will have; nil where it stands already or is
// refused. An error is of something that we depend on, not of the line.
func (b *batch) decide(i int, of user.Member) (*user.Change, error) {
	snap := b.snap
	snap.Profile, snap.Tombstone, snap.Factors = of.Profile, of.Tombstone, of.Factors
	change, outcome, err := b.judge(b.lines[i], snap)
	if err != nil && fault.As(err).Kind == fault.Unavailable {
		return nil, err
	}
	if err != nil {
		outcome = Refused
	}
	b.results[i] = Imported{outcome, err}
	if outcome != Created && outcome != Updated {
		return nil, nil
	}
	return &change, nil
}
