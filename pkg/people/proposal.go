package people

import (
	"context"
	"encoding/json"
	"maps"

	"twofold/pkg/access"
	"twofold/pkg/audit"
	"twofold/pkg/fault"
	"twofold/pkg/login"
	"twofold/pkg/stepup"
	"twofold/pkg/user"
)

// Proposed is what waits for the caller's second word.
type Proposed struct {
	Change stepup.Change
	SentTo string // where the code went, masked
}

// The refusals of a confirmation.
var (
	ErrMoved = fault.New(fault.Conflict, "holder_moved", "Whom this is about has changed since. Propose anew.")
	ErrShown = fault.New(fault.Conflict, "secret_already_shown", "This was confirmed, and its key was shown once. If nobody has seen it, rotate that key or revoke it.")
)

func (s *Service) gate() stepup.Gate {
	return stepup.Gate{Store: s.Store, Codes: s.Codes, Secrets: s.Secrets}
}

// intent is what somebody proposes: in the words of this workflow, from which revision, and what the mail tells of it.
type intent struct {
	thing  stepup.Thing
	kind   audit.Kind // of the proposal's event
	wanted any
	base   int64
	told   map[string]string
}

// propose puts an intent before the caller, in one transaction with its event.
func (s *Service) propose(ctx context.Context, v visit, i intent) (Proposed, error) {
	at, err := s.gate().Enter(ctx, v.key)
	if err != nil {
		return Proposed{}, err
	}
	payload, err := json.Marshal(i.wanted)
	if err != nil {
		return Proposed{}, err
	}
	change, docket, err := at.Propose(stepup.Change{
		Thing: i.thing, Organization: v.organization, Payload: payload, Base: i.base, Told: i.told,
	}, v.caller.Seen, v.now)
	if err != nil {
		return Proposed{}, err
	}
	proposed := Proposed{Change: change, SentTo: login.Mask(at.Administrator.Address(v.now))}
	if docket == nil {
		return proposed, nil
	}
	details := maps.Clone(i.told)
	details["change"] = change.ID
	return proposed, s.write(ctx, Change{Docket: docket, Events: []audit.Event{v.event(i.kind, details)}})
}

// proposed gives the caller's own proposal again.
func (s *Service) proposed(ctx context.Context, c access.Caller, r access.Rule, organization string, thing stepup.Thing, id string) (Proposed, error) {
	v, err := s.read(ctx, c, r, organization, s.Now())
	if err != nil {
		return Proposed{}, err
	}
	at, err := s.gate().Enter(ctx, v.key)
	if err != nil {
		return Proposed{}, err
	}
	change, err := at.Proposed(organization, thing, id)
	return Proposed{Change: change, SentTo: login.Mask(at.Administrator.Address(v.now))}, err
}

// confirmation is a proposal whose second word was right: apply may carry it out.
type confirmation struct {
	visit
	at     stepup.Visit
	change stepup.Change
}

// applied is the docket with the proposal ended, as the holder's new revision.
func (c confirmation) applied(rev int64) *stepup.Docket {
	docket := c.at.Docket.Apply(c.change.ID, rev, c.now)
	return &docket
}

// moved is the answer where things are not as they were when the change was proposed. They were read after the docket, so it may have
// been this very change that moved them, confirmed by another call.
func (s *Service) moved(ctx context.Context, c confirmation) error {
	at, err := s.gate().Enter(ctx, c.key)
	if err != nil {
		return err
	}
	if again, err := at.Proposed(c.organization, c.change.Thing, c.change.ID); err == nil && again.Applied != 0 {
		return user.ErrConflict // the next try sees what came of it
	}
	return ErrMoved
}

// note says in an event's details which change it was, and how it was confirmed.
func (c confirmation) note(details map[string]string) {
	details["change"], details["confirmed_with"] = c.change.ID, string(c.at.Docket.ConfirmedWith())
}

// confirm judges a second word for a proposal and lets apply carry it out, once. What was carried out already is apply's to answer.
func confirm[T, W any](
	ctx context.Context, s *Service, c access.Caller, r access.Rule, organization string, thing stepup.Thing, id string, typed stepup.Word,
	apply func(context.Context, confirmation, W) (T, error),
) (T, error) {
	var none T
	word, err := typed.Read()
	if err != nil {
		return none, err
	}
	now := s.Now()
	return user.Race(func() (T, error) {
		v, err := s.read(ctx, c, r, organization, now)
		if err != nil {
			return none, err
		}
		at, err := s.gate().Enter(ctx, v.key)
		if err != nil {
			return none, err
		}
		change, err := at.Proposed(organization, thing, id)
		if err != nil {
			return none, err
		}
		if at, err = at.Confirm(ctx, c, change, word, now); err != nil {
			return none, err
		}
		v.proven = at.Docket.Proof != nil
		var wanted W
		if err := json.Unmarshal(change.Payload, &wanted); err != nil {
			return none, fault.Down(err) // what cannot be read is an outage, never an empty wish
		}
		return apply(ctx, confirmation{visit: v, at: at, change: change}, wanted)
	})
}
