package dynamo

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"twofold/pkg/access"
	"twofold/pkg/org"
	"twofold/pkg/policy"
)

// ReadOrganization gets key and organisation in one strongly consistent batch; nil where there is no such
// item. It is policy.Store's and report.Store's.
func (s *Store) ReadOrganization(ctx context.Context, keyID, organization string) (*access.Key, *org.Organization, error) {
	keys := []key{accessKeyKey(keyID), organizationKey(organization)}
	found, err := s.batch(ctx, keys...)
	if err != nil {
		return nil, nil, err
	}
	k, err := decoded(found[keys[0]], decodeAccessKey)
	if err != nil {
		return nil, nil, err
	}
	o, err := decoded(found[keys[1]], decodeOrganization)
	if err != nil {
		return nil, nil, err
	}
	return k, o, nil
}

// Key gets one, strongly consistent; nil where there is none. It is policy.Store's.
func (s *Store) Key(ctx context.Context, id string) (*access.Key, error) {
	return one(ctx, s, accessKeyKey(id), decodeAccessKey)
}

// WriteOrganization writes a change in one transaction; a proposal alone, which is how a wrong code is counted, in
// one conditional UpdateItem. It is policy.Store's.
func (s *Store) WriteOrganization(ctx context.Context, organization string, c policy.Change) error {
	parts := s.organizationParts(organization, c)
	if c.Proposal != nil {
		update := s.replace(encodeProposal(*c.Proposal), c.Proposal.Rev, proposalAttributes)
		parts = append(parts, part{types.TransactWriteItem{Update: update}, attempted(c.Proposal.Attempt)})
	}
	for _, a := range c.Administrators {
		parts = append(parts, part{write: s.create(encodeAdministrator(a))})
	}
	for _, a := range c.Applications {
		parts = append(parts, part{write: s.create(encodeApplication(a))})
	}
	for _, k := range c.Keys {
		i := encodeAccessKey(k)
		parts = append(parts, part{s.create(i), i.within}) // nobody else can have made the same digest
	}
	if c.Revoked != nil {
		parts = append(parts, part{write: s.revoke(*c.Revoked)})
	}
	parts = append(parts, s.events(c.Events)...)
	if len(parts) == 0 {
		return nil
	}
	return s.commit(ctx, parts)
}

func (s *Store) organizationParts(organization string, c policy.Change) []part {
	var parts []part
	if c.Organization != nil {
		i := encodeOrganization(*c.Organization)
		p := part{write: types.TransactWriteItem{Update: s.replace(i, c.Organization.Rev, organizationAttributes)}}
		if c.Proposal == nil && len(c.Events) == 0 && len(c.Keys) == 0 {
			p.ours = i.within // nothing but its content can tell; somebody else's same content is as good
		}
		parts = append(parts, p)
	}
	if c.History != nil {
		parts = append(parts, part{write: s.create(encodeHistory(organization, *c.History))})
	}
	return parts
}

// revoke sets the time of revocation and nothing else, once.
func (s *Store) revoke(k access.Key) types.TransactWriteItem {
	return types.TransactWriteItem{Update: &types.Update{
		TableName: aws.String(s.table), Key: accessKeyKey(k.ID).item(),
		UpdateExpression:                    aws.String("SET revoked_at = :at"),
		ConditionExpression:                 aws.String("attribute_exists(pk) AND attribute_not_exists(revoked_at)"),
		ExpressionAttributeValues:           item{":at": moment(k.RevokedAt)},
		ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld,
	}}
}
