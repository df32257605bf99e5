package org

import (
	"time"

	"twofold/pkg/fault"
)

// Announcement tells the users of an organisation that two-factor authentication is asked of them, and reminds each before the own
// grace ends. It goes in rounds through the users in the order of their ids: the first tells everybody concerned, a later one, a day
// after the one before, reminds those whose time is running out. Its Rev decides every race.
//
// A batch is claimed before anything of it is sent and settled afterwards. Whoever crashes in between leaves a claim that
// lapses: its users count as unknown and are not mailed again. Whom the provider surely did not take a mail for is left, and comes first
// in the next batch.
type Announcement struct {
	ID            string
	Organization  string
	Rev           int64
	PolicyVersion int64 // that it came with
	CreatedAt     time.Time
	CreatedBy     string
	State         AnnouncementState
	Due           time.Time // when the round under way began to be due, or when the next one will be
	Round         int       // 0: the announcement; from 1 on: reminders
	RoundAt       time.Time // when the round under way began; zero: none is
	Judged        time.Time // until when earlier rounds have judged who is to be reminded
	After         string    // the user behind whom the next batch begins
	Batch         *Batch    // claimed and not settled
	Left          []string  // users looked at who are owed a mail; at most a batch
	Progress      Progress  // of the round under way, or of the last one
	ByHand        *ByHand   // nil: it came with a policy
	Attempt       []byte    // id of the write
}

// ByHand is what an administrator asked for who announces without changing the policy.
type ByHand struct {
	To        Addressees
	Message   string // the administrator's own words, one line; empty: none
	Reminders bool   // it goes on with reminders, as one that comes with a policy does
	Retry     []byte // names the request that made it, so that its repetition is known; empty: it cannot be repeated
}

// Addressees are whom the first round goes to. Reminders are for those without a second factor, always.
type Addressees string

// The addressees.
const (
	ToUnenrolled Addressees = "unenrolled"
	ToAll        Addressees = "all"
)

// What an administrator may announce by hand: so much that nobody can bury users in mail with a key.
const (
	MaxMessage       = 300 // characters
	MaxByHandADay    = 3
	MaxAnnounceAhead = 90 * 24 * time.Hour
)

// AnnouncementState is how an announcement stands.
type AnnouncementState string

// The states. Only the first is acted on.
const (
	Announcing          AnnouncementState = "active"
	AnnouncementPaused  AnnouncementState = "paused"
	AnnouncementEnded   AnnouncementState = "ended"      // nobody is left to be reminded, or nothing obliges the users any more
	AnnouncementStopped AnnouncementState = "cancelled"  // by an administrator
	AnnouncementPassed  AnnouncementState = "superseded" // a later one has taken its place
)

// Batch is a claim: users up to Last, of whom Size are mailed.
type Batch struct {
	Last      string
	Seen      int // users looked at
	Size      int
	ClaimedAt time.Time
}

// Progress is what has become of the users of one round. Total is how many were expected when it began, a moment old.
type Progress struct {
	Total   int64
	Seen    int64 // looked at; those who are neither sent, failed nor unknown were not concerned
	Sent    int64
	Failed  int64
	Unknown int64 // claimed by somebody who crashed, or of whose mail the provider's answer was lost: not mailed again
}

// Remaining is how many users are left to be looked at or owed a mail, as far as is known.
func (a Announcement) Remaining() int64 {
	return max(0, a.Progress.Total-a.Progress.Seen) + int64(len(a.Left))
}

// What a batch and a round are, and how long a claim holds off others: longer than whoever sends one takes over it.
const (
	BatchSize     = 50
	BatchLease    = 30 * time.Second
	RoundInterval = 24 * time.Hour
	// ReminderLead is how long before the end of the own grace a user is reminded.
	ReminderLead = 3 * 24 * time.Hour
)

// ErrAnnouncement refuses what an announcement in its state cannot become.
var ErrAnnouncement = fault.New(fault.Conflict, "announcement_state", "The announcement is in a state that does not allow this.")

// Live reports whether the announcement is acted on.
func (a Announcement) Live() bool { return a.State == Announcing }

// Open reports whether the announcement is acted on, or would be if somebody went on with it. What is not open will never be again.
func (a Announcement) Open() bool { return a.State == Announcing || a.State == AnnouncementPaused }

// Reminds reports whether later rounds follow the first. An organisation has one such announcement at a time.
func (a Announcement) Reminds() bool { return a.ByHand == nil || a.ByHand.Reminders }

// Addressees are whom the round under way, or the next one, goes to.
func (a Announcement) Addressees() Addressees {
	if a.ByHand != nil && a.Round == 0 {
		return a.ByHand.To
	}
	return ToUnenrolled
}

// Busy reports whether somebody holds a claim at now.
func (a Announcement) Busy(now time.Time) bool {
	return a.Batch != nil && now.Before(a.Batch.ClaimedAt.Add(BatchLease))
}

// Of is the announcement as it stands in its organisation: a later one has taken its place, whether a tick has seen that yet or not.
func (a Announcement) Of(o Organization) Announcement {
	if a.Open() && a.Reminds() && a.ID != o.Announcement {
		a.State = AnnouncementPassed
	}
	return a
}

// Begin begins the round that is due, for so many users.
func (a Announcement) Begin(total int64, now time.Time) Announcement {
	a.Rev++
	a.RoundAt, a.After, a.Progress = now, "", Progress{Total: total}
	return a
}

// Lapse gives up a claim whose holder has crashed.
func (a Announcement) Lapse() Announcement {
	a.Rev++
	a.Progress.Unknown += int64(a.Batch.Size)
	return a.pass()
}

// Claim claims a batch: of those who were left, where somebody was, otherwise of the next users.
func (a Announcement) Claim(b Batch, now time.Time) Announcement {
	a.Rev++
	b.ClaimedAt = now
	a.Batch, a.Left = &b, nil
	return a
}

// Settle ends the claim of a batch whose mails were all tried. left are users whom the provider surely took none for.
func (a Announcement) Settle(sent, failed, unknown int64, left []string) Announcement {
	a.Rev++
	a.Progress.Sent += sent
	a.Progress.Failed += failed
	a.Progress.Unknown += unknown
	a.Left = left
	return a.pass()
}

// Skip moves behind users of whom nobody is concerned.
func (a Announcement) Skip(b Batch) Announcement {
	a.Rev++
	a.Batch, a.Left = &b, nil
	return a.pass()
}

// pass moves behind the users of the batch.
func (a Announcement) pass() Announcement {
	a.After = a.Batch.Last
	a.Progress.Seen += int64(a.Batch.Seen)
	a.Batch = nil
	return a
}

// EndRound ends the round under way. again says that there is somebody to be reminded in a later one.
func (a Announcement) EndRound(again bool) Announcement {
	a.Rev++
	a.Judged, a.RoundAt, a.After = a.RoundAt, time.Time{}, ""
	if !again {
		a.State = AnnouncementEnded
		return a
	}
	a.Round++
	a.Due = a.Judged.Add(RoundInterval)
	return a
}

// End ends the announcement for good.
func (a Announcement) End(as AnnouncementState) Announcement {
	a.Rev++
	a.State = as
	return a
}

// Become is what an administrator makes of an announcement: paused, active again, or cancelled. Saying what stands already changes
// nothing: the same revision. A batch under way is finished, but no further one begun.
func (a Announcement) Become(s AnnouncementState) (Announcement, error) {
	switch {
	case a.State == s:
		return a, nil
	case !a.Open() || s != Announcing && s != AnnouncementPaused && s != AnnouncementStopped:
		return a, ErrAnnouncement
	}
	return a.End(s), nil
}
