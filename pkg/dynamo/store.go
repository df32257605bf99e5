package dynamo

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// Client is what the store calls of the SDK's client. Its retries are part of the contract:
// whatever a retry meets that its own first try caused is recognised as success.
type Client interface {
	GetItem(context.Context, *dynamodb.GetItemInput, ...func(*dynamodb.Options)) (*dynamodb.GetItemOutput, error)
	BatchGetItem(context.Context, *dynamodb.BatchGetItemInput, ...func(*dynamodb.Options)) (*dynamodb.BatchGetItemOutput, error)
	BatchWriteItem(context.Context, *dynamodb.BatchWriteItemInput, ...func(*dynamodb.Options)) (*dynamodb.BatchWriteItemOutput, error)
	PutItem(context.Context, *dynamodb.PutItemInput, ...func(*dynamodb.Options)) (*dynamodb.PutItemOutput, error)
	UpdateItem(context.Context, *dynamodb.UpdateItemInput, ...func(*dynamodb.Options)) (*dynamodb.UpdateItemOutput, error)
	TransactWriteItems(
		context.Context, *dynamodb.TransactWriteItemsInput, ...func(*dynamodb.Options),
	) (*dynamodb.TransactWriteItemsOutput, error)
	Query(context.Context, *dynamodb.QueryInput, ...func(*dynamodb.Options)) (*dynamodb.QueryOutput, error)
}

// Store is the table. It is safe for use by several goroutines at once and keeps no state between calls.
type Store struct {
	client Client
	table  string
}

// New makes the store of a table.
func New(client Client, table string) *Store { return &Store{client: client, table: table} }

// ErrBusy says that DynamoDB kept leaving keys of a batch unread.
var ErrBusy = errors.New("dynamo: keys of a batch stayed unread")

const (
	batchTries  = 5
	batchPause  = 10 * time.Millisecond // doubled before each further try
	maxKeyBytes = 1024                  // of a sort key, DynamoDB's limit
)

// batch reads items strongly consistent in one request. What DynamoDB leaves
// unread is asked for again, a few times. Absent items are absent from the result.
func (s *Store) batch(ctx context.Context, keys ...key) (map[key]item, error) {
	return s.batchOf(ctx, types.KeysAndAttributes{}, keys...)
}

// batchOf is batch with the attributes that are asked for.
func (s *Store) batchOf(ctx context.Context, asked types.KeysAndAttributes, keys ...key) (map[key]item, error) {
	pending := make([]map[string]types.AttributeValue, len(keys))
	for at, k := range keys {
		pending[at] = k.item()
	}
	found := make(map[key]item, len(keys))
	for try := range batchTries {
		if err := pause(ctx, batchPause, try); err != nil {
			return nil, err
		}
		asked.Keys, asked.ConsistentRead = pending, aws.Bool(true)
		out, err := s.client.BatchGetItem(ctx, &dynamodb.BatchGetItemInput{
			RequestItems: map[string]types.KeysAndAttributes{s.table: asked},
		})
		if err != nil {
			return nil, fmt.Errorf("dynamo: read a batch: %w", err)
		}
		for _, row := range out.Responses[s.table] {
			found[item(row).key()] = row
		}
		pending = out.UnprocessedKeys[s.table].Keys
		if len(pending) == 0 {
			return found, nil
		}
	}
	return nil, ErrBusy
}

// pause waits before every try but the first, twice as long each time.
func pause(ctx context.Context, first time.Duration, try int) error {
	if try == 0 {
		return nil
	}
	timer := time.NewTimer(first << (try - 1))
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("dynamo: try again: %w", ctx.Err())
	}
}

// get reads one item; nil where there is none.
func (s *Store) get(ctx context.Context, k key, consistent bool) (item, error) {
	out, err := s.client.GetItem(ctx, &dynamodb.GetItemInput{
		TableName: aws.String(s.table), Key: k.item(), ConsistentRead: aws.Bool(consistent),
	})
	if err != nil {
		return nil, fmt.Errorf("dynamo: read an item: %w", err)
	}
	return out.Item, nil
}

// one reads and decodes one item strongly consistent; nil where there is none.
func one[T any](ctx context.Context, s *Store, k key, decode func(item) (T, error)) (*T, error) {
	i, err := s.get(ctx, k, true)
	if err != nil {
		return nil, err
	}
	return decoded(i, decode)
}

// decoded decodes an item that may be absent.
func decoded[T any](i item, decode func(item) (T, error)) (*T, error) {
	if i == nil {
		return nil, nil
	}
	value, err := decode(i)
	if err != nil {
		return nil, err
	}
	return &value, nil
}

// everyRow is the limit of a query that is to be read to its end.
const everyRow = 0

// rows reads up to limit items of a query, going on where DynamoDB stops early.
func (s *Store) rows(ctx context.Context, in *dynamodb.QueryInput, limit int) ([]item, error) {
	var out []item
	for {
		if limit != everyRow {
			in.Limit = aws.Int32(int32(limit - len(out)))
		}
		page, err := s.client.Query(ctx, in)
		if err != nil {
			return nil, fmt.Errorf("dynamo: query: %w", err)
		}
		for _, row := range page.Items {
			out = append(out, row)
		}
		if len(page.LastEvaluatedKey) == 0 || limit != everyRow && len(out) >= limit {
			return out, nil
		}
		in.ExclusiveStartKey = page.LastEvaluatedKey
	}
}
