package admission

import (
	"context"
	"slices"
	"time"

	"twofold/pkg/access"
	"twofold/pkg/audit"
	"twofold/pkg/fault"
	"twofold/pkg/org"
	"twofold/pkg/user"
)

// maxSessions is in how many browsers an administrator is signed in at a time; a further one ends the oldest.
const maxSessions = 5

// ErrKey refuses a key that is not one of the administrator's own, with all that the administrator may.
var ErrKey = fault.New(fault.Unprocessable, "key_refused", "This is no live key of yours.").At("key")

// ProveKey judges the key that administrators show once, before they get their second factor: whoever reads their mail alone must not get one in
// their place. It is one of their own, and neither a session nor narrowed, as keys in somebody's place are.
func (s *Service) ProveKey(ctx context.Context, a org.Administrator, typed string) error {
	credential, err := access.Parse(typed)
	if err != nil {
		return ErrKey
	}
	key, _, err := s.Store.ReadOrganization(ctx, credential, a.Organization)
	if err != nil {
		return fault.Down(err)
	}
	if !key.Valid(credential, s.Now()) || !slices.Contains(a.Keys, key.ID) || key.Console || key.Scope != nil {
		return ErrKey
	}
	return nil
}

func roleOf(a org.Administrator) access.Role {
	if a.Organization == access.VendorHome {
		return access.SystemAdministrator
	}
	return access.OrganizationAdministrator
}

// Administrator is one who was made then, as things are now: ErrOver where that is not so any more.
func (s *Service) Administrator(ctx context.Context, organization, id string, since time.Time) (org.Administrator, error) {
	a, err := s.Store.Administrator(ctx, organization, id)
	switch {
	case err != nil:
		return org.Administrator{}, fault.Down(err)
	case a == nil || !a.CreatedAt.Equal(since): // who was active once stays so
		return org.Administrator{}, ErrOver
	}
	return *a, nil
}

// Passage is one way of an administrator into the console, up to the second factor.
type Passage struct {
	Organization, Administrator string
	// Since is when that administrator was made: one who was invited again meanwhile is another.
	Since time.Time
	// Secret is the passage's own: it has one session, however often it ends in one. Nobody knows it but the browser, and that one sealed.
	Secret string
}

// SignIn gives an administrator who has proven both factors a session. A passage that is taken again, because its reply was lost or by several requests at
// once, gets the one that it has, or none if that has ended. A sixth session ends the first.
func (s *Service) SignIn(ctx context.Context, c access.Caller, in Passage) (access.Credential, error) {
	now := s.Now()
	return user.Race(func() (access.Credential, error) {
		a, err := s.Administrator(ctx, in.Organization, in.Administrator, in.Since)
		if err != nil {
			return access.Credential{}, err
		}
		key, credential, err := s.sessionKey(a, in, now)
		if err != nil {
			return access.Credential{}, fault.Down(err)
		}
		held, err := s.Store.Keys(ctx, append([]string{key.ID}, a.Keys...)...)
		if err != nil {
			return access.Credential{}, fault.Down(err)
		}
		if len(held) > 0 && held[0].ID == key.ID {
			if !held[0].Valid(credential, now) {
				return access.Credential{}, ErrOver
			}
			return credential, nil
		}
		change := Change{Keys: []access.Key{key}}
		next := a
		next.Keys, next.Rev, next.Deliver = append(s.making(held, &change, now), key.ID), a.Rev+1, ""
		change.Administrator = &next
		change.Events = []audit.Event{event(c, audit.AdministratorSignedIn, key, now)}
		return credential, s.write(ctx, change)
	})
}

// sessionKey is the key that the session of a passage is.
func (s *Service) sessionKey(a org.Administrator, in Passage, now time.Time) (access.Key, access.Credential, error) {
	raw, err := s.raw("console-session", a.Organization, a.ID, in.Secret)
	if err != nil {
		return access.Key{}, access.Credential{}, err
	}
	key, credential, err := access.ConsoleKey(roleOf(a), raw, now)
	return key.Of(a.Organization, a.ID, a.Permissions), credential, err
}

// making makes room: it gives the ids of the keys that stay, and puts the end of the oldest session into a change where there are too many.
func (s *Service) making(held []access.Key, change *Change, now time.Time) []string {
	held = slices.DeleteFunc(held, func(k access.Key) bool { return !k.Live(now) })
	var sessions []access.Key
	for _, k := range held {
		if k.Console {
			sessions = append(sessions, k)
		}
	}
	slices.SortFunc(sessions, func(a, b access.Key) int { return a.CreatedAt.Compare(b.CreatedAt) })
	ended := map[string]bool{}
	for _, k := range sessions[:max(0, len(sessions)-maxSessions+1)] {
		ended[k.ID] = true
		k.RevokedAt = now
		change.Altered = append(change.Altered, k)
	}
	var stay []string
	for _, k := range held {
		if !ended[k.ID] {
			stay = append(stay, k.ID)
		}
	}
	return stay
}

// SignOut ends the caller's own session, with effect on the next request, and with it what was begun in it in somebody else's place. Repeating it changes
// nothing.
func (s *Service) SignOut(ctx context.Context, c access.Caller) error {
	now := s.Now()
	_, err := user.Race(func() (struct{}, error) {
		key, _, err := s.Store.ReadOrganization(ctx, c.Credential, access.VendorHome)
		switch {
		case err != nil:
			return struct{}{}, fault.Down(err)
		case !key.Valid(c.Credential, now) || !key.Console:
			return struct{}{}, nil
		}
		home, id := key.Home()
		a, err := s.Store.Administrator(ctx, home, id)
		switch {
		case err != nil:
			return struct{}{}, fault.Down(err)
		case a == nil:
			return struct{}{}, nil // and no key of theirs is good any more
		}
		next := *a
		next.Rev, next.Deliver = a.Rev+1, ""
		next.Keys = slices.DeleteFunc(slices.Clone(a.Keys), func(other string) bool { return other == key.ID })
		key.RevokedAt = now
		return struct{}{}, s.write(ctx, Change{
			Administrator: &next, Altered: []access.Key{*key}, Events: []audit.Event{event(c, audit.AdministratorSignedOut, *key, now)},
		})
	})
	return err
}

func event(c access.Caller, kind audit.Kind, k access.Key, now time.Time) audit.Event {
	home, id := k.Home()
	c.Claimed = "" // no application says anything: the console has seen the browser itself
	e := c.Event(kind, home, &k, now)
	e.Details = map[string]string{"administrator": id}
	return e
}
