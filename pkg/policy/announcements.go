package policy

import (
	"context"
	"time"

	"github.com/google/uuid"

	"twofold/pkg/access"
	"twofold/pkg/audit"
	"twofold/pkg/fault"
	"twofold/pkg/org"
	"twofold/pkg/user"
)

// The rules of announcements. Whoever reads a policy sees what was announced with it.
var (
	AnnounceRule          = access.Rule{Roles: []access.Role{access.OrganizationAdministrator}, Permission: access.AnnouncementsWrite}
	ReadAnnouncementsRule = ReadRule
)

// MaxAnnouncements is how many of an organisation's announcements are shown: the latest.
const MaxAnnouncements = 50

// announced is the announcement that comes with a policy, with its event.
func announced(p org.Policy, organization string, k *access.Key, c access.Caller, now time.Time) (org.Announcement, audit.Event) {
	a := org.Announcement{
		ID: uuid.Must(uuid.NewV7()).String(), Organization: organization, Rev: 1, PolicyVersion: p.Version, CreatedAt: now, CreatedBy: k.Who(),
		State: org.Announcing, Due: now, Attempt: user.NewAttempt(),
	}
	e := event(audit.AnnouncementCreated, organization, k, c, now)
	e.Details = map[string]string{"announcement": a.ID}
	return a, e
}

// Announcements are the latest of an organisation, the latest first.
func (s *Service) Announcements(ctx context.Context, c access.Caller, organization string) ([]org.Announcement, error) {
	snap, err := s.existing(ctx, c, ReadAnnouncementsRule, organization, s.Now())
	if err != nil {
		return nil, err
	}
	all, err := s.Store.Announcements(ctx, organization, MaxAnnouncements)
	if err != nil {
		return nil, fault.Down(err)
	}
	for i := range all {
		all[i] = all[i].Of(*snap.Organization)
	}
	return all, nil
}

// Announcement is one of an organisation, with its progress.
func (s *Service) Announcement(ctx context.Context, c access.Caller, organization, id string) (org.Announcement, error) {
	_, a, err := s.announcement(ctx, c, ReadAnnouncementsRule, organization, id, s.Now())
	return a, err
}

func (s *Service) announcement(ctx context.Context, c access.Caller, r access.Rule, organization, id string, now time.Time) (Snapshot, org.Announcement, error) {
	snap, err := s.existing(ctx, c, r, organization, now)
	if err != nil {
		return snap, org.Announcement{}, err
	}
	a, _, err := s.Store.Announcement(ctx, organization, id)
	switch {
	case err != nil:
		return snap, org.Announcement{}, fault.Down(err)
	case a == nil:
		return snap, org.Announcement{}, access.ErrNotFound
	}
	return snap, a.Of(*snap.Organization), nil
}

// ChangeAnnouncement pauses one, goes on with it, or cancels it. Saying what stands already changes nothing; what has ended stays so:
// org.ErrAnnouncement.
func (s *Service) ChangeAnnouncement(ctx context.Context, c access.Caller, organization, id string, to org.AnnouncementState) (org.Announcement, error) {
	now := s.Now()
	return user.Race(func() (org.Announcement, error) {
		snap, before, err := s.announcement(ctx, c, AnnounceRule, organization, id, now)
		if err != nil {
			return org.Announcement{}, err
		}
		next, err := before.Become(to)
		if err != nil || next.Rev == before.Rev {
			return next, err
		}
		next.Attempt = user.NewAttempt()
		e := event(audit.AnnouncementChanged, organization, snap.Key, c, now)
		e.Details = map[string]string{"announcement": id, "state": string(before.State) + " → " + string(to)}
		if err := s.Store.WriteAnnouncement(ctx, before, next, e); err != nil {
			return org.Announcement{}, fault.Down(err)
		}
		return next, nil
	})
}
