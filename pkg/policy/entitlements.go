package policy

import (
	"context"
	"encoding/json"
	"time"

	"twofold/pkg/access"
	"twofold/pkg/audit"
	"twofold/pkg/fault"
	"twofold/pkg/login"
	"twofold/pkg/org"
	"twofold/pkg/stepup"
	"twofold/pkg/user"
)

// ProposedEntitlements is what the system administrator sees before confirming.
type ProposedEntitlements struct {
	Change       stepup.Change
	Entitlements org.Entitlements
	Consequences []Consequence
	SentTo       string
}

// ErrOrganizationMoved says that the organisation is not the one that a proposal was made from.
var ErrOrganizationMoved = fault.New(fault.Conflict, "organization_moved", "The organisation has changed since. Read it again and propose anew.")

// Foreseen says what would become of users if an organisation had these entitlements, and changes nothing. forced: that is proposed and confirmed,
// if it takes something away.
func (s *Service) Foreseen(ctx context.Context, c access.Caller, organization string, e org.Entitlements) (all []Consequence, forced bool, err error) {
	if err := e.Check(s.Originations); err != nil {
		return nil, false, err
	}
	snap, err := s.existing(ctx, c, SystemRule, organization, s.Now())
	if err != nil {
		return nil, false, err
	}
	all, err = s.consequences(ctx, snap.Organization, e)
	return all, snap.Organization.Policy.Status == org.Forced, err
}

// ProposeEntitlements stores entitlements as pending and mails a code to the system administrator's own address.
func (s *Service) ProposeEntitlements(ctx context.Context, c access.Caller, organization string, e org.Entitlements) (ProposedEntitlements, error) {
	if err := e.Check(s.Originations); err != nil {
		return ProposedEntitlements{}, err
	}
	now := s.Now()
	return user.Race(func() (ProposedEntitlements, error) {
		snap, err := s.existing(ctx, c, SystemRule, organization, now)
		if err != nil {
			return ProposedEntitlements{}, err
		}
		before := *snap.Organization
		if e == before.Entitlements {
			return ProposedEntitlements{}, ErrNothing.At("entitlements")
		}
		if err := grantable(organization, e); err != nil {
			return ProposedEntitlements{}, err
		}
		visit, err := s.gate().Enter(ctx, snap.Key)
		if err != nil {
			return ProposedEntitlements{}, err
		}
		consequences, err := s.consequences(ctx, &before, e) // before the write: a failure changes nothing
		if err != nil {
			return ProposedEntitlements{}, err
		}
		proposed := event(audit.EntitlementsProposed, organization, snap.Key, c, now)
		proposed.Details = e.Differences(before.Entitlements)
		change, err := s.wait(ctx, visit, stepup.Change{Thing: stepup.Entitlements, Base: before.Rev, Told: proposed.Details}, e, proposed)
		if err != nil {
			return ProposedEntitlements{}, err
		}
		return ProposedEntitlements{change, e, consequences, login.Mask(visit.Administrator.Email)}, nil
	})
}

// ProposedEntitlements gives the caller's live proposal again.
func (s *Service) ProposedEntitlements(ctx context.Context, c access.Caller, organization, id string) (ProposedEntitlements, error) {
	snap, err := s.existing(ctx, c, SystemRule, organization, s.Now())
	if err != nil {
		return ProposedEntitlements{}, err
	}
	visit, change, e, err := s.withdrawal(ctx, snap, id)
	if err != nil {
		return ProposedEntitlements{}, err
	}
	consequences, err := s.consequences(ctx, snap.Organization, e)
	return ProposedEntitlements{change, e, consequences, login.Mask(visit.Administrator.Email)}, err
}

// withdrawal finds what the caller proposed for the entitlements.
func (s *Service) withdrawal(ctx context.Context, snap Snapshot, id string) (stepup.Visit, stepup.Change, org.Entitlements, error) {
	var e org.Entitlements
	visit, err := s.gate().Enter(ctx, snap.Key)
	if err != nil {
		return visit, stepup.Change{}, e, err
	}
	change, err := visit.Proposed(snap.Organization.ID, stepup.Entitlements, id)
	if err != nil {
		return visit, change, e, err
	}
	if err := json.Unmarshal(change.Payload, &e); err != nil {
		return visit, change, e, fault.Down(err)
	}
	return visit, change, e, nil
}

// ConfirmEntitlements applies proposed entitlements, once, if the organisation is still the one that they were made from.
func (s *Service) ConfirmEntitlements(ctx context.Context, c access.Caller, organization, id string, typed stepup.Word) (org.Organization, error) {
	word, err := typed.Read()
	if err != nil {
		return org.Organization{}, err
	}
	now := s.Now()
	return user.Race(func() (org.Organization, error) {
		snap, err := s.existing(ctx, c, SystemRule, organization, now)
		if err != nil {
			return org.Organization{}, err
		}
		visit, change, e, err := s.withdrawal(ctx, snap, id)
		if err != nil {
			return org.Organization{}, err
		}
		if visit, err = visit.Confirm(ctx, c, change, word, now); err != nil {
			return org.Organization{}, err
		}
		due, err := change.Due(snap.Organization.Rev, ErrOrganizationMoved)
		switch {
		case err != nil:
			return org.Organization{}, err
		case !due:
			return *snap.Organization, nil
		}
		return s.entitle(ctx, c, snap, visit, change.ID, e, now)
	})
}

func (s *Service) entitle(ctx context.Context, c access.Caller, snap Snapshot, visit stepup.Visit, id string, e org.Entitlements, now time.Time) (org.Organization, error) {
	changed := *snap.Organization
	changed.Rev++
	changed.Entitlements = e
	docket := visit.Docket.Apply(id, changed.Rev, now)
	done := entitlementsEvent(*snap.Organization, changed, snap.Key, c, now)
	done.Details["change"], done.Details["confirmed_with"] = id, string(docket.ConfirmedWith())
	sender, err := s.sender(ctx, snap.Organization, e, now)
	if err != nil {
		return org.Organization{}, err
	}
	return changed, s.write(ctx, changed.ID, Change{Organization: &changed, Docket: &docket, Sender: sender, Events: []audit.Event{done}})
}

// entitlementsEvent is told to all administrators where something was withdrawn.
func entitlementsEvent(before, after org.Organization, k *access.Key, c access.Caller, now time.Time) audit.Event {
	e := event(audit.EntitlementsChanged, after.ID, k, c, now)
	e.Details = after.Entitlements.Differences(before.Entitlements)
	e.Notify = len(after.Entitlements.Withdraws(before.Entitlements)) > 0
	return e
}
