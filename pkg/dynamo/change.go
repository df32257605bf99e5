package dynamo

import (
	"context"

	"twofold/pkg/access"
	"twofold/pkg/org"
	"twofold/pkg/policy"
)

// ReadOrganization gets key and organisation in one strongly consistent batch; nil where there is no such
// item, and no organisation in access.VendorHome, where none is asked for. It is policy.Store's and report.Store's.
func (s *Store) ReadOrganization(ctx context.Context, c access.Credential, organization string) (*access.Key, *org.Organization, error) {
	at, keys := organizationKey(organization), credentialKeys(c)
	if organization != access.VendorHome {
		keys = append(keys, at)
	}
	found, err := s.batch(ctx, keys...)
	if err != nil {
		return nil, nil, err
	}
	k, err := presented(found, c)
	if err != nil {
		return nil, nil, err
	}
	o, err := decoded(found[at], decodeOrganization)
	if err != nil {
		return nil, nil, err
	}
	return k, o, nil
}

// WriteOrganization writes a change in one transaction. It is policy.Store's.
func (s *Store) WriteOrganization(ctx context.Context, organization string, c policy.Change) error {
	var parts []part
	if o := c.Organization; o != nil {
		parts = append(parts, s.updated(encodeOrganization(*o), o.Rev, organizationAttributes))
		if o.Rev == 1 {
			parts = append(parts, s.lists(*o))
		}
	}
	if c.History != nil {
		parts = append(parts, s.created(encodeHistory(organization, *c.History), false))
	}
	if c.Sheds {
		parts = append(parts, s.sheds(organization))
	}
	if c.Docket != nil {
		docket, err := s.docket(*c.Docket)
		if err != nil {
			return err
		}
		parts = append(parts, docket...)
	}
	if c.Roster != nil {
		parts = append(parts, s.updated(encodeRoster(*c.Roster), c.Roster.Rev, rosterAttributes))
	}
	for _, a := range c.Administrators {
		parts = append(parts, s.created(encodeAdministrator(a), false))
	}
	for _, a := range c.Applications {
		parts = append(parts, s.created(encodeApplication(a), false))
	}
	for _, k := range c.Keys {
		parts = append(parts, s.created(encodeAccessKey(k), true)) // nobody else can have made the same digest
	}
	if c.Sender != nil {
		parts = append(parts, s.senderPart(*c.Sender))
	}
	if c.Announcement != nil {
		parts = append(parts, s.announcementParts(nil, *c.Announcement)...)
	}
	parts = append(parts, s.events(c.Events)...)
	if len(parts) == 0 {
		return nil
	}
	return s.commit(ctx, parts)
}
