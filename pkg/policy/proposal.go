package policy

import (
	"context"
	"encoding/json"
	"maps"
	"time"

	"twofold/pkg/access"
	"twofold/pkg/audit"
	"twofold/pkg/fault"
	"twofold/pkg/login"
	"twofold/pkg/org"
	"twofold/pkg/stepup"
	"twofold/pkg/user"
)

// Proposed is what the administrator sees before confirming.
type Proposed struct {
	Change stepup.Change
	Policy org.Policy
	DryRun DryRun
	SentTo string
}

// ErrMoved says that the policy is not the one that the caller had read.
var ErrMoved = fault.New(fault.Conflict, "policy_moved", "The policy has changed since. Read it again and propose anew.")

// ErrStale is ErrMoved for a condition of the request itself (RFC 9110 §13.1.1).
var ErrStale = fault.New(fault.PreconditionFailed, "policy_moved", "The policy has changed since. Read it again and propose anew.").At("header.If-Match")

// ErrNothing refuses a proposal of what stands: confirming it would be recorded as a change that nobody can find.
var ErrNothing = fault.New(fault.Unprocessable, "nothing_changes", "This is the policy that stands.")

// Propose stores a policy as pending and mails a code to the administrator's own address. base is the
// version that the proposal was made from. Repeating the same within a minute mails nothing again.
func (s *Service) Propose(ctx context.Context, c access.Caller, organization string, w Wanted, base int64) (Proposed, error) {
	now := s.Now()
	return user.Race(func() (Proposed, error) {
		snap, err := s.existing(ctx, c, ProposeRule, organization, now)
		if err != nil {
			return Proposed{}, err
		}
		if snap.Organization.Policy.Version != base {
			return Proposed{}, ErrStale
		}
		w.Policy = w.Continuing(snap.Organization.Policy, now)
		if err := w.Check(snap.Organization.Entitlements, snap.Organization.Policy, now); err != nil {
			return Proposed{}, err
		}
		if organization == access.Administrators && w.Status != org.Forced {
			return Proposed{}, ErrAdministrators.At("status")
		}
		if w.Same(snap.Organization.Policy) {
			return Proposed{}, ErrNothing.At("status")
		}
		visit, err := s.gate().Enter(ctx, snap.Key)
		if err != nil {
			return Proposed{}, err
		}
		if err := w.led(ctx, visit, snap.Organization.Policy); err != nil {
			return Proposed{}, err
		}
		counts, err := s.counts(ctx, organization) // before the write: a failure changes nothing
		if err != nil {
			return Proposed{}, err
		}
		change, err := s.propose(ctx, c, snap, visit, w, now)
		if err != nil {
			return Proposed{}, err
		}
		return shown(*snap.Organization, change, w.Policy, visit.Administrator, counts, now), nil
	})
}

func (s *Service) propose(ctx context.Context, c access.Caller, snap Snapshot, visit stepup.Visit, w Wanted, now time.Time) (stepup.Change, error) {
	e := event(audit.PolicyProposed, snap.Organization.ID, snap.Key, c, now)
	e.Details = w.told(snap.Organization.Policy)
	w.Policy = w.Settings()
	return s.wait(ctx, visit, stepup.Change{Thing: stepup.Policy, Base: snap.Organization.Policy.Version, Told: e.Details}, w, e)
}

// wait puts a change of the event's organisation before the administrator, in one transaction with its event, which then
// names it. Where the same waits since less than a minute nothing is written.
func (s *Service) wait(ctx context.Context, visit stepup.Visit, wanted stepup.Change, payload any, e audit.Event) (stepup.Change, error) {
	var err error
	if wanted.Payload, err = json.Marshal(payload); err != nil {
		return stepup.Change{}, err
	}
	wanted.Organization = e.Organization
	change, docket, err := visit.Propose(wanted, e.Seen, e.At)
	if err != nil || docket == nil {
		return change, err
	}
	e.Details = maps.Clone(e.Details) // what the mail tells names no change
	e.Details["change"] = change.ID
	return change, s.write(ctx, e.Organization, Change{Docket: docket, Events: []audit.Event{e}})
}

// Proposed gives the caller's live proposal again.
func (s *Service) Proposed(ctx context.Context, c access.Caller, organization, id string) (Proposed, error) {
	now := s.Now()
	snap, err := s.existing(ctx, c, ProposeRule, organization, now)
	if err != nil {
		return Proposed{}, err
	}
	visit, err := s.gate().Enter(ctx, snap.Key)
	if err != nil {
		return Proposed{}, err
	}
	change, err := visit.Proposed(organization, stepup.Policy, id)
	if err != nil {
		return Proposed{}, err
	}
	w, err := wanted(change)
	if err != nil {
		return Proposed{}, err
	}
	counts, err := s.counts(ctx, organization)
	if err != nil {
		return Proposed{}, err
	}
	return shown(*snap.Organization, change, w.Policy, visit.Administrator, counts, now), nil
}

// gate is where a change is proposed and confirmed.
func (s *Service) gate() stepup.Gate {
	return stepup.Gate{Store: s.Store, Codes: s.Codes, Secrets: s.Secrets}
}

func shown(o org.Organization, change stepup.Change, p org.Policy, a org.Administrator, counts user.Counts, now time.Time) Proposed {
	return Proposed{Change: change, Policy: p, DryRun: dryRun(o, p.Begun(o.Policy, now), counts, now), SentTo: login.Mask(a.Email)}
}
