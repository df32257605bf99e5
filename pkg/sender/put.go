package sender

import (
	"context"
	"errors"

	"twofold/pkg/access"
	"twofold/pkg/audit"
	"twofold/pkg/fault"
	"twofold/pkg/org"
	"twofold/pkg/user"
)

// Put makes a domain the organisation's sender, or changes the address and name that mail from it bears. The claim is
// stored first, then the provider is told, then the domain before is let go: whatever breaks in between, the same call
// again goes on from there. Repeating what is done changes nothing, but for an identity that the provider has given up: it is
// made anew, which starts its search for the DNS records again.
func (s *Service) Put(ctx context.Context, c access.Caller, organization string, in Put) (View, error) {
	now := s.Now()
	return user.Race(func() (View, error) {
		t, err := s.begin(ctx, c, PutRule, organization, now)
		if err != nil {
			return View{}, err
		}
		if !t.organization.Entitlements.Sender {
			return View{}, ErrNotAvailable
		}
		wanted, err := s.checked(in)
		if err != nil {
			return View{}, err
		}
		if err := s.claim(ctx, t, wanted); err != nil {
			return View{}, err
		}
		identity, err := s.ensure(ctx, wanted.Domain, organization)
		if err != nil {
			return View{}, err
		}
		if err := s.discard(ctx, t); err != nil {
			return View{}, err
		}
		if err := s.note(ctx, t, identity); err != nil {
			return View{}, err
		}
		return t.view(identity), nil
	})
}

// claim writes what is wanted, if it is not there already. The domain before is released in the same write.
func (s *Service) claim(ctx context.Context, t *task, in Put) error {
	before := t.sender
	if before.Domain == in.Domain {
		if before.From == in.From && before.Name == in.Name {
			return nil
		}
		next := before.Next()
		next.From, next.Name = in.From, in.Name
		return s.write(ctx, t, next, t.event(audit.SenderChanged, details(next)))
	}
	claim, err := s.claimable(ctx, t, in.Domain)
	if err != nil {
		return err
	}
	if err := s.discard(ctx, t); err != nil { // or it would be forgotten over this one
		return err
	}
	released, err := s.release(ctx, t)
	if err != nil {
		return err
	}
	next := org.Sender{
		Organization: before.Organization, Rev: before.Rev + 1, Domain: in.Domain, From: in.From, Name: in.Name,
		State: org.SenderPending, ClaimedAt: t.now, FallsBackSince: before.FallsBackSince, Discarded: before.Domain,
	}
	e := t.event(audit.SenderClaimed, details(next))
	if before.Domain != "" {
		e.Details["instead_of"] = before.Domain
	}
	if before.State == org.SenderVerified {
		next = next.FallBack(t.now)
		e.Notify = true
	}
	return s.write(ctx, t, next, e, append(released, claim)...)
}

// claimable gives the next claim of a domain, if the organisation may have it: nobody else has, and the provider has no
// identity of it that this deployment did not make, by which the vendor may send for quite another purpose.
func (s *Service) claimable(ctx context.Context, t *task, domain string) (org.DomainClaim, error) {
	stored, err := s.Store.DomainClaim(ctx, domain)
	if err != nil {
		return org.DomainClaim{}, fault.Down(err)
	}
	next := org.DomainClaim{Domain: domain, Organization: t.organization.ID, Rev: 1, ClaimedAt: t.now}
	if stored != nil {
		if !stored.Open(t.organization.ID, t.now) {
			return org.DomainClaim{}, ErrTaken
		}
		next.Rev = stored.Rev + 1
	}
	known, err := s.Identities.Identity(ctx, domain)
	if err != nil {
		return org.DomainClaim{}, fault.Down(err)
	}
	if known != nil && known.Organization == "" {
		return org.DomainClaim{}, ErrTaken
	}
	return next, nil
}

// ensure has the provider know the domain as this organisation's. What was made for another one, whose claim has ended,
// is made anew, and so is what the provider has given up.
func (s *Service) ensure(ctx context.Context, domain, organization string) (Identity, error) {
	known, err := s.Identities.Identity(ctx, domain)
	if err != nil {
		return Identity{}, fault.Down(err)
	}
	if known != nil {
		switch {
		case known.Organization == "":
			return Identity{}, ErrTaken
		case known.Organization == organization && !known.Failed:
			return *known, nil
		}
		if err := s.Identities.Delete(ctx, domain); err != nil {
			return Identity{}, fault.Down(err)
		}
	}
	made, err := s.Identities.Create(ctx, domain, organization)
	switch {
	case errors.Is(err, ErrExists):
		return Identity{}, user.ErrConflict // somebody was faster: what they made is looked at in the next round
	case err != nil:
		return Identity{}, fault.Down(err)
	}
	return made, nil
}

func details(s org.Sender) map[string]string {
	d := map[string]string{"domain": s.Domain, "from": s.Address()}
	if s.Name != "" {
		d["name"] = s.Name
	}
	return d
}
