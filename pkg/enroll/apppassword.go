package enroll

import (
	"context"
	"strings"
	"time"

	"twofold/pkg/access"
	"twofold/pkg/audit"
	"twofold/pkg/factor"
	"twofold/pkg/fault"
	"twofold/pkg/login"
	"twofold/pkg/org"
	"twofold/pkg/user"
)

// AppPasswordsRule is what seeing and withdrawing app passwords demands of a key: the application, for the user; an administrator who may
// change users, for support. Neither sees a password by it.
func AppPasswordsRule() access.Rule { return devicesRule }

var withdrawRule = access.Rule{Roles: []access.Role{access.OrganizationAdministrator}, Permission: access.UsersWrite}

// WithdrawRule is what taking an app password away without the user's proof demands of a key.
func WithdrawRule() access.Rule { return withdrawRule }

// The refusals of making an app password.
var (
	ErrNoAppPasswords = fault.New(fault.Conflict, "app_passwords_not_offered", "The organisation has no app passwords for this service: it is not entitled to any, or its policy does not name the service.").At("service")
	ErrAppPasswords   = fault.New(fault.Conflict, "app_password_limit", "This user has as many app passwords as there may be. Revoke one that is not used.")
)

// AppPassword is one as it is shown.
type AppPassword struct {
	user.AppPassword
	Works    bool   // the policy has a use for it now
	Password string // grouped for reading; empty in a list
}

// NewAppPassword asks for one.
type NewAppPassword struct {
	Request
	Service string
	Name    string // one line; may be empty
}

// AppPasswords are those that nothing has killed, the latest first.
func (s *Service) AppPasswords(ctx context.Context, c access.Caller, of Subject) ([]AppPassword, error) {
	snap, err := s.withAppPasswords(ctx, c, of, devicesRule, s.Now())
	if err != nil {
		return nil, err
	}
	return living(snap), nil
}

func living(snap login.Snapshot) []AppPassword {
	var all []AppPassword
	for _, a := range snap.AppPasswords.Living(snap.Factors.Epoch) {
		all = append(all, AppPassword{AppPassword: a, Works: a.Works(*snap.Organization, snap.Factors.Epoch)})
	}
	return all
}

// CreateAppPassword makes one for a service of the policy, with a fresh proof.
func (s *Service) CreateAppPassword(ctx context.Context, c access.Caller, in NewAppPassword) (AppPassword, error) {
	in.bind("create", in.Service, in.Name)
	var snap login.Snapshot
	allowed := func(t proven) (err error) {
		snap, err = s.withAppPasswords(ctx, c, in.Of, rule, t.now)
		switch {
		case err != nil:
			return err
		case !user.OffersAppPasswords(*t.snap.Organization, in.Service):
			return ErrNoAppPasswords
		case len(snap.AppPasswords.Living(t.f.Epoch)) >= user.MaxAppPasswords:
			return ErrAppPasswords
		}
		return nil
	}
	return prove(ctx, s, c, in.Request, user.ManageAppPasswords, allowed, func(t proven) (AppPassword, error) {
		if t.repeated {
			return t.madeBefore(ctx)
		}
		a, password, err := s.appPassword(snap.AppPasswords, in.Service, in.Proof.Method, t.f.Epoch, t.success, t.now)
		if err != nil {
			return AppPassword{}, err
		}
		a.Name = in.Name
		next := snap.AppPasswords.Add(a)
		err = t.writeAppPassword(ctx, audit.AppPasswordCreated, a, &next)
		return AppPassword{a, a.Works(*t.snap.Organization, a.Epoch), factor.ShowAppPassword(password)}, err
	})
}

// ViewAppPassword shows one again, with a fresh proof.
func (s *Service) ViewAppPassword(ctx context.Context, c access.Caller, in Request, id string) (AppPassword, error) {
	in.bind("view", id)
	var shown AppPassword
	show := func(t proven) error {
		snap, a, err := s.oneAppPassword(ctx, c, in.Of, rule, id, t.now)
		if err == nil {
			shown, err = s.opened(snap, a)
		}
		return err
	}
	return prove(ctx, s, c, in, user.ManageAppPasswords, show, func(t proven) (AppPassword, error) {
		if t.repeated {
			err := show(t)
			return shown, err
		}
		return shown, t.writeAppPassword(ctx, audit.AppPasswordViewed, shown.AppPassword, nil)
	})
}

// RevokeAppPassword ends one for the user, with a fresh proof: whoever has the application's session alone cannot cut the user's mail off.
func (s *Service) RevokeAppPassword(ctx context.Context, c access.Caller, in Request, id string) error {
	in.bind("revoke", id)
	var snap login.Snapshot
	var a user.AppPassword
	exists := func(t proven) (err error) {
		snap, a, err = s.oneAppPassword(ctx, c, in.Of, rule, id, t.now)
		return err
	}
	_, err := prove(ctx, s, c, in, user.ManageAppPasswords, exists, func(t proven) (struct{}, error) {
		if t.repeated {
			return struct{}{}, nil
		}
		next := snap.AppPasswords.Without(id)
		return struct{}{}, t.writeAppPassword(ctx, audit.AppPasswordRevoked, a, &next)
	})
	return err
}

// WithdrawAppPassword ends one for an administrator: what is stolen must not wait for the user.
func (s *Service) WithdrawAppPassword(ctx context.Context, c access.Caller, of Subject, id string) error {
	now := s.Now()
	_, err := user.Race(func() (struct{}, error) {
		snap, a, err := s.oneAppPassword(ctx, c, of, withdrawRule, id, now)
		if err != nil {
			return struct{}{}, err
		}
		next := snap.AppPasswords.Without(id)
		event := of.event(audit.AppPasswordRevoked, snap, c, now)
		event.Details, event.Notify = a.Details(), true
		return struct{}{}, login.Save(ctx, s.Store, user.Change{AppPasswords: &next, Events: []audit.Event{event}})
	})
	return err
}

// bind makes a repetition good for this very thing only: the same key and code with another is no repetition, and the code is used.
func (in *Request) bind(to ...string) {
	if in.IdempotencyKey != "" {
		in.IdempotencyKey = strings.Join(append(to, in.IdempotencyKey), "\x00")
	}
}

// writeAppPassword writes what a proof was given for, with the proof used up, and tells the user.
func (t proven) writeAppPassword(ctx context.Context, kind audit.Kind, a user.AppPassword, next *user.AppPasswords) error {
	event := t.of.event(kind, t.snap, t.c, t.now)
	event.Details, event.Notify = a.Details(), true
	return login.Save(ctx, t.Store, user.Change{Factors: &t.f, AppPasswords: next, Events: []audit.Event{event}})
}

// madeBefore shows the one that this very request made before, when its reply was lost.
func (t proven) madeBefore(ctx context.Context) (AppPassword, error) {
	snap, err := t.withAppPasswords(ctx, t.c, t.of, rule, t.now)
	if err != nil {
		return AppPassword{}, err
	}
	for _, a := range snap.AppPasswords.Living(snap.Factors.Epoch) {
		if string(a.Tag) == t.success.ID {
			return t.opened(snap, a)
		}
	}
	return AppPassword{}, access.ErrNotFound // it was revoked since
}

func (s *Service) opened(snap login.Snapshot, a user.AppPassword) (AppPassword, error) {
	password, err := s.AppPasswordKeys.Open(a.Sealed, snap.AppPasswords.SealedUse(a.ID))
	if err != nil {
		return AppPassword{}, fault.Down(err)
	}
	return AppPassword{a, a.Works(*snap.Organization, snap.Factors.Epoch), factor.ShowAppPassword(string(password))}, nil
}

// appPassword makes one that belongs to a success, and gives its text.
func (s *Service) appPassword(of user.AppPasswords, service string, way org.Method, epoch int64, success user.Success, now time.Time) (user.AppPassword, string, error) {
	password := factor.NewAppPassword()
	a := user.AppPassword{
		ID: user.NewID(), Service: service, Way: way, Epoch: epoch, Tag: []byte(success.ID), CreatedAt: now.Truncate(time.Second),
		Digest: factor.AppPasswordDigest(factor.AppPlace{Organization: of.Organization, User: of.User, Service: service}, password),
	}
	var err error
	if a.Sealed, err = s.AppPasswordKeys.Seal([]byte(password), of.SealedUse(a.ID)); err != nil {
		return a, "", fault.Down(err)
	}
	return a, password, nil
}

func (s *Service) withAppPasswords(ctx context.Context, c access.Caller, of Subject, r access.Rule, now time.Time) (login.Snapshot, error) {
	snap, err := login.LoadWithAppPasswords(ctx, s.Store, c, r, of.Organization, of.User, "", now)
	if err == nil {
		err = of.stands(snap)
	}
	return snap, err
}

// oneAppPassword reads a user with a living one; a dead one does not exist.
func (s *Service) oneAppPassword(ctx context.Context, c access.Caller, of Subject, r access.Rule, id string, now time.Time) (login.Snapshot, user.AppPassword, error) {
	snap, err := s.withAppPasswords(ctx, c, of, r, now)
	if err != nil {
		return snap, user.AppPassword{}, err
	}
	a, found := snap.AppPasswords.Find(id, snap.Factors.Epoch)
	if !found {
		err = access.ErrNotFound
	}
	return snap, a, err
}
