package dynamo

import (
	"context"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"twofold/pkg/ledger"
	"twofold/pkg/retention"
)

// sheds lists an organisation with those that logs are removed of. It stays there: of what an earlier policy kept less long something may be left.
func (s *Store) sheds(organization string) part {
	return part{write: types.TransactWriteItem{Put: &types.Put{TableName: aws.String(s.table), Item: sheddingKey(organization).item()}}}
}

// Shedding are the organisations that logs are removed of, in their order. It is retention.Store's.
func (s *Store) Shedding(ctx context.Context, after string, limit int) (organizations []string, next string, err error) {
	in := &dynamodb.QueryInput{
		TableName: aws.String(s.table), ConsistentRead: aws.Bool(true),
		KeyConditionExpression: aws.String("pk = :pk"), ExpressionAttributeValues: item{":pk": text(shedding)},
	}
	if after != "" {
		in.ExclusiveStartKey = sheddingKey(after).item()
	}
	rows, err := s.rows(ctx, in, limit)
	if err != nil {
		return nil, "", err
	}
	for _, row := range rows {
		organizations = append(organizations, row.key().sk)
	}
	if len(rows) == limit {
		next = organizations[limit-1]
	}
	return organizations, next, nil
}

func logPartition(l retention.Log, organization string) string {
	if l == retention.SignIns {
		return signInPrefix + organization
	}
	return auditPrefix + organization
}

// Outdated is one query, and where events are found a batch that says which of them are in the Merkle log. It is retention.Store's.
func (s *Store) Outdated(ctx context.Context, l retention.Log, organization string, before time.Time, after string, limit int) (places []string, next string, err error) {
	pk := logPartition(l, organization)
	in := &dynamodb.QueryInput{
		TableName: aws.String(s.table), ConsistentRead: aws.Bool(true), ProjectionExpression: aws.String("pk, sk"),
		KeyConditionExpression:    aws.String("pk = :pk AND sk < :before"),
		ExpressionAttributeValues: item{":pk": text(pk), ":before": text(before.UTC().Format(ledger.PlaceLayout))},
	}
	if after != "" {
		in.ExclusiveStartKey = key{pk, after}.item()
	}
	rows, err := s.rows(ctx, in, limit)
	if err != nil {
		return nil, "", err
	}
	for _, row := range rows {
		places = append(places, row.key().sk)
	}
	if len(rows) == limit {
		next = places[limit-1]
	}
	if l == retention.Audit {
		places, err = s.inLog(ctx, organization, places)
	}
	return places, next, err
}

// inLog are those of the places that stand in the Merkle log, in their order.
func (s *Store) inLog(ctx context.Context, organization string, places []string) (logged []string, err error) {
	if len(places) == 0 {
		return nil, nil
	}
	entries := make([]ledger.Place, len(places))
	for at, place := range places {
		entries[at].At, entries[at].ID, _ = strings.Cut(place, "#")
	}
	there, err := s.Entries(ctx, organization, entries)
	if err != nil {
		return nil, err
	}
	for at, entry := range entries {
		if _, is := there[entry]; is {
			logged = append(logged, places[at])
		}
	}
	return logged, nil
}

// Remove is one BatchWriteItem, and a few more where DynamoDB leaves something undone. It is retention.Store's.
func (s *Store) Remove(ctx context.Context, l retention.Log, organization string, places []string) error {
	var gone []types.WriteRequest
	for _, place := range places {
		at := key{logPartition(l, organization), place}
		gone = append(gone, types.WriteRequest{DeleteRequest: &types.DeleteRequest{Key: at.item()}})
	}
	_, err := s.writeAll(ctx, gone)
	return err
}
