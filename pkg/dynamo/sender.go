package dynamo

import (
	"context"
	"strings"

	"twofold/pkg/audit"
	"twofold/pkg/org"
	"twofold/pkg/sender"
)

// senderAttributes and domainAttributes are all that this version knows: one that a write does not set is removed by it.
var (
	senderAttributes = []string{
		"rev", "domain", "from", "name", "state", "claimed_at", "verified_at", "lost_at", "falls_back_since", "discarded",
	}
	domainAttributes = []string{"rev", "organization", "claimed_at", "released_at", "verified"}
)

func encodeSender(o org.Sender) item {
	i := senderKey(o.Organization).item()
	i.number("rev", o.Rev)
	i.text("domain", o.Domain)
	i.text("from", o.From)
	i.text("name", o.Name)
	i.text("state", string(o.State))
	i.moment("claimed_at", o.ClaimedAt)
	i.moment("verified_at", o.VerifiedAt)
	i.moment("lost_at", o.LostAt)
	i.moment("falls_back_since", o.FallsBackSince)
	i.text("discarded", o.Discarded)
	return i
}

func decodeSender(i item) (org.Sender, error) {
	must, may, err := read("SENDER", i)
	return org.Sender{
		Organization: organizationOf(must), Rev: must.number("rev"), Domain: may.text("domain"), From: may.text("from"),
		Name:      may.text("name"),
		State:     choice(may, "state", "", org.SenderPending, org.SenderVerified, org.SenderFailed, org.SenderLost),
		ClaimedAt: may.moment("claimed_at"), VerifiedAt: may.moment("verified_at"), LostAt: may.moment("lost_at"),
		FallsBackSince: may.moment("falls_back_since"), Discarded: may.text("discarded"),
	}, *err
}

func encodeDomain(c org.DomainClaim) item {
	i := domainKey(c.Domain).item()
	i.number("rev", c.Rev)
	i.text("organization", c.Organization)
	i.moment("claimed_at", c.ClaimedAt)
	i.moment("released_at", c.ReleasedAt)
	i.flag("verified", c.Verified)
	return i
}

func decodeDomain(i item) (org.DomainClaim, error) {
	must, may, err := read("DOMAIN", i)
	domain, ok := strings.CutPrefix(i.key().pk, domainPrefix)
	if !ok {
		must.fail("pk", "is not a domain's")
	}
	return org.DomainClaim{
		Domain: domain, Organization: must.text("organization"), Rev: must.number("rev"), ClaimedAt: must.moment("claimed_at"),
		ReleasedAt: may.moment("released_at"), Verified: must.flag("verified"),
	}, *err
}

// Sender gets who an organisation's mail comes from, strongly consistent; nil where it has no sender of its own. It is
// sender.Store's, policy.Store's and mail.Store's. (A batch of one, so that the mailer needs no permission more.)
func (s *Store) Sender(ctx context.Context, organization string) (*org.Sender, error) {
	k := senderKey(organization)
	found, err := s.batch(ctx, k)
	if err != nil {
		return nil, err
	}
	return decoded(found[k], decodeSender)
}

// DomainClaim gets whose a domain is, strongly consistent; nil where it never was anybody's. It is sender.Store's.
func (s *Store) DomainClaim(ctx context.Context, domain string) (*org.DomainClaim, error) {
	return one(ctx, s, domainKey(domain), decodeDomain)
}

// WriteSender writes a change in one transaction. It is sender.Store's.
func (s *Store) WriteSender(ctx context.Context, c sender.Change) error {
	var parts []part
	if c.Sender != nil {
		parts = append(parts, s.senderPart(*c.Sender))
	}
	for _, d := range c.Claims {
		parts = append(parts, s.updated(encodeDomain(d), d.Rev, domainAttributes))
	}
	parts = append(parts, s.events(c.Events)...)
	if len(parts) == 0 {
		return nil
	}
	return s.commit(ctx, parts)
}

// LoseSender writes a sender that has lost its domain, with the event that tells of it. It is mail.Store's.
func (s *Store) LoseSender(ctx context.Context, o org.Sender, e audit.Event) error {
	return s.WriteSender(ctx, sender.Change{Sender: &o, Events: []audit.Event{e}})
}

func (s *Store) senderPart(o org.Sender) part {
	return s.updated(encodeSender(o), o.Rev, senderAttributes)
}
