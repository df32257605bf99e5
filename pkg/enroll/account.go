package enroll

import (
	"bytes"
	"context"
	"slices"
	"time"

	"twofold/pkg/access"
	"twofold/pkg/decision"
	"twofold/pkg/login"
	"twofold/pkg/org"
	"twofold/pkg/user"
)

// Opened is where the page of a user's own settings is entered, and until when.
type Opened struct {
	Entry     string
	ExpiresAt time.Time
}

// OpenAccount opens the page of a user's own settings, for a user whom the application has signed in: it is not asked who looks at it. It
// writes nothing. The address that the page leads back to is one of the application's: login.ErrReturnAddress.
func (s *Service) OpenAccount(ctx context.Context, c access.Caller, of Subject, returnTo string) (Opened, error) {
	now := s.Now()
	snap, err := s.known(ctx, c, of, rule, now)
	if err != nil {
		return Opened{}, err
	}
	if !slices.Contains(snap.Key.ReturnAddresses, returnTo) {
		return Opened{}, login.ErrReturnAddress
	}
	a := login.Account{
		ID: user.NewID(), Organization: of.Organization, User: of.User, Epoch: snap.Factors.Epoch, Rev: snap.Factors.Rev, Key: c.Credential.Keep(), ReturnTo: returnTo,
		Language: snap.Profile.Language, Whom: login.Mask(snap.Profile.Email), ExpiresAt: now.Add(login.AccountEntryLife),
	}
	entry, err := a.Entry(s.Tokens)
	return Opened{entry, a.ExpiresAt}, err
}

// EnterAccount uses an entry up, in one conditional write: login.ErrEnded where it was used, or another that was made no earlier. Of two browsers
// with one entry only one gets in, and whoever finds it later does not.
func (s *Service) EnterAccount(ctx context.Context, c access.Caller, a login.Account) error {
	now := s.Now()
	of := Subject{Organization: a.Organization, User: a.User, Epoch: &a.Epoch}
	_, err := user.Race(func() (struct{}, error) {
		snap, err := s.known(ctx, c, of, rule, now)
		if err != nil {
			return struct{}{}, err
		}
		if a.Rev < snap.Factors.Entered {
			return struct{}{}, login.ErrEnded
		}
		f := snap.Factors.Next()
		f.Entered = f.Rev
		return struct{}{}, login.Save(ctx, s.Store, user.Change{Factors: &f})
	})
	return err
}

// Offers is what a user may change, as the policy has it and as things stand. What is not in it the services refuse as well.
type Offers struct {
	Methods  []org.Method // that may be added
	Codes    bool         // saved recovery codes are open, and new ones may be made
	Mailed   bool         // they go to the recovery email, and are not shown
	Delay    time.Duration
	Services []string // that an app password may be made for
	Trusts   bool     // browsers may be trusted
}

func offers(snap login.Snapshot, now time.Time) Offers {
	o, f := *snap.Organization, snap.Factors
	p := o.Policy
	all := Offers{Delay: p.Recovery.Delay(), Mailed: p.Recovery.MailCodes, Trusts: p.RememberDevice}
	if !f.Enrolled() {
		return all
	}
	all.Codes = p.Recovery.SavedCodes
	for _, m := range o.Offered() {
		if choosable(o, m) == nil && room(snap, m, now) {
			all.Methods = append(all.Methods, m)
		}
	}
	for _, service := range p.AppPasswordServices {
		if user.OffersAppPasswords(o, service) && len(snap.AppPasswords.Living(f.Epoch)) < user.MaxAppPasswords {
			all.Services = append(all.Services, service)
		}
	}
	return all
}

// room reports whether a user may have one more authenticator of a method.
func room(snap login.Snapshot, m org.Method, now time.Time) bool {
	f := snap.Factors
	switch _, has := f.Of(m); {
	case len(f.Authenticators) >= user.MaxAuthenticators:
		return false
	case m == org.Email:
		return !has && snap.Profile.Recovery(now).Known()
	case m == org.SMS:
		return f.Phones() < user.MaxPhones
	}
	return true
}

// Way is an authenticator that a change may be proven by. Sent is the code that was ordered for that change; zero where there is none, and of an
// authenticator app.
type Way struct {
	Authenticator
	Sent Sent
}

// Awaited is what was begun and waits for its first code: an authenticator or, without a method, another recovery email. Sent is zero of an
// authenticator app; without an order its code is good no more.
type Awaited struct {
	Method org.Method
	Sent   Sent
}

// Prospect is what somebody needs to see who is about to make one change.
type Prospect struct {
	Ways          []Way // the default first
	Offers        Offers
	RecoveryEmail RecoveryEmail
	CodesLeft     int
	AppPasswords  []AppPassword
	Awaited       *Awaited // nil: nothing
	MayDisable    bool
	Suspended     bool
	LockedUntil   time.Time // zero: not locked
}

// Prospect is for the user's eyes. It reads what the change will be judged by, in one go.
func (s *Service) Prospect(ctx context.Context, c access.Caller, of Subject, act user.Act) (Prospect, error) {
	now := s.Now()
	snap, err := s.withAppPasswords(ctx, c, of, rule, now)
	if err != nil {
		return Prospect{}, err
	}
	state := login.State(snap, decision.Web, now)
	p := Prospect{
		Offers: offers(snap, now), CodesLeft: snap.Factors.RecoveryCodes.Left(), AppPasswords: living(snap),
		MayDisable: snap.Factors.Enrolled() && !state.Obliged(now), Suspended: state.Suspended, LockedUntil: state.LockedUntil,
	}
	if p.RecoveryEmail, err = s.recoveryEmail(*snap.Profile, now); err != nil {
		return Prospect{}, err
	}
	if p.Ways, err = s.ways(snap, act, now); err != nil {
		return Prospect{}, err
	}
	p.Awaited, err = s.awaited(snap, now)
	return p, err
}

func (s *Service) ways(snap login.Snapshot, act user.Act, now time.Time) ([]Way, error) {
	all, err := s.shown(snap, now)
	if err != nil {
		return nil, err
	}
	ways := make([]Way, len(all))
	for i, a := range all {
		ways[i].Authenticator = a
		_, digest, reached := user.Reach(*snap.Profile, snap.Factors, a.Method, a.ID, now)
		purpose := user.By(act, a.Method)
		if sent, live := snap.Factors.Open(purpose, "", now); reached && live && bytes.Equal(sent.Address, digest) {
			ways[i].Sent = Sent{Order: sent.ID, To: a.SentTo, ExpiresAt: sent.ExpiresAt, ResendAt: snap.Factors.ResendAt(purpose, now)}
		}
	}
	return ways, nil
}

func (s *Service) awaited(snap login.Snapshot, now time.Time) (*Awaited, error) {
	e, waits := changing(snap.Factors, now)
	if !waits {
		return nil, nil
	}
	a, purpose := Awaited{}, user.VerifyRecovery
	var err error
	if e.AuthenticatorID == "" {
		a.Sent.To, err = s.masked(user.Contact{Sealed: e.RecoveryEmail}, snap.Profile.Organization, snap.Profile.User)
	} else {
		a.Method, purpose = e.Of(), user.By(user.Confirm, e.Of())
		a.Sent.To, err = s.whereto(snap, user.Authenticator{ID: e.AuthenticatorID, Method: e.Of(), Secret: e.Secret}, now)
	}
	if sent, live := snap.Factors.Open(purpose, "", now); live {
		a.Sent.Order, a.Sent.ExpiresAt, a.Sent.ResendAt = sent.ID, sent.ExpiresAt, snap.Factors.ResendAt(purpose, now)
	}
	return &a, err
}
