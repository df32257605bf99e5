package policy

import (
	"context"
	"encoding/json"
	"slices"
	"strconv"
	"time"

	"twofold/pkg/access"
	"twofold/pkg/audit"
	"twofold/pkg/fault"
	"twofold/pkg/login"
	"twofold/pkg/stepup"
	"twofold/pkg/user"
)

// AllowanceRule binds an allowance to administrators of the organisation. It grants no permission: what it allows more of needs
// its own.
var AllowanceRule = access.Rule{Roles: []access.Role{access.OrganizationAdministrator}}

// Allowance is how many users an administrator wants to exempt or reset within an hour, beyond those that are free, and why.
type Allowance struct {
	Users  int    // 1 to stepup.MaxAllowance
	Reason string // one line
}

// ProposedAllowance is what the administrator sees before confirming, and after.
type ProposedAllowance struct {
	Change    stepup.Change
	Allowance Allowance
	SentTo    string
	Until     time.Time // when it ends; zero: not confirmed
}

// ErrAllowanceSize refuses an allowance for nobody, or for too many.
var ErrAllowanceSize = fault.New(fault.Unprocessable, "invalid_allowance", "An allowance is for 1 to 1,000 users.").At("users")

// ProposeAllowance asks for an allowance and mails a code to the administrator's own address.
func (s *Service) ProposeAllowance(ctx context.Context, c access.Caller, organization string, a Allowance) (ProposedAllowance, error) {
	if a.Users < 1 || a.Users > stepup.MaxAllowance {
		return ProposedAllowance{}, ErrAllowanceSize
	}
	now := s.Now()
	return user.Race(func() (ProposedAllowance, error) {
		snap, err := s.existing(ctx, c, AllowanceRule, organization, now)
		if err != nil {
			return ProposedAllowance{}, err
		}
		if k := snap.Key; k.Scope != nil && !slices.Contains(k.Scope, access.UsersWrite) && !slices.Contains(k.Scope, access.UsersReset) {
			return ProposedAllowance{}, access.ErrNarrowed // what it would allow more of the key may not do at all
		}
		visit, err := s.gate().Enter(ctx, snap.Key)
		if err != nil {
			return ProposedAllowance{}, err
		}
		e := event(audit.AllowanceProposed, organization, snap.Key, c, now)
		e.Reason, e.Details = a.Reason, map[string]string{"users": strconv.Itoa(a.Users)}
		change, err := s.wait(ctx, visit, stepup.Change{Thing: stepup.Allowances, Told: a.told()}, a, e)
		if err != nil {
			return ProposedAllowance{}, err
		}
		return ProposedAllowance{Change: change, Allowance: a, SentTo: login.Mask(visit.Administrator.Email)}, nil
	})
}

func (a Allowance) told() map[string]string {
	return map[string]string{"users": strconv.Itoa(a.Users), "reason": a.Reason}
}

// Spare is how many more users of an organisation the caller may exempt or reset now, without another allowance: for what is said before.
func (s *Service) Spare(ctx context.Context, c access.Caller, organization string) (int, error) {
	now := s.Now()
	snap, err := s.existing(ctx, c, AllowanceRule, organization, now)
	if err != nil {
		return 0, err
	}
	return s.gate().Spare(ctx, snap.Key, organization, now)
}

// ProposedAllowance gives the caller's live proposal again.
func (s *Service) ProposedAllowance(ctx context.Context, c access.Caller, organization, id string) (ProposedAllowance, error) {
	snap, err := s.existing(ctx, c, AllowanceRule, organization, s.Now())
	if err != nil {
		return ProposedAllowance{}, err
	}
	_, p, err := s.allowance(ctx, snap, id)
	return p, err
}

// allowance finds what the caller proposed.
func (s *Service) allowance(ctx context.Context, snap Snapshot, id string) (stepup.Visit, ProposedAllowance, error) {
	visit, err := s.gate().Enter(ctx, snap.Key)
	if err != nil {
		return visit, ProposedAllowance{}, err
	}
	change, err := visit.Proposed(snap.Organization.ID, stepup.Allowances, id)
	if err != nil {
		return visit, ProposedAllowance{}, err
	}
	p := ProposedAllowance{Change: change, SentTo: login.Mask(visit.Administrator.Email)}
	if err := json.Unmarshal(change.Payload, &p.Allowance); err != nil {
		return visit, p, fault.Down(err)
	}
	if change.Applied != 0 {
		p.Until = visit.Docket.Allowance.Until
	}
	return visit, p, nil
}

// ConfirmAllowance gives the allowance, once; from now on for an hour. All administrators are told.
func (s *Service) ConfirmAllowance(ctx context.Context, c access.Caller, organization, id string, typed stepup.Word) (ProposedAllowance, error) {
	word, err := typed.Read()
	if err != nil {
		return ProposedAllowance{}, err
	}
	now := s.Now()
	return user.Race(func() (ProposedAllowance, error) {
		snap, err := s.existing(ctx, c, AllowanceRule, organization, now)
		if err != nil {
			return ProposedAllowance{}, err
		}
		visit, p, err := s.allowance(ctx, snap, id)
		if err != nil {
			return ProposedAllowance{}, err
		}
		if visit, err = visit.Confirm(ctx, c, p.Change, word, now); err != nil || p.Change.Applied != 0 {
			return p, err
		}
		docket := visit.Docket.Apply(id, 1, now).Allow(p.Allowance.Users, p.Change, now)
		e := event(audit.AllowanceGranted, organization, snap.Key, c, now)
		e.Reason, e.Notify = p.Allowance.Reason, true
		e.Details = map[string]string{"users": strconv.Itoa(p.Allowance.Users), "change": id, "confirmed_with": string(docket.ConfirmedWith())}
		p.Change.Applied, p.Until = 1, docket.Allowance.Until
		return p, s.write(ctx, organization, Change{Docket: &docket, Events: []audit.Event{e}})
	})
}
