package dynamo

import (
	"context"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"twofold/pkg/audit"
	"twofold/pkg/ledger"
)

// distinct are the keys, each once: DynamoDB refuses a batch that names one twice.
func distinct(keys []key) []key {
	seen := map[key]bool{}
	return slices.DeleteFunc(slices.Clone(keys), func(k key) bool {
		again := seen[k]
		seen[k] = true
		return again
	})
}

// Entries says which places stand in a log, and at which index. It is report.Store's.
func (s *Store) Entries(ctx context.Context, organization string, places []ledger.Place) (map[ledger.Place]uint64, error) {
	keys := make([]key, len(places))
	for at, p := range places {
		keys[at] = entryKey(organization, p)
	}
	found, err := s.batches(ctx, nil, distinct(keys))
	if err != nil {
		return nil, err
	}
	return entered(found, organization, places)
}

// Entry finds the index of an event by its id; false where it is not in the log. It is report.Store's.
func (s *Store) Entry(ctx context.Context, organization, id string) (uint64, bool, error) {
	rows, err := s.rows(ctx, s.under(entryKey(organization, ledger.Place{ID: id})), 1)
	if err != nil || len(rows) == 0 {
		return 0, false, err
	}
	must, _, failed := read("ENTRY", rows[0])
	return uint64(must.number("leaf")), true, *failed
}

// LeafRange gives up to limit leaves from an index on, in their order, strongly consistent. It is report.Store's.
func (s *Store) LeafRange(ctx context.Context, organization string, from uint64, limit int) ([]ledger.Leaf, error) {
	rows, err := s.rows(ctx, &dynamodb.QueryInput{
		TableName: aws.String(s.table), ConsistentRead: aws.Bool(true),
		KeyConditionExpression: aws.String("pk = :pk AND sk BETWEEN :from AND :to"),
		ExpressionAttributeValues: item{
			":pk": text(logPrefix + organization), ":from": text(leafKey(organization, from).sk),
			":to": text(leafKey(organization, from+uint64(limit)-1).sk),
		},
	}, limit)
	if err != nil {
		return nil, err
	}
	return all(rows, decodeLeaf)
}

// EventsAt gets events by where they stand, strongly consistent; those that are not there are missing. It is report.Store's.
func (s *Store) EventsAt(ctx context.Context, organization string, places []ledger.Place) (map[ledger.Place]audit.Event, error) {
	keys := make([]key, len(places))
	for at, p := range places {
		keys[at] = placeKey(organization, p)
	}
	found, err := s.batches(ctx, nil, distinct(keys))
	if err != nil {
		return nil, err
	}
	events := map[ledger.Place]audit.Event{}
	for k, i := range found {
		e, err := decodeEvent(i)
		if err != nil {
			return nil, err
		}
		at, id, _ := strings.Cut(k.sk, "#")
		events[ledger.Place{At: at, ID: id}] = e
	}
	return events, nil
}
