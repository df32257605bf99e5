package faults_test

import (
	"context"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/ratelimit"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	sdk "github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"twofold/infra/local/dynamodb"
	"twofold/infra/local/faults"
)

// table is one of DynamoDB Local's, reached through a wire and past it.
type table struct {
	t      *testing.T
	name   string
	wire   faults.Wire
	client *sdk.Client
	bare   *sdk.Client
}

// tries of the SDK at a call.
const tries = 3

func newTable(t *testing.T) *table {
	t.Helper()
	tab := &table{t: t}
	tab.bare, tab.name = dynamodb.TableForTest(t)
	tab.client = sdk.NewFromConfig(dynamodb.Config(dynamodb.ForTest(t)), func(o *sdk.Options) {
		o.APIOptions = append(o.APIOptions, tab.wire.Install)
		o.Retryer = retry.NewStandard(func(o *retry.StandardOptions) {
			o.MaxAttempts, o.RateLimiter = tries, ratelimit.None
			o.Backoff = retry.BackoffDelayerFunc(func(int, error) (time.Duration, error) { return 0, nil })
		})
	})
	return tab
}

func keyOf(id string) map[string]types.AttributeValue {
	return map[string]types.AttributeValue{"pk": &types.AttributeValueMemberS{Value: id}, "sk": &types.AttributeValueMemberS{Value: id}}
}

// put writes an item where there is none.
func (tab *table) put(ctx context.Context, id string) error {
	_, err := tab.client.PutItem(ctx, &sdk.PutItemInput{
		TableName: aws.String(tab.name), Item: keyOf(id), ConditionExpression: aws.String("attribute_not_exists(pk)"),
	})
	return err
}

// transact writes two items where there are none.
func (tab *table) transact(ctx context.Context, ids ...string) error {
	in := &sdk.TransactWriteItemsInput{}
	for _, id := range ids {
		in.TransactItems = append(in.TransactItems, types.TransactWriteItem{Put: &types.Put{
			TableName: aws.String(tab.name), Item: keyOf(id), ConditionExpression: aws.String("attribute_not_exists(pk)"),
		}})
	}
	_, err := tab.client.TransactWriteItems(ctx, in)
	return err
}

// holds looks past the wire.
func (tab *table) holds(id string) bool {
	tab.t.Helper()
	out, err := tab.bare.GetItem(tab.t.Context(), &sdk.GetItemInput{
		TableName: aws.String(tab.name), Key: keyOf(id), ConsistentRead: aws.Bool(true),
	})
	if err != nil {
		tab.t.Fatal(err)
	}
	return out.Item != nil
}
