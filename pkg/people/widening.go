package people

import (
	"context"
	"encoding/json"

	"twofold/pkg/access"
	"twofold/pkg/audit"
	"twofold/pkg/fault"
	"twofold/pkg/org"
	"twofold/pkg/stepup"
	"twofold/pkg/user"
)

// ErrSame refuses to propose what is.
var ErrSame = fault.New(fault.Unprocessable, ErrNothing.Code, "This is how the application is.")

// ProposeApplication stores an application of the vendor's own as wanted, and mails a code to the caller's own address.
func (s *Service) ProposeApplication(ctx context.Context, c access.Caller, w WantedApplication) (Proposed, error) {
	if err := w.check(access.VendorHome); err != nil {
		return Proposed{}, err
	}
	now := s.Now()
	return user.Race(func() (Proposed, error) {
		v, err := s.read(ctx, c, VendorRule, access.VendorHome, now)
		if err != nil {
			return Proposed{}, err
		}
		before, next, err := s.wider(ctx, w)
		if err != nil {
			return Proposed{}, err
		}
		return s.propose(ctx, v, intent{stepup.Application, audit.ApplicationProposed, w, before.Rev, applicationDifferences(next, before)})
	})
}

// ApplicationProposal gives the caller's own proposal for an application again.
func (s *Service) ApplicationProposal(ctx context.Context, c access.Caller, application, id string) (Proposed, error) {
	p, err := s.proposed(ctx, c, VendorRule, access.VendorHome, stepup.Application, id)
	if err != nil {
		return Proposed{}, err
	}
	var w WantedApplication
	if err := json.Unmarshal(p.Change.Payload, &w); err != nil {
		return Proposed{}, fault.Down(err)
	}
	if w.ID != application {
		return Proposed{}, access.ErrNotFound
	}
	return p, nil
}

// ConfirmApplication changes the application, once, with the second word, if it is as it was. Confirming again gives how it is.
func (s *Service) ConfirmApplication(ctx context.Context, c access.Caller, application, id string, typed stepup.Word) (org.Application, error) {
	apply := func(ctx context.Context, c confirmation, w WantedApplication) (org.Application, error) {
		if w.ID != application {
			return org.Application{}, access.ErrNotFound
		}
		return s.widen(ctx, c, w)
	}
	return confirm(ctx, s, c, VendorRule, access.VendorHome, stepup.Application, id, typed, apply)
}

// wider finds out what an application is and would be.
func (s *Service) wider(ctx context.Context, w WantedApplication) (before, next org.Application, err error) {
	found, err := s.Store.Application(ctx, access.VendorHome, w.ID)
	if err != nil || found == nil {
		return before, next, absent(err)
	}
	next = w.over(*found)
	if len(applicationDifferences(next, *found)) == 1 {
		return before, next, ErrSame
	}
	return *found, next, s.reaching(ctx, w, *found)
}

// widen carries a confirmed proposal out.
func (s *Service) widen(ctx context.Context, c confirmation, w WantedApplication) (org.Application, error) {
	if c.change.Applied != 0 {
		a, err := s.Store.Application(ctx, access.VendorHome, w.ID)
		if err != nil || a == nil {
			return org.Application{}, absent(err)
		}
		return *a, nil
	}
	before, next, err := s.wider(ctx, w)
	if err != nil {
		return org.Application{}, err
	}
	if before.Rev != c.change.Base {
		return org.Application{}, s.moved(ctx, c)
	}
	details := applicationDifferences(next, before)
	c.note(details)
	e := c.event(audit.ApplicationWidened, details)
	e.Notify = true
	return s.reshape(ctx, c.visit, before, next, Change{Docket: c.applied(before.Rev + 1), Events: []audit.Event{e}})
}
