package people

import (
	"context"
	"maps"

	"twofold/pkg/audit"
	"twofold/pkg/fault"
	"twofold/pkg/org"
)

// becoming finds out what an administrator is and would be.
func (s *Service) becoming(ctx context.Context, v visit, o Own) (me Self, next org.Administrator, err error) {
	if me, err = s.self(ctx, v); err != nil {
		return me, next, err
	}
	next = me.Administrator
	if o.Name != nil {
		next.Name = *o.Name
	}
	if o.Email != nil {
		v.readdress(&next, Wanted{Email: *o.Email})
	}
	if o.User != nil && *o.User != next.User {
		if next.User = *o.User; next.User != "" {
			err = s.known(ctx, v.organization, next.User)
		}
	}
	if err == nil && same(next, me.Administrator) {
		err = ErrNothing
	}
	return me, next, err
}

// known refuses a user whom the organisation does not have.
func (s *Service) known(ctx context.Context, organization, id string) error {
	_, profile, _, err := s.Store.Recipient(ctx, organization, id)
	switch {
	case err != nil:
		return fault.Down(err)
	case profile == nil:
		return ErrUnknownUser
	}
	return nil
}

// become carries a confirmed proposal out.
func (s *Service) become(ctx context.Context, c confirmation, o Own) (Self, error) {
	if c.change.Applied != 0 {
		return s.self(ctx, c.visit)
	}
	me, next, err := s.becoming(ctx, c.visit, o)
	if err != nil {
		return Self{}, err
	}
	before := me.Administrator
	if before.Rev != c.change.Base {
		return Self{}, s.moved(ctx, c)
	}
	next.Deliver = ""
	change := Change{Docket: c.applied(before.Rev + 1), Events: c.became(next, before)}
	me.Administrator, err = s.rewrite(ctx, c.visit, before, next, change)
	return me, err
}

// became are the events of an administrator who is another now: one for the address and one for the user, of which all administrators
// hear, and one of the plain kind where it was neither.
func (c confirmation) became(next, before org.Administrator) []audit.Event {
	details := differences(next, before)
	c.note(details)
	var kinds []audit.Kind
	later := c.now.Add(AddressWait)
	if next.Address(later) != before.Address(later) {
		kinds = append(kinds, audit.AdministratorMoved)
		details["address"], details["old_address"] = next.Address(later), before.Address(c.now)
	}
	if next.User != before.User {
		kinds = append(kinds, audit.AdministratorLinked)
	}
	if kinds == nil {
		return []audit.Event{c.event(audit.AdministratorChanged, details)}
	}
	var events []audit.Event
	for _, kind := range kinds {
		e := c.event(kind, maps.Clone(details))
		e.Notify = true
		events = append(events, e)
	}
	return events
}
