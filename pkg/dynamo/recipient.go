package dynamo

import (
	"context"
	"time"

	"twofold/pkg/audit"
	"twofold/pkg/mail"
	"twofold/pkg/org"
	"twofold/pkg/user"
)

// Recipient gets what a user's mails need, in one strongly consistent batch. It is mail.Store's.
func (s *Store) Recipient(ctx context.Context, organization, id string) (*org.Organization, *user.Profile, user.Factors, error) {
	none := user.Factors{Organization: organization, User: id}
	keys := []key{organizationKey(organization), profileKey(organization, id), factorsKey(organization, id)}
	found, err := s.batch(ctx, keys...)
	if err != nil {
		return nil, nil, none, err
	}
	o, err := decoded(found[keys[0]], decodeOrganization)
	if err != nil {
		return nil, nil, none, err
	}
	m, err := memberOf(found, organization, id)
	if err != nil {
		return nil, nil, none, err
	}
	return o, m.Profile, m.Factors, nil
}

// Told reads again what a notice is about: its event or, where it has addresses of its own, those besides, in one strongly
// consistent batch of one. It is mail.Store's.
func (s *Store) Told(ctx context.Context, o mail.Order) (mail.Order, bool, error) {
	k := eventKey(audit.Event{Organization: o.Organization, At: o.Event.At, ID: o.Reference})
	if o.Named {
		k = noticeKey(o.Organization, o.User, o.Reference)
	}
	found, err := s.batch(ctx, k)
	if err != nil || found[k] == nil {
		return o, false, err
	}
	again, ok, err := orderOf(found[k])
	return again, ok, err
}

// Pending gets the change on an administrator's docket whose mail was ordered, with the administrator's own address as it stands
// now, in one strongly consistent batch, and a second one for the organisation where it is not the administrator's own. It is mail.Store's.
func (s *Store) Pending(ctx context.Context, organization, administrator, reference string, now time.Time) (*mail.Proposal, error) {
	keys := []key{
		organizationKey(organization), administratorKey(organization, administrator), docketKey(organization, administrator),
	}
	found, err := s.batch(ctx, keys...)
	if err != nil {
		return nil, err
	}
	a, err := decoded(found[keys[1]], decodeAdministrator)
	if err != nil || a == nil {
		return nil, err
	}
	d, err := decoded(found[keys[2]], decodeDocket)
	if err != nil || d == nil {
		return nil, err
	}
	c, ok := d.Ordered(reference)
	if !ok {
		return nil, nil
	}
	p := &mail.Proposal{
		ID: c.ID, Thing: c.Thing, Email: a.Address(now), Mailed: d.Mailed(c), KeyID: c.KeyID, Live: c.Live(now), Changes: c.Told, Seen: c.Seen,
	}
	if c.Organization != organization {
		found, err = s.batch(ctx, organizationKey(c.Organization))
		if err != nil {
			return nil, err
		}
	}
	o, err := decoded(found[organizationKey(c.Organization)], decodeOrganization)
	if err != nil {
		return nil, err
	}
	if o != nil {
		p.Organization, p.OwnSender = o.Name, o.ID == organization && o.Entitlements.Sender
	}
	return p, nil
}
