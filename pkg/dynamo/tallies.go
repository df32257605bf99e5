package dynamo

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"twofold/pkg/audit"
	"twofold/pkg/signin"
	"twofold/pkg/user"
)

// CountSignIn writes a row and its tallies in one transaction. It is signin.Ledger's.
func (s *Store) CountSignIn(ctx context.Context, row signin.Entry, until time.Time, in []signin.Tally) error {
	i := encodeSignIn(row, until)
	written := s.created(i, true)
	written.ours = func(stored item) bool { return len(stored) > 0 } // whoever wrote it has counted it
	parts := []part{written}
	for _, t := range in {
		parts = append(parts, part{write: types.TransactWriteItem{Update: &types.Update{
			TableName: aws.String(s.table), Key: patternKey(t).item(),
			UpdateExpression:         aws.String("SET #ttl = :ttl ADD n :one, buckets :bucket"),
			ExpressionAttributeNames: map[string]string{"#ttl": "ttl"},
			ExpressionAttributeValues: item{
				":ttl": number(t.Window.Add(signin.TallyLife).Unix()), ":one": number(1),
				":bucket": &types.AttributeValueMemberNS{Value: []string{strconv.Itoa(t.Bucket)}},
			},
		}}})
	}
	return s.commit(ctx, parts)
}

// Tallied reads 100 at once. It is signin.Ledger's.
func (s *Store) Tallied(ctx context.Context, of []signin.Tally) (map[signin.Tally]signin.Count, error) {
	counts := make(map[signin.Tally]signin.Count, len(of))
	for some := range slices.Chunk(of, maxBatch) {
		keys := make([]key, len(some))
		for at, t := range some {
			keys[at] = patternKey(t)
		}
		found, err := s.batch(ctx, keys...)
		if err != nil {
			return nil, err
		}
		for at, t := range some {
			if counts[t], err = decodePattern(found[keys[at]]); err != nil {
				return nil, err
			}
		}
	}
	return counts, nil
}

func decodePattern(i item) (signin.Count, error) {
	_, may, err := read("PATTERN", i)
	c := signin.Count{N: may.number("n"), Raised: may.text("event") != ""}
	if buckets, ok := member[*types.AttributeValueMemberNS](may, "buckets"); ok {
		c.Users = len(buckets.Value)
	}
	return c, *err
}

// Raise writes the event and which it is in one transaction. It is signin.Ledger's.
func (s *Store) Raise(ctx context.Context, t signin.Tally, e audit.Event) error {
	marked := types.TransactWriteItem{Update: &types.Update{
		TableName: aws.String(s.table), Key: patternKey(t).item(),
		UpdateExpression:          aws.String("SET #ttl = :ttl, #event = :event"),
		ConditionExpression:       aws.String("attribute_not_exists(#event)"),
		ExpressionAttributeNames:  map[string]string{"#ttl": "ttl", "#event": "event"},
		ExpressionAttributeValues: item{":ttl": number(t.Window.Add(signin.TallyLife).Unix()), ":event": text(e.ID)},

		ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld,
	}}
	ours := func(stored item) bool {
		event, _ := stored["event"].(*types.AttributeValueMemberS)
		return event != nil && event.Value == e.ID
	}
	err := s.commit(ctx, []part{{marked, ours, true}, s.created(encodeEvent(e), true)})
	if err != nil && !errors.Is(err, user.ErrConflict) {
		return fmt.Errorf("dynamo: raise a pattern: %w", err)
	}
	return err
}
