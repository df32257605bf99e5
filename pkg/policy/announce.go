package policy

import (
	"bytes"
	"context"
	"crypto/sha256"
	"strconv"
	"time"
	"unicode/utf8"

	"twofold/pkg/access"
	"twofold/pkg/audit"
	"twofold/pkg/fault"
	"twofold/pkg/org"
	"twofold/pkg/user"
	"twofold/pkg/words"
)

// Announcing is what an administrator announces without changing the policy.
type Announcing struct {
	To             org.Addressees
	At             time.Time // zero: now
	Message        string    // the administrator's own words, one line; empty: none
	Reminders      bool
	IdempotencyKey string
}

// The refusals of an announcement by hand.
var (
	ErrAnnounceAt     = fault.New(fault.Unprocessable, "invalid_announcement", "An announcement is made now or within 90 days.").At("at")
	ErrAddressees     = fault.New(fault.Unprocessable, "invalid_announcement", "An announcement is for all users, or for those without a second factor.").At("to")
	ErrMessage        = fault.New(fault.Unprocessable, "invalid_announcement", "A message is one line of at most 300 characters without links, addresses, or anything that mail programs make one of.").At("message")
	ErrNobodyReminded = fault.New(fault.Unprocessable, "nothing_to_announce", "Only where two-factor authentication is forced does anybody's time run out.").At("reminders")
	ErrNothingOffered = fault.New(fault.Unprocessable, "nothing_to_announce", "Two-factor authentication is not offered to the users of this organisation.")
	ErrAnnouncing     = fault.New(fault.Conflict, "announcement_under_way", "An announcement made by hand is under way, or waits for its time. Cancel it first.")
	ErrReminding      = fault.New(fault.Conflict, "announcement_under_way", "An announcement under way reminds already. Cancel it first, or announce without reminders.").At("reminders")
	ErrAnnounced      = fault.New(fault.Throttled, "too_many_announcements", "Three announcements a day are made by hand.")
	ErrKeyReused      = fault.New(fault.Unprocessable, "idempotency_key_reused", "Another body was sent with this key a moment ago.").At("header.Idempotency-Key")
)

// repeatable is how long a request with an idempotency key is known again (design §6).
const repeatable = 10 * time.Minute

// Announce tells users of two-factor authentication, now or at a date. It stands beside whatever comes with a policy and takes nobody's
// place. All administrators are told: the words of the message are one administrator's, and go to everybody.
func (s *Service) Announce(ctx context.Context, c access.Caller, organization string, in Announcing) (org.Announcement, error) {
	now := s.Now()
	if err := in.check(now); err != nil {
		return org.Announcement{}, err
	}
	return user.Race(func() (org.Announcement, error) {
		snap, err := s.existing(ctx, c, AnnounceRule, organization, now)
		if err != nil {
			return org.Announcement{}, err
		}
		all, err := s.Store.Announcements(ctx, organization, MaxAnnouncements)
		if err != nil {
			return org.Announcement{}, fault.Down(err)
		}
		a, e := in.announcement(snap, c, now)
		if made, err := in.repeated(a, all, now); err != nil || made != nil {
			return stood(made, snap), err
		}
		if err := in.allowed(*snap.Organization, all, now); err != nil {
			return org.Announcement{}, err
		}
		// The organisation is written even where nothing of it changes: its revision decides between two who ask at once.
		changed := *snap.Organization
		changed.Rev++
		if a.Reminds() {
			changed.Announcement = a.ID
		}
		return a, s.write(ctx, organization, Change{Organization: &changed, Announcement: &a, Events: []audit.Event{e}})
	})
}

func stood(made *org.Announcement, snap Snapshot) org.Announcement {
	if made == nil {
		return org.Announcement{}
	}
	return made.Of(*snap.Organization)
}

func (in Announcing) check(now time.Time) error {
	switch {
	case in.To != org.ToAll && in.To != org.ToUnenrolled:
		return ErrAddressees
	case !in.At.IsZero() && (!in.At.After(now) || in.At.Sub(now) > org.MaxAnnounceAhead):
		return ErrAnnounceAt
	case in.Message != "" && !goodMessage(in.Message):
		return ErrMessage
	}
	return nil
}

// goodMessage reports whether users may be told this in our mail. It holds nothing that a mail program makes a link of: the mail says that it
// has none, and people learn to trust that. It is judged as the mail shows it, and nothing is left out of it there.
func goodMessage(m string) bool {
	return user.OneLine(m) && utf8.RuneCountInString(m) <= org.MaxMessage && words.Plain(m)
}

// announcement is what is asked for, with its event.
func (in Announcing) announcement(snap Snapshot, c access.Caller, now time.Time) (org.Announcement, audit.Event) {
	a, e := announced(snap.Organization.Policy, snap.Organization.ID, snap.Key, c, now)
	a.ByHand = &org.ByHand{To: in.To, Message: in.Message, Reminders: in.Reminders}
	if in.IdempotencyKey != "" {
		digest := sha256.Sum256([]byte(snap.Key.ID + "\x00" + in.IdempotencyKey))
		a.ByHand.Retry = digest[:]
	}
	e.Notify = true
	e.Details["to"] = string(in.To)
	if !in.At.IsZero() {
		a.Due = in.At
		e.Details["at"] = audit.InWords(in.At)
	}
	if in.Message != "" {
		e.Details["message"] = in.Message
	}
	if in.Reminders {
		e.Details["reminders"] = strconv.FormatBool(true)
	}
	return a, e
}

// repeated finds what the same request has made already.
func (in Announcing) repeated(wanted org.Announcement, all []org.Announcement, now time.Time) (*org.Announcement, error) {
	for _, a := range all {
		h := a.ByHand
		if h == nil || len(h.Retry) == 0 || !bytes.Equal(h.Retry, wanted.ByHand.Retry) || now.Sub(a.CreatedAt) >= repeatable {
			continue
		}
		same := h.To == in.To && h.Message == in.Message && h.Reminders == in.Reminders
		if same && (in.At.IsZero() || a.Round > 0 || a.Due.Equal(in.At)) {
			return &a, nil
		}
		return nil, ErrKeyReused
	}
	return nil, nil
}

// allowed judges an announcement by what the organisation is, and by what was announced lately.
func (in Announcing) allowed(o org.Organization, all []org.Announcement, now time.Time) error {
	switch {
	case !o.Entitlements.TwoFactor || o.Policy.Status == org.Disabled:
		return ErrNothingOffered
	case in.Reminders && o.Policy.Status != org.Forced:
		return ErrNobodyReminded
	}
	var today []time.Time
	for _, a := range all {
		switch {
		case a.ByHand != nil && a.Open() && (!a.Reminds() || a.ID == o.Announcement):
			return ErrAnnouncing
		case in.Reminders && a.Open() && a.ID == o.Announcement:
			return ErrReminding
		case a.ByHand != nil && now.Sub(a.CreatedAt) < 24*time.Hour:
			today = append(today, a.CreatedAt)
		}
	}
	if len(today) >= org.MaxByHandADay {
		return ErrAnnounced.After(today[org.MaxByHandADay-1].Add(24 * time.Hour).Sub(now))
	}
	return nil
}
