package people

import (
	"context"
	"slices"
	"time"
	"unicode/utf8"

	"twofold/pkg/access"
	"twofold/pkg/audit"
	"twofold/pkg/fault"
	"twofold/pkg/org"
	"twofold/pkg/user"
)

// The rules of an impersonation. Whoever may change keys of the organisation may end one, so that nobody has to bear it; whoever
// reads the audit sees those that are under way.
var (
	ImpersonateRule        = access.Rule{Roles: []access.Role{access.SystemAdministrator}, InPerson: true}
	EndImpersonationRule   = KeysRule
	ReadImpersonationsRule = access.Rule{
		Roles: []access.Role{access.SystemAdministrator, access.OrganizationAdministrator}, Permission: access.AuditRead,
	}
)

// ErrReason refuses to act in somebody's place without saying why.
var ErrReason = fault.New(fault.Unprocessable, "reason_malformed", "A reason is one line of 3 to 200 characters.").At("reason")

// The lengths of a reason, in characters.
const (
	minReason = 3
	maxReason = 200
)

// CheckReason refuses what is no reason.
func CheckReason(reason string) error {
	if n := utf8.RuneCountInString(reason); !user.OneLine(reason) || n < minReason || n > maxReason {
		return ErrReason
	}
	return nil
}

// ErrSessions refuses a further session in one administrator's place.
var ErrSessions = fault.New(fault.Conflict, "too_many_impersonations", "Too many system administrators act in this administrator's place.")

// Session is an impersonation: who acts in whose place, why, and how long. Token is shown once, when it begins.
type Session struct {
	ID            string
	By            string // the system administrator
	Administrator string
	Reason        string
	Permissions   []access.Permission
	BegunAt       time.Time
	ExpiresAt     time.Time
	Token         string
}

// Impersonate has the caller act in an administrator's place for access.SessionLife. All administrators of the organisation are told. A
// session that the caller has in that place already ends, so whoever lost the reply just asks again.
func (s *Service) Impersonate(ctx context.Context, c access.Caller, organization, administrator, reason string) (Session, error) {
	if err := CheckReason(reason); err != nil {
		return Session{}, err
	}
	now := s.Now()
	return user.Race(func() (Session, error) {
		v, err := s.read(ctx, c, ImpersonateRule, organization, now)
		switch {
		case err != nil:
			return Session{}, err
		case organization == access.Administrators:
			return Session{}, access.ErrImpersonated // or whoever holds a session would make a second factor for its owner
		}
		a, err := s.Store.Administrator(ctx, organization, administrator)
		switch {
		case err != nil:
			return Session{}, fault.Down(err)
		case a == nil:
			return Session{}, access.ErrNotFound.At("administrator")
		case !a.Active():
			return Session{}, ErrInvited.At("administrator")
		}
		held := heldByAdministrator(*a)
		keys, err := s.live(ctx, held, v)
		if err != nil {
			return Session{}, err
		}
		return s.act(ctx, v, held, keys, reason)
	})
}

// act makes the session, beside the administrator's live keys.
func (s *Service) act(ctx context.Context, v visit, of held, keys []access.Key, reason string) (Session, error) {
	key, token := access.NewSession(v.key, v.organization, of.id, of.permissions, reason, v.now)
	change := Change{Keys: []access.Key{key}}
	left, sessions := []string{key.ID}, 0
	for _, k := range keys {
		if k.Impersonation.By == v.key.Holder {
			k.RevokedAt = v.now
			change.Altered = append(change.Altered, k)
			change.Events = append(change.Events, v.ended(k))
			continue
		}
		if k.Impersonates() {
			sessions++
		}
		left = append(left, k.ID)
	}
	if sessions >= org.MaxKeys {
		return Session{}, ErrSessions
	}
	of.with(left, v, &change)
	e := v.event(audit.ImpersonationBegun, toldOf(key))
	e.Subject, e.Session = key.Holder, key.ID
	e.Reason, e.Notify = reason, true
	e.Details["until"] = audit.InWords(key.ExpiresAt)
	change.Events = append(change.Events, e)
	begun := sessionOf(key)
	begun.Token = token
	if err := s.write(ctx, change); err != nil {
		return Session{}, err
	}
	return begun, nil
}

// toldOf is a session in words, for the audit and the mail.
func toldOf(session access.Key) map[string]string {
	return map[string]string{"system_administrator": session.Impersonation.By, "in_the_place_of": session.Holder}
}

// ended is the event of a session that ends before its time. Whoever ends it acts in nobody's place.
func (v visit) ended(session access.Key) audit.Event {
	e := v.event(audit.ImpersonationEnded, toldOf(session))
	e.Details["impersonation"] = session.ID
	return e
}

func sessionOf(k access.Key) Session {
	return Session{
		ID: k.ID, By: k.Impersonation.By, Administrator: k.Holder, Reason: k.Impersonation.Reason, Permissions: k.Permissions,
		BegunAt: k.CreatedAt, ExpiresAt: k.ExpiresAt,
	}
}

// Impersonations are those under way in an organisation, by administrator. None shows a token.
func (s *Service) Impersonations(ctx context.Context, c access.Caller, organization string) ([]Session, error) {
	v, err := s.read(ctx, c, ReadImpersonationsRule, organization, s.Now())
	if err != nil {
		return nil, err
	}
	administrators, err := s.Store.Administrators(ctx, organization)
	if err != nil {
		return nil, fault.Down(err)
	}
	var ids []string
	for _, a := range administrators {
		ids = append(ids, a.Keys...)
	}
	keys, err := s.Store.Keys(ctx, ids...)
	if err != nil {
		return nil, fault.Down(err)
	}
	keys = slices.DeleteFunc(keys, func(k access.Key) bool { return !k.Impersonates() })
	return s.underWay(ctx, keys, v.now)
}

// underWay leaves out the sessions that have ended, those whose key has among them.
func (s *Service) underWay(ctx context.Context, sessions []access.Key, now time.Time) ([]Session, error) {
	var ids []string
	for _, k := range sessions {
		ids = append(ids, k.Impersonation.Key)
	}
	slices.Sort(ids)
	parents, err := s.Store.Keys(ctx, slices.Compact(ids)...)
	if err != nil {
		return nil, fault.Down(err)
	}
	var live []Session
	for _, k := range sessions {
		if at := slices.IndexFunc(parents, func(p access.Key) bool { return p.ID == k.Impersonation.Key }); at >= 0 {
			k.Parent = &parents[at]
		}
		if k.Acts(now) {
			live = append(live, sessionOf(k))
		}
	}
	return live, nil
}

// EndImpersonation ends one before its time, with effect on the next request. Repeating it changes nothing.
func (s *Service) EndImpersonation(ctx context.Context, c access.Caller, organization, id string) error {
	now := s.Now()
	_, err := user.Race(func() (struct{}, error) {
		v, err := s.read(ctx, c, EndImpersonationRule, organization, now)
		if err != nil {
			return struct{}{}, err
		}
		found, err := s.Store.Keys(ctx, id)
		switch {
		case err != nil:
			return struct{}{}, fault.Down(err)
		case len(found) == 0 || !found[0].Impersonates() || !found[0].Reaches(organization):
			return struct{}{}, access.ErrNotFound
		case !found[0].Live(now):
			return struct{}{}, nil
		}
		return struct{}{}, s.end(ctx, v, found[0])
	})
	return err
}

func (s *Service) end(ctx context.Context, v visit, session access.Key) error {
	a, err := s.Store.Administrator(ctx, v.organization, session.Holder)
	if err != nil || a == nil {
		return absent(err)
	}
	session.RevokedAt = v.now
	change := Change{Altered: []access.Key{session}, Events: []audit.Event{v.ended(session)}}
	left := slices.DeleteFunc(slices.Clone(a.Keys), func(other string) bool { return other == session.ID })
	heldByAdministrator(*a).with(left, v, &change)
	return s.write(ctx, change)
}
