package people

import (
	"context"
	"time"

	"twofold/pkg/access"
	"twofold/pkg/audit"
	"twofold/pkg/factor"
	"twofold/pkg/fault"
	"twofold/pkg/org"
	"twofold/pkg/stepup"
	"twofold/pkg/user"
)

// ErrInvitation refuses an invitation: wrong, expired, replaced, locked, or of nobody. All look alike.
var ErrInvitation = fault.New(fault.Unprocessable, "invitation_refused", "The invitation was not accepted. If it is old, ask for another.").At("invitation")

// AcceptInvitation gives an invited administrator the first key, once, for the mailed invitation. It is public: the invitation is all
// that the caller has. Accepting again is ErrShown; whoever lost the reply is invited again.
func (s *Service) AcceptInvitation(ctx context.Context, c access.Caller, organization, id, typed string) (Issued, error) {
	code, ok := factor.Invitation(typed)
	if !ok {
		return Issued{}, ErrInvitation
	}
	now := s.Now()
	return user.Race(func() (Issued, error) {
		a, err := s.Store.Administrator(ctx, organization, id)
		if err != nil {
			return Issued{}, fault.Down(err)
		}
		if a == nil || a.Invitation == nil || !now.Before(a.Invitation.ExpiresAt) {
			return Issued{}, ErrInvitation
		}
		if _, locked := a.Invitation.Throttle.Locked(now); locked {
			return Issued{}, ErrInvitation
		}
		want, err := factor.InvitationCode(s.Codes, a.Invitation.KeyID, stepup.Invited(*a))
		if err != nil {
			return Issued{}, fault.Down(err)
		}
		switch {
		case !factor.Equal(want, code):
			return Issued{}, s.miss(ctx, *a, now)
		case a.Active():
			return Issued{}, ErrShown
		}
		return s.welcome(ctx, c, *a, now)
	})
}

// miss counts a wrong invitation before anyone hears of it.
func (s *Service) miss(ctx context.Context, a org.Administrator, now time.Time) error {
	next := *a.Invitation
	next.Throttle, next.Attempt = next.Throttle.Fail(now), user.NewAttempt()
	a.Invitation, a.Deliver, a.Rev = &next, "", a.Rev+1
	if err := s.write(ctx, Change{Administrators: []org.Administrator{a}}); err != nil {
		return err
	}
	return ErrInvitation
}

// welcome gives the first key and the say that comes with it.
func (s *Service) welcome(ctx context.Context, c access.Caller, a org.Administrator, now time.Time) (Issued, error) {
	holder := heldByAdministrator(a)
	key, text := access.NewKey(holder.role, now)
	key = holder.give(key).Under(holder.permissions)
	accepted := *a.Invitation
	accepted.AcceptedAt = now
	a.Invitation, a.Deliver, a.Keys, a.Rev = &accepted, "", []string{key.ID}, a.Rev+1
	// Whoever accepts acts with the key that this gives.
	v := visit{caller: c, key: &key, organization: a.Organization, now: now}
	change := Change{Administrators: []org.Administrator{a}, Keys: []access.Key{key}, Events: []audit.Event{
		v.event(audit.AdministratorAccepted, map[string]string{"administrator": a.ID}),
		v.event(audit.KeyIssued, map[string]string{"key": key.ID, "role": string(key.Role), "holder": a.ID}),
	}}
	if err := s.seat(ctx, a, decides(a), &change); err != nil {
		return Issued{}, err
	}
	return Issued{ID: key.ID, Role: key.Role, Holder: a.ID, Text: text}, s.write(ctx, change)
}
