package dynamo

import (
	"context"
	"time"

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
	p, err := decoded(found[keys[1]], decodeProfile)
	if err != nil {
		return nil, nil, none, err
	}
	f, err := factorsOr(found[keys[2]], organization, id)
	if err != nil {
		return nil, nil, none, err
	}
	return o, p, f, nil
}

// Pending gets an administrator's proposal with the administrator's own address as it stands now, in one strongly
// consistent batch; nil if there is no such proposal, or no such administrator any more. It is mail.Store's.
func (s *Store) Pending(ctx context.Context, organization, administrator string, now time.Time) (*mail.Proposal, *org.Organization, error) {
	keys := []key{
		organizationKey(organization), administratorKey(organization, administrator), proposalKey(organization, administrator),
	}
	found, err := s.batch(ctx, keys...)
	if err != nil {
		return nil, nil, err
	}
	o, err := decoded(found[keys[0]], decodeOrganization)
	if err != nil {
		return nil, nil, err
	}
	a, err := decoded(found[keys[1]], decodeAdministrator)
	if err != nil {
		return nil, nil, err
	}
	p, err := decoded(found[keys[2]], decodeProposal)
	if err != nil {
		return nil, nil, err
	}
	if o == nil || a == nil || p == nil {
		return nil, o, nil
	}
	return &mail.Proposal{
		ID: p.ID, Email: a.Email, Mailed: p.Mailed(), KeyID: p.KeyID, Live: p.Live(now),
		Changes: p.Policy.Differences(o.Policy), Seen: p.Seen,
	}, o, nil
}
