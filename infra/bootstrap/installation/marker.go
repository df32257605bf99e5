package installation

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// Client is the part of *dynamodb.Client that the marker calls.
type Client interface {
	GetItem(context.Context, *dynamodb.GetItemInput, ...func(*dynamodb.Options)) (*dynamodb.GetItemOutput, error)
	PutItem(context.Context, *dynamodb.PutItemInput, ...func(*dynamodb.Options)) (*dynamodb.PutItemOutput, error)
	UpdateItem(context.Context, *dynamodb.UpdateItemInput, ...func(*dynamodb.Options)) (*dynamodb.UpdateItemOutput, error)
}

// MarkerItem is the Marker in the table: pk and sk are both BOOTSTRAP, key (S)
// is the first key's id, created_at and issued_at (S) are RFC 3339 times.
type MarkerItem struct {
	Client Client
	Table  string
}

func markerKey() map[string]types.AttributeValue {
	return map[string]types.AttributeValue{"pk": text("BOOTSTRAP"), "sk": text("BOOTSTRAP")}
}

func text(value string) types.AttributeValue { return &types.AttributeValueMemberS{Value: value} }

func stamp(t time.Time) types.AttributeValue { return text(t.UTC().Format(time.RFC3339)) }

func markOf(item map[string]types.AttributeValue) (Mark, error) {
	if len(item) == 0 {
		return Mark{}, nil
	}
	id, ok := item["key"].(*types.AttributeValueMemberS)
	if !ok || id.Value == "" {
		return Mark{}, errors.New("the item BOOTSTRAP/BOOTSTRAP names no key")
	}
	_, issued := item["issued_at"]
	return Mark{KeyID: id.Value, Issued: issued}, nil
}

// Read implements Marker.
func (m MarkerItem) Read(ctx context.Context) (Mark, error) {
	out, err := m.Client.GetItem(ctx, &dynamodb.GetItemInput{
		TableName: &m.Table, Key: markerKey(), ConsistentRead: aws.Bool(true),
	})
	if err != nil {
		return Mark{}, err
	}
	return markOf(out.Item)
}

// Claim implements Marker. A refused write may be our own, whose acknowledgement
// was lost and which the SDK repeated: so the answer is what is there now.
func (m MarkerItem) Claim(ctx context.Context, keyID string, now time.Time) (Mark, error) {
	item := markerKey()
	item["key"], item["created_at"] = text(keyID), stamp(now)
	_, err := m.Client.PutItem(ctx, &dynamodb.PutItemInput{
		TableName: &m.Table, Item: item, ConditionExpression: aws.String("attribute_not_exists(pk)"),
	})
	var held *types.ConditionalCheckFailedException
	if errors.As(err, &held) {
		return m.Read(ctx)
	}
	if err != nil {
		return Mark{}, err
	}
	return Mark{KeyID: keyID}, nil
}

// Issued implements Marker.
func (m MarkerItem) Issued(ctx context.Context, keyID string, now time.Time) error {
	_, err := m.Client.UpdateItem(ctx, &dynamodb.UpdateItemInput{
		TableName: &m.Table, Key: markerKey(),
		UpdateExpression:          aws.String("SET issued_at = if_not_exists(issued_at, :now)"),
		ConditionExpression:       aws.String("#key = :key"),
		ExpressionAttributeNames:  map[string]string{"#key": "key"}, // a reserved word
		ExpressionAttributeValues: map[string]types.AttributeValue{":key": text(keyID), ":now": stamp(now)},
	})
	if err != nil {
		return fmt.Errorf("marking the key as issued: %w", err)
	}
	return nil
}
