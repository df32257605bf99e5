package verify

import (
	"context"
	"time"

	"twofold/pkg/access"
	"twofold/pkg/decision"
	"twofold/pkg/factor"
	"twofold/pkg/fault"
	"twofold/pkg/login"
	"twofold/pkg/user"
)

// Check is what a mail server, or another that can show nobody a form, asks about what a program has sent it.
type Check struct {
	Organization string
	User         string
	Service      string // any but web
	Password     string
}

// Let is what the server must do.
type Let string

// The answers to a check. They are words of their own, not the statuses of a login: "complete" would let in whoever sent anything at
// all wherever somebody forgets that the account password is still to be checked.
const (
	LetIn           Let = "accepted"         // it was an app password, and a right one
	AccountPassword Let = "account_password" // let in if it is the account password, which only the server can tell
	Refuse          Let = "denied"           // whatever the password is
)

// Checked answers a check.
type Checked struct {
	Let         Let
	Decision    decision.Decision // what it rests on
	AppPassword user.AppPassword  // the one that was right
	Unnoted     error             // why its use was not noted; nobody is refused for that
}

// The refusals of a check.
var (
	// ErrAppPassword is the one answer to a wrong app password, to one that is no more or is another service's, to the account password, to
	// whatever comes while its source is limited, and to all that comes for a user who was deleted.
	ErrAppPassword = fault.New(fault.Unprocessable, "app_password_refused",
		"This was not accepted. This service needs an app password of its own.").At("password")
	ErrWeb = fault.New(fault.Unprocessable, "service_is_web", "In a browser there is a second factor: ask POST /v1/logins.").At("service")
)

// noteWithin bounds the noting of a use, which nobody is to wait for.
const noteWithin = 2 * time.Second

// Check judges what a program has sent. It registers nobody: a user never seen is judged as one who was seen just now. Only a wrong
// app password writes anything, and the first right one of an hour.
func (s *Service) Check(ctx context.Context, c access.Caller, in Check) (Checked, error) {
	now := s.Now()
	if in.Service == "" || in.Service == decision.Web {
		return Checked{}, login.Refuse(ctx, s.Store, c, rule, now, ErrWeb)
	}
	return user.Race(func() (Checked, error) {
		snap, err := login.LoadWithAppPasswords(ctx, s.Store, c, rule, in.Organization, in.User, user.AppSource(c.Claimed, c.Credential.ID), now)
		if err != nil {
			return Checked{}, err
		}
		if snap.Tombstone != nil {
			return Checked{}, ErrAppPassword
		}
		if snap.Profile == nil {
			snap.Profile = &user.Profile{Organization: in.Organization, User: in.User, RegisteredAt: now}
		}
		return s.check(ctx, snap, in, now)
	})
}

func (s *Service) check(ctx context.Context, snap login.Snapshot, in Check, now time.Time) (Checked, error) {
	d := decision.Decide(login.State(snap, in.Service, now), now)
	otherwise, refusal := Checked{Let: AccountPassword, Decision: d}, error(nil)
	switch {
	case d.Reason == decision.AppPasswordRequired:
		otherwise, refusal = Checked{}, ErrAppPassword
	case d.Status == decision.Denied:
		return Checked{Let: Refuse, Decision: d}, nil
	case !mayShowOne(snap, in.Service):
		return otherwise, nil
	}
	password, wellFormed := factor.AppPassword(in.Password)
	if !wellFormed || snap.AppLimit.Locked(now) {
		return otherwise, refusal
	}
	at := factor.AppPlace{Organization: in.Organization, User: in.User, Service: in.Service}
	found, right := snap.AppPasswords.Match(factor.AppPasswordDigest(at, password))
	if right && found.Works(*snap.Organization, snap.Factors.Epoch) {
		d.Status, d.Reason = decision.Complete, decision.AppPasswordRight
		return Checked{Let: LetIn, Decision: d, AppPassword: found, Unnoted: s.note(ctx, snap.AppPasswords, found.ID, now)}, nil
	}
	if err := s.missed(ctx, snap.AppLimit, at, password, now); err != nil {
		return Checked{}, err
	}
	return otherwise, refusal
}

// mayShowOne reports whether a user who needs no app password may have one that works all the same: whoever is exempt. An exemption does
// not put the mail clients out of use that were set up before it. Whoever has none has nothing to be compared with.
func mayShowOne(snap login.Snapshot, service string) bool {
	return user.OffersAppPasswords(*snap.Organization, service) && len(snap.AppPasswords.All) > 0
}

// note writes down the hour of a use. Whoever shows a right password has it, whatever becomes of that: a race that was lost, to another
// program or to a revocation, needs no second try.
func (s *Service) note(ctx context.Context, all user.AppPasswords, id string, now time.Time) error {
	used, due := all.Used(id, now)
	if !due {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, noteWithin)
	defer cancel()
	return s.Store.Write(ctx, user.Change{AppPasswords: &used})
}

// missed counts a wrong app password against its source, once, before anybody hears that it was wrong.
func (s *Service) missed(ctx context.Context, limit user.AppLimit, at factor.AppPlace, password string, now time.Time) error {
	miss, err := factor.AppPasswordMiss(s.Codes, at, password)
	if err != nil {
		return fault.Down(err)
	}
	if limit.Knows(miss, now) {
		return nil
	}
	next := limit.Miss(miss, now)
	return login.Save(ctx, s.Store, user.Change{AppLimit: &next})
}
