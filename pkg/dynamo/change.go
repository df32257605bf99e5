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

// WriteOrganization writes a change in one transaction. It is policy.Store's.
func (s *Store) WriteOrganization(ctx context.Context, organization string, c policy.Change) error {
	var parts []part
	if o := c.Organization; o != nil {
		parts = append(parts, s.updated(encodeOrganization(*o), o.Rev, organizationAttributes))
	}
	if c.History != nil {
		parts = append(parts, s.created(encodeHistory(organization, *c.History), false))
	}
	if c.Docket != nil {
		parts = append(parts, s.docket(*c.Docket))
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
	if c.Revoked != nil {
		parts = append(parts, s.revoked(*c.Revoked))
	}
	parts = append(parts, s.events(c.Events)...)
	if len(parts) == 0 {
		return nil
	}
	return s.commit(ctx, parts)
}

// revoked sets the time of revocation and nothing else, once.
func (s *Store) revoked(k access.Key) part {
	at := item{"revoked_at": moment(k.RevokedAt)}
	return part{write: types.TransactWriteItem{Update: &types.Update{
		TableName: aws.String(s.table), Key: accessKeyKey(k.ID).item(),
		UpdateExpression:                    aws.String("SET revoked_at = :at"),
		ConditionExpression:                 aws.String("attribute_exists(pk) AND attribute_not_exists(revoked_at)"),
		ExpressionAttributeValues:           item{":at": at["revoked_at"]},
		ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld,
	}}, ours: at.within}
}
