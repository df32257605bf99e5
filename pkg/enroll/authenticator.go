package enroll

import (
	"context"
	"time"

	"twofold/pkg/access"
	"twofold/pkg/audit"
	"twofold/pkg/fault"
	"twofold/pkg/login"
	"twofold/pkg/org"
	"twofold/pkg/user"
)

// The refusals of a change of authenticators.
var (
	ErrTooMany    = fault.New(fault.Conflict, "too_many_authenticators", "This user has as many authenticators as there may be. Remove one first.")
	ErrHasMethod  = fault.New(fault.Conflict, "method_enrolled", "This user has this method already, and there can be only one of it.").At("method")
	ErrNoRecovery = fault.New(fault.Conflict, "recovery_email_missing", "This user has no recovery email, and codes by mail go to that. Set it first.").At("method")
	ErrPending    = fault.New(fault.Conflict, "nothing_to_confirm", "Nothing waits to be confirmed: it was confirmed, expired, or something else was begun since.")
	ErrLast       = fault.New(fault.Conflict, "last_authenticator", "This is the only authenticator. To have none, switch two-factor authentication off.")
)

// Authenticator is one as the user sees it.
type Authenticator struct {
	ID        string
	Method    org.Method
	Name      string
	Default   bool
	SentTo    string // masked; empty where codes are not sent
	OptedOut  bool   // the owner of its number wants no SMS, so its codes do not arrive
	CreatedAt time.Time
	LastUsed  time.Time // to the 30 seconds; zero: never
}

// Pending is an authenticator that waits for its first code.
type Pending struct {
	Method    org.Method
	Setup     *login.Setup // of an authenticator app
	Sent      Sent         // of a method whose codes are sent
	ExpiresAt time.Time
}

// Authenticators are a user's, the default first.
func (s *Service) Authenticators(ctx context.Context, c access.Caller, of Subject) ([]Authenticator, error) {
	now := s.Now()
	snap, err := s.known(ctx, c, of, devicesRule, now)
	if err != nil {
		return nil, err
	}
	return s.shown(snap, now)
}

func (s *Service) shown(snap login.Snapshot, now time.Time) ([]Authenticator, error) {
	all := make([]Authenticator, len(snap.Factors.Authenticators))
	for i, a := range snap.Factors.Authenticators {
		to, err := s.whereto(snap, a, now)
		if err != nil {
			return nil, err
		}
		all[i] = Authenticator{
			ID: a.ID, Method: a.Method, Name: snap.Profile.Names[a.ID], Default: i == 0, SentTo: to,
			OptedOut: snap.Profile.Silent(a), CreatedAt: a.CreatedAt, LastUsed: a.LastUsed(),
		}
	}
	return all, nil
}

// Add begins to add an authenticator: it counts for nothing until its first code was right. The number is typed where the method is
// SMS, and empty otherwise.
func (s *Service) Add(ctx context.Context, c access.Caller, in Request, m org.Method, number string) (Pending, error) {
	chosen := choice{m, number}
	addable := func(t proven) error { return t.addable(chosen) }
	return prove(ctx, s, c, in, user.AddMethod, addable, func(t proven) (Pending, error) {
		if t.repeated {
			return t.waiting(m)
		}
		e := &user.Enrollment{Proven: true, RecoveryVerified: true, ExpiresAt: t.now.Add(login.EnrollingLife)}
		if err := s.pending(e, chosen, *t.snap.Organization, t.f); err != nil {
			return Pending{}, err
		}
		t.f.Enrollment = e
		if user.Mails(m) {
			t.f.From = user.OriginOf(t.c.Claimed, t.c.Agent)
			if err := s.challenge(&t.f, user.By(user.Confirm, m), reached(*e, t.snap.Profile.Recovery(t.now)), t.now); err != nil {
				return Pending{}, err
			}
		}
		if err := login.Save(ctx, s.Store, user.Change{Factors: &t.f}); err != nil {
			return Pending{}, err
		}
		return t.waiting(m)
	})
}

func (t proven) addable(c choice) error {
	m := c.method
	_, has := t.f.Of(m)
	switch {
	case choosable(*t.snap.Organization, m) != nil:
		return choosable(*t.snap.Organization, m)
	case m == org.Email && has:
		return ErrHasMethod
	case m == org.Email && !t.snap.Profile.Recovery(t.now).Known():
		return ErrNoRecovery
	case len(t.f.Authenticators) >= user.MaxAuthenticators:
		return ErrTooMany
	case m == org.SMS:
		return t.newPhone(c)
	}
	return nil
}

// waiting shows the authenticator that waits.
func (t proven) waiting(m org.Method) (Pending, error) {
	e, waits := changing(t.f, t.now)
	if !waits || e.AuthenticatorID == "" || e.Of() != m {
		return Pending{}, ErrPending
	}
	p := Pending{Method: m, ExpiresAt: e.ExpiresAt}
	var err error
	if !user.Mails(m) {
		p.Setup, err = t.setup(t.snap, e)
		return p, err
	}
	purpose := user.By(user.Confirm, m)
	if sent, open := t.f.Open(purpose, "", t.now); open {
		p.Sent = Sent{Order: sent.ID, ExpiresAt: sent.ExpiresAt, ResendAt: t.f.ResendAt(purpose, t.now)}
	}
	p.Sent.To, err = t.whereto(t.snap, user.Authenticator{ID: e.AuthenticatorID, Method: m, Secret: e.Secret}, t.now)
	return p, err
}

// changing is what an enrolled user is changing, if anything.
func changing(f user.Factors, now time.Time) (user.Enrollment, bool) {
	e := f.Enrollment
	if e == nil || e.Login != "" || !now.Before(e.ExpiresAt) {
		return user.Enrollment{}, false
	}
	return *e, true
}

// Rename gives an authenticator another name, none where it is empty. The name that it has changes nothing.
func (s *Service) Rename(ctx context.Context, c access.Caller, of Subject, id, name string) (Authenticator, error) {
	return s.alter(ctx, c, of, id, func(_ *user.Factors, p *user.Profile, event *audit.Event) bool {
		event.Details["new_name"] = name
		same := p.Names[id] == name
		p.Call(id, name)
		return !same
	})
}

// Prefer makes an authenticator the default.
func (s *Service) Prefer(ctx context.Context, c access.Caller, of Subject, id string) (Authenticator, error) {
	return s.alter(ctx, c, of, id, func(f *user.Factors, p *user.Profile, event *audit.Event) bool {
		event.Details["default"] = "true"
		same := f.Authenticators[0].ID == id
		f.Prefer(id)
		p.Enrolled(*f)
		return !same
	})
}

// alter changes what proves nothing, and so needs no proof: what an authenticator is called, and which is offered first.
func (s *Service) alter(ctx context.Context, c access.Caller, of Subject, id string, change func(*user.Factors, *user.Profile, *audit.Event) bool) (Authenticator, error) {
	now := s.Now()
	return user.Race(func() (Authenticator, error) {
		snap, err := s.known(ctx, c, of, rule, now)
		if err != nil {
			return Authenticator{}, err
		}
		a, found := snap.Factors.Authenticator(id)
		if !found {
			return Authenticator{}, access.ErrNotFound
		}
		f, p := snap.Factors.Next(), snap.Profile.Next()
		event := of.aboutAuthenticator(audit.AuthenticatorChanged, a, snap, c, now)
		if change(&f, &p, &event) {
			err = login.Save(ctx, s.Store, user.Change{Factors: &f, Profile: &p, Events: []audit.Event{event}})
			snap.Factors, snap.Profile = f, &p
		}
		if err != nil {
			return Authenticator{}, err
		}
		return s.one(snap, id, now)
	})
}

func (s *Service) one(snap login.Snapshot, id string, now time.Time) (Authenticator, error) {
	all, err := s.shown(snap, now)
	for _, a := range all {
		if a.ID == id {
			return a, err
		}
	}
	return Authenticator{}, err
}

// Remove takes an authenticator away, but never the last one. Browsers that were trusted are so no more.
func (s *Service) Remove(ctx context.Context, c access.Caller, in Request, id string) error {
	removable := func(t proven) error { return t.removable(id) }
	_, err := prove(ctx, s, c, in, user.RemoveMethod, removable, func(t proven) (struct{}, error) {
		if t.repeated {
			return struct{}{}, nil
		}
		a, _ := t.f.Authenticator(id)
		devices, err := s.Store.Devices(ctx, in.Of.Organization, in.Of.User)
		if err != nil {
			return struct{}{}, fault.Down(err)
		}
		event := in.Of.aboutAuthenticator(audit.AuthenticatorRemoved, a, t.snap, c, t.now)
		event.Notify = true
		t.f.Remove(id)
		profile := t.snap.Profile.Next()
		profile.Enrolled(t.f)
		return struct{}{}, login.Save(ctx, s.Store, user.Change{Factors: &t.f, Profile: &profile, Removed: devices, Events: []audit.Event{event}})
	})
	return err
}

func (t proven) removable(id string) error {
	_, found := t.f.Authenticator(id)
	switch {
	case !found:
		return access.ErrNotFound
	case len(t.f.Authenticators) == 1:
		return ErrLast
	}
	return nil
}

func (of Subject) aboutAuthenticator(kind audit.Kind, a user.Authenticator, snap login.Snapshot, c access.Caller, now time.Time) audit.Event {
	event := of.event(kind, snap, c, now)
	event.Details = map[string]string{"authenticator": a.ID, "method": string(a.Method)}
	if name := snap.Profile.Names[a.ID]; name != "" {
		event.Details["name"] = name
	}
	return event
}
