package storetest

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"twofold/pkg/audit"
	"twofold/pkg/mail"
	"twofold/pkg/org"
	"twofold/pkg/policy"
	"twofold/pkg/user"
)

// fullAnnouncement has something in every field.
func fullAnnouncement(id string, due time.Time) org.Announcement {
	return org.Announcement{
		ID: id, Organization: Organization, Rev: 1, PolicyVersion: 7, CreatedAt: second(1), CreatedBy: "root for ann", State: org.Announcing,
		Due: due, Round: 2, RoundAt: second(3), Judged: second(2), After: "user#1", Attempt: []byte("attempt " + id),
		Batch:    &org.Batch{Last: "user#9", Seen: 9, Size: 3, ClaimedAt: second(4)},
		Progress: org.Progress{Total: 100, Seen: 50, Sent: 40, Failed: 3, Unknown: 2}, Left: []string{"user#2", "user#7"},
		ByHand: &org.ByHand{To: org.ToAll, Message: "Ask in room 12.", Reminders: true, Retry: []byte("retry")},
	}
}

func due(t *testing.T, s Contract, at time.Time) []mail.Due {
	t.Helper()
	found, err := s.DueAnnouncements(t.Context(), at, 10)
	must(t, err)
	if len(found) == 0 {
		return nil
	}
	return found
}

func announcementsReturn(t *testing.T, s Contract) {
	ctx := t.Context()
	first, second2 := fullAnnouncement("0a", second(5)), fullAnnouncement("0b", second(6))
	second2.Batch, second2.Left, second2.ByHand = nil, nil, nil
	for range 2 { // the second is a repetition
		must(t, s.WriteOrganization(ctx, Organization, policy.Change{Announcement: &first}))
	}
	must(t, s.WriteOrganization(ctx, Organization, policy.Change{Announcement: &second2}))
	got, _, err := s.Announcement(ctx, Organization, "0a")
	must(t, err)
	same(t, "an announcement", got, &first)
	all, err := s.Announcements(ctx, Organization, 5)
	must(t, err)
	same(t, "all of them, the latest first", all, []org.Announcement{second2, first})
	if all, err = s.Announcements(ctx, Organization, 1); err != nil || len(all) != 1 {
		t.Errorf("limited to one: %d, %v", len(all), err)
	}
	none, _, err := s.Announcement(ctx, "globex", "0a")
	must(t, err)
	if none != nil {
		t.Error("another organisation has it too")
	}
	same(t, "due before", due(t, s, second(4)), nil)
	same(t, "due at its time", due(t, s, second(5)), []mail.Due{{Organization: Organization, ID: "0a"}})
	same(t, "due later, the longest first", due(t, s, second(9)), []mail.Due{{Organization: Organization, ID: "0a"}, {Organization: Organization, ID: "0b"}})
}

// An announcement is among those that are due exactly while it is live, at the time that it says.
func announcementsMove(t *testing.T, s Contract) {
	ctx := t.Context()
	a := fullAnnouncement("0a", second(5))
	must(t, s.WriteOrganization(ctx, Organization, policy.Change{Announcement: &a}))
	advance := func(change func(*org.Announcement)) {
		t.Helper()
		next := a
		next.Rev++
		next.Attempt = user.NewAttempt()
		change(&next)
		for range 2 { // the second is a repetition
			must(t, s.Advance(ctx, a, next))
		}
		a = next
	}
	is := []mail.Due{{Organization: Organization, ID: "0a"}}
	advance(func(n *org.Announcement) { n.Batch = nil })
	same(t, "after a batch", due(t, s, second(5)), is)
	advance(func(n *org.Announcement) { n.Due = second(8) })
	same(t, "before its new time", due(t, s, second(7)), nil)
	same(t, "at its new time", due(t, s, second(8)), is)
	advance(func(n *org.Announcement) { n.State = org.AnnouncementPaused })
	same(t, "paused", due(t, s, second(9)), nil)
	advance(func(n *org.Announcement) { n.State = org.Announcing })
	same(t, "resumed", due(t, s, second(9)), is)
	advance(func(n *org.Announcement) { n.State = org.AnnouncementEnded })
	same(t, "ended", due(t, s, second(9)), nil)
}

func announcementsConflict(t *testing.T, s Contract) {
	ctx := t.Context()
	a := fullAnnouncement("0a", second(5))
	must(t, s.WriteOrganization(ctx, Organization, policy.Change{Announcement: &a}))
	next := func(state org.AnnouncementState) org.Announcement {
		n := a
		n.Rev, n.State, n.Attempt = 2, state, user.NewAttempt()
		return n
	}
	errs := collect(10, func(i int) error {
		if i%2 == 0 {
			return s.Advance(ctx, a, next(org.AnnouncementEnded))
		}
		e := audit.Event{ID: fmt.Sprint("e", i), At: second(1), Kind: audit.AnnouncementChanged, Organization: Organization}
		return s.WriteAnnouncement(ctx, a, next(org.AnnouncementPaused), e)
	})
	if n := wins(t, errs, user.ErrConflict); n != 1 {
		t.Errorf("%d writes won", n)
	}
	stale := next(org.Announcing)
	if err := s.Advance(ctx, a, stale); !errors.Is(err, user.ErrConflict) {
		t.Errorf("a revision that has gone: %v", err)
	}
}

// Those without a second factor come page by page, and those who have one never; all come where all are asked for. As they are registered
// now they come by name.
func unenrolledPages(t *testing.T, s Contract) {
	w := NewWorld(t, s)
	for _, id := range []string{"a", "b#1", "c", "d", "e"} {
		p := w.profile(id)
		if id == "c" {
			p.Methods, p.EnrolledAt = []org.Method{org.TOTP}, p.RegisteredAt
		}
		p.OptedOutAt = second(3)
		must(t, s.Write(t.Context(), user.Change{Profile: &p}))
	}
	type pages = func(ctx context.Context, organization, after string, limit int) ([]user.Profile, string, error)
	read := func(page pages) (ids []string) {
		for after := ""; ; {
			found, next, err := page(t.Context(), Organization, after, 2)
			must(t, err)
			for _, p := range found {
				ids = append(ids, p.User)
			}
			if after = next; after == "" {
				return ids
			}
		}
	}
	eventually(t, "the index has all users", func() bool {
		return fmt.Sprint(read(s.Unenrolled), read(s.Facts)) == "[a b#1 d e] [a b#1 c d e]"
	})
	same(t, "users", read(s.Unenrolled), []string{"a", "b#1", "d", "e"})
	gone := w.profile("d")
	gone.Rev++
	gone = gone.Bury(second(4))
	gone.Rev--
	must(t, s.Write(t.Context(), user.Change{Profile: &gone}))
	now, err := s.Registered(t.Context(), Organization, []string{"b#1", "d", "nobody"})
	must(t, err)
	if len(now) != 1 || now["b#1"].Email == "" || !now["b#1"].OptedOutAt.Equal(second(3)) {
		t.Errorf("registered now: %+v", now)
	}
	if none, err := s.Registered(t.Context(), Organization, nil); err != nil || len(none) != 0 {
		t.Errorf("nobody asked for: %+v, %v", none, err)
	}
}
