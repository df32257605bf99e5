package enroll

import (
	"context"
	"slices"
	"time"

	"twofold/pkg/access"
	"twofold/pkg/audit"
	"twofold/pkg/decision"
	"twofold/pkg/fault"
	"twofold/pkg/login"
	"twofold/pkg/user"
)

// ActivityShown are the latest events that an overview has.
const ActivityShown = 20

// Overview is a user's own view: what there is, and what happened to it lately.
type Overview struct {
	Status         Status
	MayDisable     bool // nothing obliges the user to have a second factor
	Suspended      bool
	LockedUntil    time.Time // zero: not locked
	Authenticators []Authenticator
	RecoveryEmail  RecoveryEmail
	Troubles       []user.Trouble // of the user's addresses
	CodesLeft      int
	Devices        []Device
	AppPasswords   []AppPassword
	DeclinedAt     time.Time // since when no announcements come; zero: they do
	Offers         Offers
	Awaited        *Awaited      // what was begun and is not confirmed; nil: nothing
	Activity       []audit.Event // the latest first
}

// Overview is for the user's eyes, through the application, and for an administrator's who may change users.
func (s *Service) Overview(ctx context.Context, c access.Caller, of Subject) (Overview, error) {
	now := s.Now()
	snap, err := s.withAppPasswords(ctx, c, of, devicesRule, now)
	if err != nil {
		return Overview{}, err
	}
	state := login.State(snap, decision.Web, now)
	o := Overview{
		Status: status(snap, now), MayDisable: snap.Factors.Enrolled() && !state.Obliged(now), Suspended: state.Suspended,
		LockedUntil: state.LockedUntil, CodesLeft: snap.Factors.RecoveryCodes.Left(), AppPasswords: living(snap),
		Troubles: snap.Profile.Troubles(now), DeclinedAt: snap.Profile.OptedOutAt, Offers: offers(snap, now),
	}
	if o.Authenticators, err = s.shown(snap, now); err != nil {
		return Overview{}, err
	}
	if o.RecoveryEmail, err = s.recoveryEmail(*snap.Profile, now); err != nil {
		return Overview{}, err
	}
	if o.Awaited, err = s.awaited(snap, now); err != nil {
		return Overview{}, err
	}
	if o.Devices, err = s.live(ctx, snap, of, now); err != nil {
		return Overview{}, err
	}
	if o.Activity, err = s.Store.Activity(ctx, of.Organization, of.User, ActivityShown); err != nil {
		return Overview{}, fault.Down(err)
	}
	since := snap.Organization.AuditSince(now)
	o.Activity = slices.DeleteFunc(o.Activity, func(e audit.Event) bool { return e.At.Before(since) })
	return o, nil
}
