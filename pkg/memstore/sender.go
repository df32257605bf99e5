package memstore

import (
	"context"

	"twofold/pkg/audit"
	"twofold/pkg/org"
	"twofold/pkg/sender"
)

// Sender implements sender.Store, policy.Store and mail.Store.
func (s *Store) Sender(_ context.Context, organization string) (found *org.Sender, err error) {
	err = s.do(Sender, func() error {
		found = pointer(s.senders, organization, settleSender)
		return nil
	})
	return found, err
}

// DomainClaim implements sender.Store.
func (s *Store) DomainClaim(_ context.Context, domain string) (found *org.DomainClaim, err error) {
	err = s.do(DomainClaim, func() error {
		found = pointer(s.domains, domain, settleDomain)
		return nil
	})
	return found, err
}

// WriteSender implements sender.Store.
func (s *Store) WriteSender(_ context.Context, c sender.Change) error {
	return s.do(WriteSender, func() error { return s.writeSender(c) })
}

// LoseSender implements mail.Store.
func (s *Store) LoseSender(_ context.Context, o org.Sender, e audit.Event) error {
	return s.do(LoseSender, func() error { return s.writeSender(sender.Change{Sender: &o, Events: []audit.Event{e}}) })
}

func (s *Store) writeSender(c sender.Change) error {
	var parts []part
	if c.Sender != nil {
		parts = append(parts, s.senderPart(settleSender(*c.Sender)))
	}
	for _, claim := range c.Claims {
		claim = settleDomain(claim)
		stored, present := s.domains[claim.Domain]
		parts = append(parts, part{
			holds: follows(claim.Rev, stored.Rev, present), ours: stored == claim, apply: func() { s.domains[claim.Domain] = claim },
		})
	}
	return commit(append(parts, s.eventParts(c.Events)...))
}

func (s *Store) senderPart(o org.Sender) part {
	stored, present := s.senders[o.Organization]
	return part{
		holds: follows(o.Rev, stored.Rev, present), ours: stored == o, apply: func() { s.senders[o.Organization] = o },
	}
}
