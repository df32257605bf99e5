package people

import (
	"context"
	"slices"
	"time"

	"twofold/pkg/access"
	"twofold/pkg/audit"
	"twofold/pkg/factor"
	"twofold/pkg/fault"
	"twofold/pkg/org"
	"twofold/pkg/stepup"
	"twofold/pkg/user"
)

// Wanted is an administrator as somebody proposes it: one who is not there is invited, one who is there is raised, or
// reached at another address.
type Wanted struct {
	ID    string `json:"id"`
	Name  string `json:"name,omitempty"`  // empty: as it is
	Email string `json:"email,omitempty"` // empty: as it is
	// Permissions are all that the administrator shall have; nil: as they are.
	Permissions []access.Permission `json:"permissions,omitempty"`
	// New is to invite somebody and nobody who is there: ErrTaken. It is asked when it is proposed; after that the revision says it.
	New bool `json:"-"`
}

const (
	// InvitationLife is how long an invitation may be accepted.
	InvitationLife = 7 * 24 * time.Hour
	// AddressWait lies between another address and its first code, where the old one did not confirm it.
	AddressWait = 24 * time.Hour
)

// The refusals of an administrator.
var (
	ErrEmail       = fault.New(fault.Unprocessable, "invalid_email", "This is not one bare email address.").At("email")
	ErrPermissions = fault.New(fault.Unprocessable, "invalid_permissions", "Say what the administrator may do.").At("permissions")
	ErrReserved    = fault.New(fault.Unprocessable, "reserved_id", "Nobody can have this id: it is a word of the API.").At("administrator")
	ErrNothing     = fault.New(fault.Unprocessable, "nothing_changes", "This is how the administrator is.")
)

// reserved are words that stand where an administrator's id does in a path.
var reserved = []string{"changes"}

// ProposeAdministrator stores an administrator as wanted, and mails a code to the caller's own address.
func (s *Service) ProposeAdministrator(ctx context.Context, c access.Caller, organization string, w Wanted) (Proposed, error) {
	if err := w.check(); err != nil {
		return Proposed{}, err
	}
	now := s.Now()
	return user.Race(func() (Proposed, error) {
		v, err := s.read(ctx, c, KeysRule, organization, now)
		if err != nil {
			return Proposed{}, err
		}
		before, next, err := s.wanted(ctx, v, w)
		if err != nil {
			return Proposed{}, err
		}
		told := differences(next, before)
		if w.Email != "" && w.Email != before.Address(now) {
			told["address"] = w.Email
		}
		return s.propose(ctx, v, intent{stepup.People, audit.AdministratorProposed, w, before.Rev, told})
	})
}

func (w *Wanted) check() error {
	if !org.ID(w.ID) {
		return ErrID
	}
	if slices.ContainsFunc(w.Permissions, func(p access.Permission) bool { return !slices.Contains(access.Permissions(), p) }) {
		return ErrPermissions
	}
	if w.Email != "" {
		address, ok := user.Address(w.Email)
		if !ok {
			return ErrEmail
		}
		w.Email = address
	}
	return checkName(w.Name)
}

// AdministratorProposal gives the caller's own proposal again.
func (s *Service) AdministratorProposal(ctx context.Context, c access.Caller, organization, id string) (Proposed, error) {
	return s.proposed(ctx, c, KeysRule, organization, stepup.People, id)
}

// ConfirmAdministrator invites or changes the administrator, once, with the caller's second word. Confirming again gives how the administrator is.
func (s *Service) ConfirmAdministrator(ctx context.Context, c access.Caller, organization, id string, typed stepup.Word) (org.Administrator, error) {
	return confirm(ctx, s, c, KeysRule, organization, stepup.People, id, typed, s.appoint)
}

// wanted finds out what an administrator is and would be, and whether this caller may have it so.
func (s *Service) wanted(ctx context.Context, v visit, w Wanted) (before, next org.Administrator, err error) {
	found, err := s.Store.Administrator(ctx, v.organization, w.ID)
	switch {
	case err != nil:
		return before, next, fault.Down(err)
	case slices.Contains(reserved, w.ID):
		return before, next, ErrReserved
	case v.organization == access.VendorHome && w.Permissions != nil:
		return before, next, ErrPermissions // they may everything
	case found != nil && w.New:
		return before, next, ErrTaken
	case found != nil:
		before = *found
	default:
		before = org.Administrator{ID: w.ID, Organization: v.organization, Invitation: &org.Invitation{}}
	}
	next = before
	if w.Name != "" {
		next.Name = w.Name
	}
	if w.Permissions != nil {
		next.Permissions = words(w.Permissions)
	}
	if err := v.key.Grant(permissionsOf(next)); err != nil {
		return before, next, err
	}
	if !before.Active() {
		return before, next, v.invite(&next, w)
	}
	if v.readdress(&next, w); same(next, before) {
		return before, next, ErrNothing
	}
	return before, next, nil
}

// invite makes out an invitation, but for its id and digest. A later one makes an earlier one void.
func (v visit) invite(next *org.Administrator, w Wanted) error {
	if w.Email != "" {
		next.Email = w.Email
	}
	switch {
	case next.Email == "":
		return ErrEmail
	case len(next.Permissions) == 0 && next.Organization != access.VendorHome:
		return ErrPermissions
	}
	return nil
}

// readdress changes where somebody is reached: at once where the code of this very change went to the old address, otherwise after a
// day in which the old one is warned and still gets the codes. Saying the present address stops a change that waits.
func (v visit) readdress(next *org.Administrator, w Wanted) {
	if w.Email == "" {
		return
	}
	home, self := v.key.Home()
	next.Email, next.NextEmail, next.NextEmailAt = next.Address(v.now), "", time.Time{}
	switch {
	case w.Email == next.Email:
	case home == next.Organization && self == next.ID && !v.proven:
		next.Email = w.Email
	default:
		next.NextEmail, next.NextEmailAt = w.Email, v.now.Add(AddressWait)
	}
}

// appoint carries a confirmed proposal out.
func (s *Service) appoint(ctx context.Context, c confirmation, w Wanted) (org.Administrator, error) {
	if c.change.Applied != 0 {
		a, err := s.Store.Administrator(ctx, c.organization, w.ID)
		if err != nil || a == nil {
			return org.Administrator{}, absent(err)
		}
		return *a, nil
	}
	before, next, err := s.wanted(ctx, c.visit, w)
	if err != nil {
		return org.Administrator{}, err
	}
	if before.Rev != c.change.Base {
		return org.Administrator{}, s.moved(ctx, c)
	}
	next.Deliver = ""
	details := differences(next, before)
	c.note(details)
	kind := audit.AdministratorRaised
	switch {
	case !next.Active():
		kind = audit.AdministratorInvited
		if err := s.invitation(&next, c.now); err != nil {
			return org.Administrator{}, err
		}
	case next.Address(c.now.Add(AddressWait)) != before.Address(c.now.Add(AddressWait)):
		kind, details["address"] = audit.AdministratorMoved, next.Address(c.now.Add(AddressWait))
		details["old_address"] = before.Address(c.now)
	}
	e := c.event(kind, details)
	e.Notify = true
	change := Change{Docket: c.applied(before.Rev + 1), Events: []audit.Event{e}}
	return s.rewrite(ctx, c.visit, before, next, change)
}

// invitation makes a new one out and orders its mail.
func (s *Service) invitation(a *org.Administrator, now time.Time) error {
	if a.CreatedAt.IsZero() {
		a.CreatedAt = now
	}
	keyID := s.Codes.PRFKeyID()
	digest, err := factor.AddressDigest(s.Codes, keyID, a.Email)
	if err != nil {
		return fault.Down(err)
	}
	a.Invitation = &org.Invitation{ID: user.NewID(), KeyID: keyID, Address: digest, ExpiresAt: now.Add(InvitationLife)}
	a.Deliver = a.Invitation.ID
	return nil
}
