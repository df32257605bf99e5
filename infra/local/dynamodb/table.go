package dynamodb

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"twofold/infra/local/template"
)

// CreateTable makes the table under the given name and returns when it can be used. A table of that name that
// already exists is left alone, whatever its schema.
func CreateTable(ctx context.Context, client *dynamodb.Client, table template.Table, name string) error {
	input := table.Create
	input.TableName = aws.String(name)
	var exists *types.ResourceInUseException
	if _, err := client.CreateTable(ctx, &input); errors.As(err, &exists) {
		return nil
	} else if err != nil {
		return fmt.Errorf("dynamodb: creating the table: %w", err)
	}
	waiter := dynamodb.NewTableExistsWaiter(client, func(o *dynamodb.TableExistsWaiterOptions) {
		o.MinDelay, o.MaxDelay = 20*time.Millisecond, time.Second
	})
	if err := waiter.Wait(ctx, &dynamodb.DescribeTableInput{TableName: input.TableName}, time.Minute); err != nil {
		return fmt.Errorf("dynamodb: waiting for the table: %w", err)
	}
	if table.TimeToLive == "" {
		return nil
	}
	_, err := client.UpdateTimeToLive(ctx, &dynamodb.UpdateTimeToLiveInput{
		TableName: input.TableName,
		TimeToLiveSpecification: &types.TimeToLiveSpecification{
			AttributeName: aws.String(table.TimeToLive),
			Enabled:       aws.Bool(true),
		},
	})
	if err != nil {
		return fmt.Errorf("dynamodb: setting the time to live: %w", err)
	}
	return nil
}
