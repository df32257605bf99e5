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
	// Languages are those that users are spoken to in, by their ids, where they are known; a moment old.
	Languages(ctx context.Context, organization string, users []string) (map[string]string, error)
	// Counts are a moment old.
	Counts(ctx context.Context, organization string) (user.Counts, error)
	// Advance writes the next revision of one. It answers user.ErrConflict if before is not what stands, and nil if the write
	// won although its acknowledgement was lost.
	Advance(ctx context.Context, before, next org.Announcement) error
}

// Announcer carries announcements through the users of organisations. All fields are needed.
type Announcer struct {
	Mail  *Service
	Store AnnouncementStore
}

// What one tick takes on, and how many users a batch looks at, whoever is among them.
const (
	announcedAtOnce = 100
	lookedAt        = 200
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
		one := queue[0]
		queue = queue[1:]
		more, err := n.step(ctx, one)
		switch {
		case errors.Is(err, user.ErrConflict): // another tick is at it, or an administrator has a say
		case err != nil && failed == nil:
			failed = err
		case err == nil && more:
			queue = append(queue, one)
		}
	}
	return failed
}

// step does the next thing for an announcement, and reports whether there may be more to do now.
func (n *Announcer) step(ctx context.Context, of Due) (more bool, err error) {
	a, o, err := n.Store.Announcement(ctx, of.Organization, of.ID)
	now := n.Mail.Now()
	switch {
	case err != nil:
		return false, fault.Down(err)
	case a == nil || o == nil || !a.Live() || a.Busy(now):
		return false, nil
	case a.Batch != nil:
		return true, n.write(ctx, *a, a.Lapse())
	case o.Announcement != a.ID:
		return false, n.write(ctx, *a, a.End(org.AnnouncementPassed))
	case !forces(*o):
		return false, n.write(ctx, *a, a.End(org.AnnouncementEnded))
	case a.RoundAt.IsZero() && now.Before(a.Due):
		return false, nil
	case a.RoundAt.IsZero():
		return true, n.begin(ctx, *a, now)
	}
	return n.batch(ctx, *a, *o, now)
}

// forces reports whether there is still something to announce.
func forces(o org.Organization) bool {
	return o.Entitlements.TwoFactor && o.Policy.Status == org.Forced
}

func (n *Announcer) begin(ctx context.Context, a org.Announcement, now time.Time) error {
	counts, err := n.Store.Counts(ctx, a.Organization)
	if err != nil {
		return fault.Down(err)
	}
	return n.write(ctx, a, a.Begin(counts.Unenrolled(), now))
}

func (n *Announcer) write(ctx context.Context, before, next org.Announcement) error {
	next.Attempt = user.NewAttempt()
	if err := n.Store.Advance(ctx, before, next); err != nil {
		return fault.Down(err)
	}
	return nil
}

// batch looks at the next users, and mails those whom the round concerns.
func (n *Announcer) batch(ctx context.Context, a org.Announcement, o org.Organization, now time.Time) (bool, error) {
	found, next, err := n.Store.Unenrolled(ctx, o.ID, a.After, lookedAt)
	if err != nil {
		return false, fault.Down(err)
	}
	if len(found) == 0 && next == "" {
		return false, n.write(ctx, a, a.EndRound(goesOn(o.Policy, now)))
	}
	to, seen := concerned(a, o, found, now)
	b := org.Batch{Seen: seen, Size: len(to)}
	if seen > 0 {
		b.Last = found[seen-1].User
	} else {
		b.Last = next // an empty page that is not the last
	}
	if len(to) == 0 {
		return true, n.write(ctx, a, a.Skip(b))
	}
	return n.mail(ctx, a, o, to, b, now)
}

// mail claims a batch, sends it and settles it.
func (n *Announcer) mail(ctx context.Context, a org.Announcement, o org.Organization, to []recipient, b org.Batch, now time.Time) (bool, error) {
	own, err := n.Mail.own(ctx, o.ID, o.Entitlements.Sender)
	if err != nil {
		return false, err
	}
	shown := Organization{Organization: o}
	if shown.Branding, err = n.Mail.Store.Branding(ctx, o.ID); err != nil {
		return false, fault.Down(err)
	}
	if err := n.ask(ctx, to); err != nil {
		return false, err
	}
	claimed := a.Claim(b, now)
	claimed.Attempt = user.NewAttempt()
	if err := n.Store.Advance(ctx, a, claimed); err != nil {
		return false, fault.Down(err)
	}
	sent := n.send(ctx, own, shown, a.Round, to)
	if err := n.settle(ctx, claimed, sent); err != nil {
		return false, err
	}
	return sent.stopped == nil, sent.stopped
}

// ask finds out in which languages a batch is spoken to: the rows of the index that it was found by hold no more than the facts for reports.
func (n *Announcer) ask(ctx context.Context, to []recipient) error {
	ids := make([]string, len(to))
	for i, r := range to {
		ids[i] = r.profile.User
	}
	languages, err := n.Store.Languages(ctx, to[0].profile.Organization, ids)
	if err != nil {
		return fault.Down(err)
	}
	for i := range to {
		to[i].profile.Language = languages[to[i].profile.User]
	}
	return nil
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
		next := stands
		if done.stopped != nil {
			next = next.Shorten(done.last, done.seen)
		}
		return struct{}{}, n.write(ctx, stands, next.Settle(done.sent, done.failed, done.unknown))
	})
	return err
}
