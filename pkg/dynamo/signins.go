package dynamo

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"twofold/pkg/signin"
	"twofold/pkg/user"
)

// signInsOf is what the rows of a user stand by in the index of what happened to users: no organisation's id begins so, and no event's place
// there does.
func signInsOf(organization, id string) string { return "!" + organization + "#" + id }

func encodeSignIn(e signin.Entry, until time.Time) item {
	i := signInKey(e).item()
	i.text("user", e.User)
	i.text("a_user", signInsOf(e.Organization, e.User))
	i.text("outcome", string(e.Outcome))
	i.text("why", string(e.Reason))
	i.text("way", e.Way)
	i.text("purpose", string(e.For))
	i.text("address", e.Address)
	i.moment("locked_until", e.LockedUntil)
	i.number("ttl", until.Unix())
	return i
}

func decodeSignIn(i item) (signin.Entry, error) {
	must, may, err := read("SIGNIN", i)
	e := signin.Entry{
		User: must.text("user"), Outcome: signin.Outcome(must.text("outcome")), Reason: signin.Reason(may.text("why")), Way: must.text("way"),
		For: user.Act(may.text("purpose")), Address: may.text("address"), LockedUntil: may.moment("locked_until"),
	}
	k := i.key()
	at, id, _ := strings.Cut(k.sk, "#")
	e.At, e.ID = must.parsed("sk", at), id
	var ok bool
	if e.Organization, ok = strings.CutPrefix(k.pk, signInPrefix); !ok {
		must.fail("pk", "is not a sign-in log's")
	}
	return e, *err
}

// maxWritten is how many items one BatchWriteItem writes.
const maxWritten = 25

// AddSignIns writes 25 rows at once. What DynamoDB leaves unwritten is asked for again, a few times. It is signin.Ledger's.
func (s *Store) AddSignIns(ctx context.Context, rows []signin.Entry, until func(signin.Entry) time.Time) []error {
	failed := make([]error, len(rows))
	at := map[key][]int{} // one row may come twice in a batch, and DynamoDB refuses that
	var keys []key
	for i, row := range rows {
		k := signInKey(row)
		if at[k] == nil {
			keys = append(keys, k)
		}
		at[k] = append(at[k], i)
	}
	for some := range slices.Chunk(keys, maxWritten) {
		var puts []types.WriteRequest
		for _, k := range some {
			row := rows[at[k][0]]
			puts = append(puts, types.WriteRequest{PutRequest: &types.PutRequest{Item: encodeSignIn(row, until(row))}})
		}
		left, err := s.writeAll(ctx, puts)
		for _, request := range left {
			for _, i := range at[item(request.PutRequest.Item).key()] {
				failed[i] = err
			}
		}
	}
	return failed
}

// writeAll gives what was not written, or may not have been, and why.
func (s *Store) writeAll(ctx context.Context, pending []types.WriteRequest) ([]types.WriteRequest, error) {
	for try := range batchTries {
		if err := pause(ctx, batchPause, try); err != nil {
			return pending, err
		}
		out, err := s.client.BatchWriteItem(ctx, &dynamodb.BatchWriteItemInput{RequestItems: map[string][]types.WriteRequest{s.table: pending}})
		if err != nil {
			return pending, fmt.Errorf("dynamo: write a batch: %w", err)
		}
		if pending = out.UnprocessedItems[s.table]; len(pending) == 0 {
			return nil, nil
		}
	}
	return pending, ErrBusy
}

// SignIns is one query: of an organisation consistent, of one of its users by the index of what happened to users, a moment behind. It is
// signin.Store's.
func (s *Store) SignIns(ctx context.Context, organization string, q signin.Query) ([]signin.Entry, bool, error) {
	low, high := q.From.UTC().Format(signin.PlaceLayout), q.To.UTC().Format(signin.PlaceLayout)
	if q.After != "" && q.Descending {
		high = min(high, q.After)
	} else if q.After != "" {
		low = max(low, q.After)
	}
	if low > high {
		return nil, false, nil // DynamoDB takes no such range
	}
	in := &dynamodb.QueryInput{
		TableName: aws.String(s.table), ScanIndexForward: aws.Bool(!q.Descending),
		KeyConditionExpression:    aws.String("pk = :of AND sk BETWEEN :low AND :high"),
		ExpressionAttributeValues: item{":of": text(signInPrefix + organization), ":low": text(low), ":high": text(high)},
	}
	if q.User == "" {
		in.ConsistentRead = aws.Bool(true)
	} else {
		in.IndexName = aws.String("activity")
		in.KeyConditionExpression = aws.String("a_user = :of AND sk BETWEEN :low AND :high")
		in.ExpressionAttributeValues[":of"] = text(signInsOf(organization, q.User))
	}
	rows, err := s.rows(ctx, in, q.Limit+2) // the one that the page before ended with, and one that says that there are more
	if err != nil {
		return nil, false, err
	}
	rows = slices.DeleteFunc(rows, func(i item) bool { return i.key().sk == q.After })
	more := len(rows) > q.Limit
	entries, err := all(rows[:min(len(rows), q.Limit)], decodeSignIn)
	return entries, more, err
}
