package memstore

import (
	"cmp"
	"context"
	"slices"
	"time"

	"twofold/pkg/audit"
	"twofold/pkg/mail"
	"twofold/pkg/org"
)

// DueAnnouncements implements mail.AnnouncementStore.
func (s *Store) DueAnnouncements(_ context.Context, now time.Time, limit int) (due []mail.Due, err error) {
	err = s.do(DueAnnouncements, func() error {
		var live []org.Announcement
		for _, a := range s.announcements {
			if a.Live() && !a.Due.After(now) {
				live = append(live, a)
			}
		}
		slices.SortFunc(live, func(a, b org.Announcement) int {
			return cmp.Or(a.Due.Compare(b.Due), cmp.Compare(a.Organization, b.Organization), cmp.Compare(a.ID, b.ID))
		})
		for _, a := range live[:min(limit, len(live))] {
			due = append(due, mail.Due{Organization: a.Organization, ID: a.ID})
		}
		return nil
	})
	return due, err
}

// Announcement implements mail.AnnouncementStore and policy.Store.
func (s *Store) Announcement(_ context.Context, organization, id string) (a *org.Announcement, o *org.Organization, err error) {
	err = s.do(Announcement, func() error {
		a = pointer(s.announcements, member{organization, id}, settleAnnouncement)
		o = pointer(s.organizations, organization, settleOrganization)
		return nil
	})
	return a, o, err
}

// Announcements implements policy.Store.
func (s *Store) Announcements(_ context.Context, organization string, limit int) (found []org.Announcement, err error) {
	err = s.do(Announcements, func() error {
		found = listed(s.announcements, organization, settleAnnouncement)
		slices.Reverse(found)
		found = found[:min(limit, len(found))]
		return nil
	})
	return found, err
}

// Advance implements mail.AnnouncementStore.
func (s *Store) Advance(_ context.Context, _, next org.Announcement) error {
	return s.do(Advance, func() error { return commit([]part{s.announcementPart(settleAnnouncement(next))}) })
}

// WriteAnnouncement implements policy.Store.
func (s *Store) WriteAnnouncement(_ context.Context, _, next org.Announcement, e audit.Event) error {
	return s.do(WriteAnnouncement, func() error {
		return commit([]part{s.announcementPart(settleAnnouncement(next)), s.eventPart(settleEvent(e))})
	})
}

func (s *Store) announcementPart(a org.Announcement) part {
	at := member{a.Organization, a.ID}
	stored, present := s.announcements[at]
	return part{
		holds: follows(a.Rev, stored.Rev, present), ours: sameAttempt(stored.Attempt, a.Attempt), proof: true,
		apply: func() { s.announcements[at] = a },
	}
}
