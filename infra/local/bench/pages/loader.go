package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"twofold/pkg/report"
	"twofold/pkg/user"
)

// loader writes what a store would write in a transaction, new items alone, in plain batches: a hundred thousand users would take DynamoDB Local
// an hour otherwise, and what is measured is reading.
type loader struct{ *sdk.Client }

const together = 25 // BatchWriteItem's

func (l loader) TransactWriteItems(ctx context.Context, in *sdk.TransactWriteItemsInput, _ ...func(*sdk.Options)) (*sdk.TransactWriteItemsOutput, error) {
	for some := range slices.Chunk(in.TransactItems, together) {
		var puts []types.WriteRequest
		for _, w := range some {
			if w.Update == nil {
				return nil, errors.New("pages: users are updates of items that are not there")
			}
			puts = append(puts, types.WriteRequest{PutRequest: &types.PutRequest{Item: itemOf(w.Update)}})
		}
		if err := l.put(ctx, *some[0].Update.TableName, puts); err != nil {
			return nil, err
		}
	}
	return &sdk.TransactWriteItemsOutput{}, nil
}

// itemOf is what an update leaves where there was nothing: every value is named like its attribute.
func itemOf(u *types.Update) map[string]types.AttributeValue {
	item := maps.Clone(u.Key)
	for placeholder, value := range u.ExpressionAttributeValues {
		item[strings.TrimPrefix(placeholder, ":")] = value
	}
	verify(item)
	return item
}

// verify gives whoever is enrolled a day of the latest proof, with the places in the orders that it makes.
func verify(item map[string]types.AttributeValue) {
	if _, enrolled := item["enrolled_at"]; !enrolled {
		return
	}
	of := strings.SplitN(item["pk"].(*types.AttributeValueMemberS).Value, "#", 3)
	p := user.Profile{Organization: of[1], User: of[2]}
	p.Facts.VerifiedOn = user.On(time.Date(2026, 11, 1+int(of[2][len(of[2])-1])%28, 0, 0, 0, 0, time.UTC))
	item["verified_on"] = &types.AttributeValueMemberS{Value: string(p.Facts.VerifiedOn)}
	item["r_verified"] = &types.AttributeValueMemberS{Value: report.ByVerified.Value(p)}
	item["s_verified"] = &types.AttributeValueMemberS{Value: report.ByVerified.SystemValue(p)}
}

// put writes a batch, and again where DynamoDB Local has waited too long for a lock, as it says it would not on AWS.
func (l loader) put(ctx context.Context, table string, puts []types.WriteRequest) (err error) {
	for range 5 {
		var out *sdk.BatchWriteItemOutput
		out, err = l.BatchWriteItem(ctx, &sdk.BatchWriteItemInput{RequestItems: map[string][]types.WriteRequest{table: puts}})
		if err == nil && len(out.UnprocessedItems) == 0 {
			return nil
		}
	}
	return fmt.Errorf("pages: a batch is not written: %w", err)
}
