package enroll

import (
	"context"
	"time"

	"github.com/google/uuid"

	"twofold/pkg/access"
	"twofold/pkg/audit"
	"twofold/pkg/fault"
	"twofold/pkg/login"
	"twofold/pkg/user"
)

// OptedOut reports whether the user whom a token of user.OptOut names has announcements no more; access.ErrNotFound for a token of nobody.
// There is no key: who has the token got the mail. It names nobody to whoever has it.
func (s *Service) OptedOut(ctx context.Context, token string) (bool, error) {
	p, err := s.optOut(ctx, token)
	return err == nil && !p.OptedOutAt.IsZero(), err
}

// OptOut ends announcements to the user whom a token names. Repeating it changes nothing.
func (s *Service) OptOut(ctx context.Context, c access.Caller, token string) error {
	now := s.Now()
	_, err := user.Race(func() (struct{}, error) {
		p, err := s.optOut(ctx, token)
		if err != nil || !p.OptedOutAt.IsZero() {
			return struct{}{}, err
		}
		e := audit.Event{
			ID: uuid.Must(uuid.NewV7()).String(), At: now, Kind: audit.AnnouncementsDeclined, Organization: p.Organization, User: p.User,
			Role: audit.Recipient, Actor: "link in an announcement", Seen: c.Seen, RequestID: c.RequestID,
		}
		return struct{}{}, s.decline(ctx, p, now, e)
	})
	return err
}

func (s *Service) optOut(ctx context.Context, token string) (user.Profile, error) {
	named, ok := user.ParseOptOut(s.Contacts, token)
	if !ok {
		return user.Profile{}, access.ErrNotFound
	}
	members, err := s.Store.Members(ctx, named.Organization, []string{named.User})
	if err != nil {
		return user.Profile{}, fault.Down(err)
	}
	p := members[named.User].Profile
	if p == nil || !named.Of(*p) {
		return user.Profile{}, access.ErrNotFound
	}
	return *p, nil
}

// SetAnnouncements sends a user announcements again, or no more, as the user says to the application. Saying what stands changes nothing.
func (s *Service) SetAnnouncements(ctx context.Context, c access.Caller, of Subject, wanted bool) (User, error) {
	now := s.Now()
	return user.Race(func() (User, error) {
		snap, err := s.known(ctx, c, of, rule, now)
		switch {
		case err != nil:
			return User{}, err
		case snap.Profile.OptedOutAt.IsZero() == wanted:
			return account(snap, now), nil
		}
		kind, at := audit.AnnouncementsDeclined, now
		if wanted {
			kind, at = audit.AnnouncementsWanted, time.Time{}
		}
		if err := s.decline(ctx, *snap.Profile, at, of.event(kind, snap, c, now)); err != nil {
			return User{}, err
		}
		snap.Profile.OptedOutAt = at
		return account(snap, now), nil
	})
}

// decline writes since when a user has no announcements; zero: they come.
func (s *Service) decline(ctx context.Context, p user.Profile, at time.Time, e audit.Event) error {
	next := p.Next()
	next.OptedOutAt = at
	return login.Save(ctx, s.Store, user.Change{Profile: &next, Events: []audit.Event{e}})
}
