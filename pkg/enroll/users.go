package enroll

import (
	"context"
	"slices"
	"strings"
	"time"

	"twofold/pkg/access"
	"twofold/pkg/audit"
	"twofold/pkg/decision"
	"twofold/pkg/fault"
	"twofold/pkg/login"
	"twofold/pkg/org"
	"twofold/pkg/stepup"
	"twofold/pkg/user"
)

var usersRule = devicesRule

// UsersRule is what registering, seeing, changing and deleting a user demands of a key: the application, whose users they are, or an
// administrator who may change users.
func UsersRule() access.Rule { return usersRule }

// User is a user as registered, and how the next login in a browser would be answered.
type User struct {
	Profile  user.Profile
	Methods  []org.Method
	Decision decision.Decision
	Troubles []user.Trouble
	Created  bool // by this very request
}

// User gives one.
func (s *Service) User(ctx context.Context, c access.Caller, of Subject) (User, error) {
	now := s.Now()
	snap, err := s.known(ctx, c, of, usersRule, now)
	if err != nil {
		return User{}, err
	}
	return account(snap, now), nil
}

func account(snap login.Snapshot, now time.Time) User {
	d := decision.Decide(login.State(snap, decision.Web, now), now)
	return User{Profile: *snap.Profile, Methods: snap.Factors.Methods(), Decision: d, Troubles: snap.Profile.Troubles(now)}
}

// Register registers a user, or gives one another login address, which must have been read by user.Address. The address that stands
// changes nothing. Another one ends every code and enrolment under way, and is told to both addresses and the recovery email. A user who
// was deleted is registered again by an administrator who may reset users only, and counts as one who was reset: login.ErrDeleted,
// stepup.ErrAllowance.
func (s *Service) Register(ctx context.Context, c access.Caller, of Subject, email string) (User, error) {
	now := s.Now()
	return user.Race(func() (User, error) {
		snap, err := login.Load(ctx, s.Store, c, usersRule, of.Organization, of.User, now)
		switch {
		case err != nil:
			return User{}, err
		case snap.Tombstone != nil:
			return s.again(ctx, snap, c, of, email, now)
		case snap.Profile != nil && snap.Profile.Email == email:
			return account(snap, now), nil
		}
		change, err := s.registration(snap, c, of, email, now)
		if err != nil {
			return User{}, err
		}
		if err := login.Save(ctx, s.Store, change); err != nil {
			return User{}, err
		}
		return written(snap, change, now), nil
	})
}

// written is a user after a change.
func written(snap login.Snapshot, change user.Change, now time.Time) User {
	created := snap.Profile == nil
	snap.Profile = change.Profile
	u := account(snap, now)
	u.Created = created
	return u
}

// registration is the change that registers a user, or gives a registered one another address.
func (s *Service) registration(snap login.Snapshot, c access.Caller, of Subject, email string, now time.Time) (user.Change, error) {
	if snap.Profile != nil {
		return s.readdress(snap, c, of, email, now)
	}
	p := user.Profile{Organization: of.Organization, User: of.User, Email: email, RegisteredAt: now}.Next()
	return user.Change{Profile: &p, Events: []audit.Event{of.event(audit.UserRegistered, snap, c, now)}}, nil
}

// readdress is the change of a login address. The audit shows both masked: it outlives the user, and whole they stand in the notice alone.
func (s *Service) readdress(snap login.Snapshot, c access.Caller, of Subject, email string, now time.Time) (user.Change, error) {
	p, f := snap.Profile.Next(), snap.Factors.Readdress()
	p.Email = email
	event := of.event(audit.UserReaddressed, snap, c, now)
	event.Details = map[string]string{"before": login.Mask(snap.Profile.Email), "after": login.Mask(email)}
	notice, err := s.notice(snap, event, now, snap.Profile.Email, email)
	return user.Change{Factors: &f, Profile: &p, Notice: notice, Events: []audit.Event{event}}, err
}

// again registers the id of a user who was deleted. It counts as a reset, or whoever may not reset many could delete them and register
// them anew.
func (s *Service) again(ctx context.Context, snap login.Snapshot, c access.Caller, of Subject, email string, now time.Time) (User, error) {
	if mayReset(snap.Key) != nil {
		return User{}, login.ErrDeleted
	}
	docket, err := stepup.Gate{Store: s.Store}.Free(ctx, snap.Key, of.Organization, 1, now)
	if err != nil {
		return User{}, err
	}
	p := snap.Tombstone.Exhume(email, now)
	event := of.event(audit.UserRegistered, snap, c, now)
	event.Details = map[string]string{"deleted": audit.InWords(snap.Tombstone.DeletedAt)}
	change := user.Change{Profile: &p, Events: []audit.Event{event}}
	if err := s.Store.WriteWithDocket(ctx, change, docket); err != nil {
		return User{}, fault.Down(err)
	}
	return written(snap, change, now), nil
}

// mayReset refuses whoever is no administrator with the permission to reset users.
func mayReset(k *access.Key) error {
	switch {
	case k.Role != access.OrganizationAdministrator:
		return access.ErrRole
	case !slices.Contains(k.Permissions, access.UsersReset):
		return access.ErrPermission
	}
	return nil
}

// Delete deletes a user, devices and all, in one write. What stays is a tombstone, the epoch and the audit, none of which holds an
// address; the user is told at those that there were.
func (s *Service) Delete(ctx context.Context, c access.Caller, of Subject) error {
	now := s.Now()
	_, err := user.Race(func() (struct{}, error) {
		snap, err := s.known(ctx, c, of, usersRule, now)
		if err != nil {
			return struct{}{}, err
		}
		stored, err := s.Store.Devices(ctx, of.Organization, of.User)
		if err != nil {
			return struct{}{}, fault.Down(err)
		}
		f, p := snap.Factors.Bury(), snap.Profile.Bury(now)
		event := of.event(audit.UserDeleted, snap, c, now)
		notice, err := s.notice(snap, event, now, snap.Profile.Email)
		if err != nil {
			return struct{}{}, err
		}
		change := user.Change{Factors: &f, Profile: &p, Removed: stored, NoAppPasswords: true, Notice: notice, Events: []audit.Event{event}}
		return struct{}{}, login.Save(ctx, s.Store, change)
	})
	return err
}

// notice tells of an event at these addresses, the recovery email, as it stands before the change, and the one that waits to be it.
func (s *Service) notice(snap login.Snapshot, event audit.Event, now time.Time, to ...string) (*user.Notice, error) {
	p := snap.Profile
	for _, c := range []user.Contact{p.Recovery(now), p.NextRecovery.Contact} {
		if !c.Known() {
			continue
		}
		address, err := s.Contacts.Open(c.Sealed, user.RecoveryUse(p.Organization, p.User))
		if err != nil {
			return nil, fault.Down(err)
		}
		to = append(to, string(address))
	}
	sealed, err := s.Contacts.Seal([]byte(strings.Join(to, "\n")), user.NoticeUse(p.Organization, p.User, event.ID))
	if err != nil {
		return nil, fault.Down(err)
	}
	return &user.Notice{Organization: p.Organization, User: p.User, Event: event, To: sealed, ExpiresAt: now.Add(user.NoticeLife)}, nil
}
