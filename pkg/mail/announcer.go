package mail

import (
	"context"
	"errors"
	"time"

	"twofold/pkg/fault"
	"twofold/pkg/org"
	"twofold/pkg/user"
)

// Due names an announcement that is due.
type Due struct{ Organization, ID string }

// AnnouncementStore is what the announcer needs of a store. Reads of announcements are strongly consistent.
type AnnouncementStore interface {
	// DueAnnouncements are up to limit live ones that are due at now, of all organisations, the longest due first.
	DueAnnouncements(ctx context.Context, now time.Time, limit int) ([]Due, error)
	// Announcement gets one with its organisation; nil where there is no such thing.
	Announcement(ctx context.Context, organization, id string) (*org.Announcement, *org.Organization, error)
	// Unenrolled gives up to limit users without a second factor behind one, in the order of ids, facts for reports only, a moment
	// old. next is the user that the next page begins behind; empty after the last.
	Unenrolled(ctx context.Context, organization, after string, limit int) (found []user.Profile, next string, err error)
	// Facts is Unenrolled of all users.
	Facts(ctx context.Context, organization, after string, limit int) (found []user.Profile, next string, err error)
	// Registered gets profiles as they are now, strongly consistent; of who is not there, or was deleted, none.
	Registered(ctx context.Context, organization string, users []string) (map[string]user.Profile, error)
	// Counts are a moment old.
	Counts(ctx context.Context, organization string) (user.Counts, error)
	// Advance writes the next revision of one. It answers user.ErrConflict if before is not what stands, and nil if the write
	// won although its acknowledgement was lost.
	Advance(ctx context.Context, before, next org.Announcement) error
}

// Announcer carries announcements through the users of organisations. All fields are needed.
type Announcer struct {
	Mail   *Service
	Store  AnnouncementStore
	Bulk   BulkSender
	Rate   float64 // mails a second that a tick sends at most: the announcements' share of what the account may send
	Wait   func(ctx context.Context, d time.Duration)
	OptOut OptingOut
}

// announcedAtOnce is how many announcements one tick takes on.
const announcedAtOnce = 100

// What whoever has claimed a batch may take to send it, and to send it and write down what came of it. The lease is longer, so that none
// lapses in the hands of somebody who lives, and a tick keeps as much of its invocation (pkg/boot).
const (
	sendWithin   = 12 * time.Second
	settleWithin = org.BatchLease - 10*time.Second
)

// Tick carries on with the announcements that are due, a batch of each in turn, and begins none after a time. An
// organisation that fails holds no other up; the first failure is the answer when the others are done, and costs nothing: the next tick goes on from
// where this one stopped.
func (n *Announcer) Tick(ctx context.Context, until time.Time) error {
	queue, err := n.Store.DueAnnouncements(ctx, n.Mail.Now(), announcedAtOnce)
	if err != nil {
		return fault.Down(err)
	}
	var failed error
	for len(queue) > 0 && n.Mail.Now().Before(until) && ctx.Err() == nil {
		one, began := queue[0], n.Mail.Now()
		queue = queue[1:]
		did, err := n.step(ctx, one)
		switch {
		case errors.Is(err, user.ErrConflict): // another tick is at it, or an administrator has a say
		case err != nil && failed == nil:
			failed = err
		case err == nil && did.more:
			queue = append(queue, one)
		}
		n.pace(ctx, did.mailed, began, until)
	}
	return failed
}

// pace waits until so many mails more may be sent.
func (n *Announcer) pace(ctx context.Context, mailed int, began, until time.Time) {
	if mailed == 0 {
		return
	}
	next := began.Add(time.Duration(float64(mailed) / n.Rate * float64(time.Second)))
	if next.After(until) {
		next = until // and nothing is begun any more
	}
	if d := next.Sub(n.Mail.Now()); d > 0 {
		n.Wait(ctx, d)
	}
}

// size is how many users a batch mails at most: no more than a second's share, so that no burst uses up what codes need.
func (n *Announcer) size() int { return max(1, min(org.BatchSize, int(n.Rate))) }

// progress is what a step did: so many mails were handed over or tried, and there may be more to do now.
type progress struct {
	mailed int
	more   bool
}

// step does the next thing for an announcement.
func (n *Announcer) step(ctx context.Context, of Due) (progress, error) {
	a, o, err := n.Store.Announcement(ctx, of.Organization, of.ID)
	now, more := n.Mail.Now(), progress{more: true}
	switch {
	case err != nil:
		return progress{}, fault.Down(err)
	case a == nil || o == nil || !a.Live() || a.Busy(now):
		return progress{}, nil
	case a.Batch != nil:
		return more, n.write(ctx, *a, a.Lapse())
	case a.Reminds() && o.Announcement != a.ID:
		return progress{}, n.write(ctx, *a, a.End(org.AnnouncementPassed))
	case !stands(*a, *o):
		return progress{}, n.write(ctx, *a, a.End(org.AnnouncementEnded))
	case a.RoundAt.IsZero() && now.Before(a.Due):
		return progress{}, nil
	case a.RoundAt.IsZero():
		return more, n.begin(ctx, *a, now)
	}
	return n.batch(ctx, *a, *o, now)
}

// stands reports whether there is still something to announce: what forces or, to whom an administrator told it by hand, what is there.
func stands(a org.Announcement, o org.Organization) bool {
	if a.ByHand != nil && a.Round == 0 {
		return o.Entitlements.TwoFactor && o.Policy.Status != org.Disabled
	}
	return o.Entitlements.TwoFactor && o.Policy.Status == org.Forced
}

func (n *Announcer) begin(ctx context.Context, a org.Announcement, now time.Time) error {
	counts, err := n.Store.Counts(ctx, a.Organization)
	if err != nil {
		return fault.Down(err)
	}
	total := counts.Unenrolled()
	if a.Addressees() == org.ToAll {
		total += counts.Enrolled()
	}
	return n.write(ctx, a, a.Begin(total, now))
}

func (n *Announcer) write(ctx context.Context, before, next org.Announcement) error {
	next.Attempt = user.NewAttempt()
	if err := n.Store.Advance(ctx, before, next); err != nil {
		return fault.Down(err)
	}
	return nil
}

// batch looks at those who were left or, where nobody was, at the next users, and mails those whom the round concerns, as they are now.
func (n *Announcer) batch(ctx context.Context, a org.Announcement, o org.Organization, now time.Time) (progress, error) {
	ids, b, err := n.next(ctx, a, o, now)
	if err != nil {
		return progress{}, err
	}
	if len(ids) == 0 && b.Last == "" {
		return progress{}, n.write(ctx, a, a.EndRound(goesOn(a, o, now)))
	}
	stored, err := n.Store.Registered(ctx, o.ID, ids)
	if err != nil {
		return progress{}, fault.Down(err)
	}
	var to []recipient
	for _, id := range ids {
		p, there := stored[id]
		if r, ok := due(a, o, p, now); there && ok {
			to = append(to, r)
		}
	}
	if to, err = n.sparing(ctx, a, to, now); err != nil {
		return progress{}, err
	}
	if b.Size = len(to); b.Size == 0 {
		return progress{more: true}, n.write(ctx, a, a.Skip(b))
	}
	return n.mail(ctx, a, o, to, b)
}

// next chooses whom a batch may be for, and how far it goes. Nobody, and nowhere to go: the round is at its end.
func (n *Announcer) next(ctx context.Context, a org.Announcement, o org.Organization, now time.Time) (ids []string, b org.Batch, err error) {
	if len(a.Left) > 0 {
		return a.Left, org.Batch{Last: a.After}, nil
	}
	page := n.Store.Unenrolled
	if a.Addressees() == org.ToAll {
		page = n.Store.Facts
	}
	found, next, err := page(ctx, o.ID, a.After, 4*n.size())
	if err != nil {
		return nil, b, fault.Down(err)
	}
	for _, p := range found {
		if len(ids) == n.size() {
			break
		}
		b.Seen++
		b.Last = p.User
		if _, ok := due(a, o, p, now); ok {
			ids = append(ids, p.User)
		}
	}
	if len(found) == 0 {
		b.Last = next // an empty page that is not the last
	}
	return ids, b, nil
}

// mail claims a batch, sends it and settles it.
func (n *Announcer) mail(ctx context.Context, a org.Announcement, o org.Organization, to []recipient, b org.Batch) (progress, error) {
	ctx, cancel := context.WithTimeout(ctx, settleWithin)
	defer cancel()
	own, err := n.Mail.own(ctx, o.ID, o.Entitlements.Sender)
	if err != nil {
		return progress{}, err
	}
	shown := Organization{Organization: o}
	if shown.Branding, err = n.Mail.Store.Branding(ctx, o.ID); err != nil {
		return progress{}, fault.Down(err)
	}
	letters, err := n.letters(a, shown, to)
	if err != nil {
		return progress{}, fault.Down(err)
	}
	claimed := a.Claim(b, n.Mail.Now())
	claimed.Attempt = user.NewAttempt()
	if err := n.Store.Advance(ctx, a, claimed); err != nil {
		return progress{}, fault.Down(err)
	}
	done := n.send(ctx, own, letters, to)
	if err := n.settle(ctx, claimed, done); err != nil {
		return progress{}, err
	}
	return progress{mailed: len(to), more: done.stopped == nil}, done.stopped
}

// settle ends the claim, which an administrator may have paused or cancelled the announcement beside meanwhile.
func (n *Announcer) settle(ctx context.Context, claimed org.Announcement, done sending) error {
	first := true
	_, err := user.Race(func() (struct{}, error) {
		stands := claimed
		if !first {
			again, _, err := n.Store.Announcement(ctx, claimed.Organization, claimed.ID)
			if err != nil {
				return struct{}{}, fault.Down(err)
			}
			if again == nil || again.Batch == nil || !again.Batch.ClaimedAt.Equal(claimed.Batch.ClaimedAt) {
				return struct{}{}, nil // it took so long that it lapsed
			}
			stands = *again
		}
		first = false
		return struct{}{}, n.write(ctx, stands, stands.Settle(done.sent, done.failed, done.unknown, done.left))
	})
	return err
}
