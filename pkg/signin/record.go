package signin

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"twofold/pkg/audit"
	"twofold/pkg/user"
)

// Seen is what a stream record says of a code that was judged.
type Seen struct {
	Entry
	Failures int // of a wrong one: of the user, or of the source at app passwords, within the Window that ends with it
}

// Spent is what a stream record says of a count of messages.
type Spent struct {
	Pattern      Pattern
	Organization string
	Subject      string // of a mailbox its digest, of a block of numbers what they begin with
	Window       time.Time
	Used         int64
	Limit        int64
}

// Recorder keeps the log from the stream. All fields but Retention are needed.
type Recorder struct {
	Ledger    Ledger
	Meter     Meter
	Now       func() time.Time
	Retention time.Duration // 0: Retention
}

// Record writes the rows of a batch of records, and says of each why it failed. Records may come twice, late or out of order, and one beside
// another that failed: a row is written once, a wrong code is counted once, and a pattern is told once.
func (r *Recorder) Record(ctx context.Context, seen []Seen) []error {
	failed := make([]error, len(seen))
	var right []Entry
	var rights, wrongs []int
	for i, s := range seen {
		if s.Outcome == Right {
			right, rights = append(right, s.Entry), append(rights, i)
			continue
		}
		wrongs = append(wrongs, i)
		failed[i] = down(r.Ledger.CountSignIn(ctx, s.Entry, r.until(s.Entry), tallies(s.Entry)))
	}
	r.look(ctx, seen, wrongs, failed)
	if len(right) > 0 {
		for at, err := range r.Ledger.AddSignIns(ctx, right, r.until) {
			failed[rights[at]] = down(err)
		}
	}
	return failed
}

func (r *Recorder) until(e Entry) time.Time { return e.At.Add(orRetention(r.Retention)) }

func orRetention(d time.Duration) time.Duration {
	if d == 0 {
		return Retention
	}
	return d
}

// look judges the tallies that wrong codes were counted in. A record whose tally could not be read or told comes again.
func (r *Recorder) look(ctx context.Context, seen []Seen, wrongs []int, failed []error) {
	touched := map[Tally][]int{}
	var of []Tally
	for _, i := range wrongs {
		if failed[i] != nil {
			continue
		}
		for _, t := range append(tallies(seen[i].Entry), userTally(seen[i])...) {
			if t = t.Name(); touched[t] == nil {
				of = append(of, t)
			}
			touched[t] = append(touched[t], i)
		}
	}
	if len(of) == 0 {
		return
	}
	counts, err := r.Ledger.Tallied(ctx, of)
	for _, t := range of {
		problem := err
		if err == nil && !counts[t].Raised {
			problem = r.judge(ctx, t, counts[t], seen, touched[t])
		}
		for _, i := range touched[t] {
			if problem != nil {
				failed[i] = down(problem)
			}
		}
	}
}

// judge raises a tally that has become a pattern.
func (r *Recorder) judge(ctx context.Context, t Tally, c Count, seen []Seen, by []int) error {
	n, crossed := t.crossed(c)
	about := map[string]string{}
	if t.Pattern == GuessingUser {
		for _, i := range by {
			n, crossed = max(n, int64(seen[i].Failures)), true
		}
		last := seen[by[len(by)-1]]
		about["user"], about["since"] = last.User, audit.InWords(last.At.Add(-Window)) // the hour that ends with it, whatever the clock says
	}
	if !crossed {
		return nil
	}
	return r.raise(ctx, t, n, about)
}

// userTally is that of a user who has failed so often that it is a pattern: the factors themselves hold how often, so nothing is counted.
func userTally(s Seen) []Tally {
	if s.Failures < UserFailures {
		return nil
	}
	subject, _, _ := strings.Cut(IDOf(s.User, "", 0), ".")
	return []Tally{{Pattern: GuessingUser, Organization: s.Organization, Subject: subject, Window: s.At.UTC().Truncate(Window)}}
}

// Watch looks at a count of messages: where nearly all that may be sent were, administrators hear of it, once for each of its windows.
func (r *Recorder) Watch(ctx context.Context, s Spent) error {
	if !nearly(s.Used, s.Limit) {
		return nil
	}
	t := Tally{Pattern: s.Pattern, Organization: s.Organization, Subject: s.Subject, Window: s.Window}
	if nearly(s.Used-1, s.Limit) { // the one before should have been told: cheaper to ask than to write
		counts, err := r.Ledger.Tallied(ctx, []Tally{t})
		if err != nil || counts[t].Raised {
			return down(err)
		}
	}
	return down(r.raise(ctx, t, s.Used, nil))
}

// raise writes the event of a pattern, once, and counts it for operators where it was this call that wrote it.
func (r *Recorder) raise(ctx context.Context, t Tally, n int64, about map[string]string) error {
	details := map[string]string{"pattern": string(t.Pattern), "since": audit.InWords(t.Window), "count": strconv.FormatInt(n, 10)}
	for name, value := range about {
		details[name] = value
	}
	event := audit.Event{
		ID: uuid.Must(uuid.NewV7()).String(), At: r.Now(), Kind: audit.GuessingSeen, Organization: t.Organization, Role: audit.System,
		Details: details, Notify: true,
	}
	switch t.Pattern {
	case GuessingSource:
		event.Claimed = t.Subject
	case BombingMailbox, BombingOrganization, BombingPrefix, BombingSMS:
		event.Kind = audit.BombingSeen
	}
	err := r.Ledger.Raise(ctx, t, event)
	switch {
	case err == nil:
		r.Meter.PatternSeen(t.Organization, t.Pattern)
	case errors.Is(err, user.ErrConflict): // somebody else was faster: see it, or come again
		if counts, unread := r.Ledger.Tallied(ctx, []Tally{t}); unread != nil || counts[t].Raised {
			return unread
		}
	}
	return err
}
