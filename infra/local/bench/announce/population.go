package main

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"twofold/infra/local/stack"
	"twofold/pkg/dynamo"
	"twofold/pkg/user"
)

const (
	crowd    = "crowd" // the organisation that is announced to
	visitors = "codes" // the one whose users order codes
	atOnce   = 100     // items of a transaction
	writers  = 4
)

func address(n int) string { return fmt.Sprintf("user-%06d@crowd.example", n) }

// populate registers users through the store, as an import does with a hundred at a time. The projector stands still, which would take
// longer over them than all the rest, so how many there are is said in its place.
func populate(ctx context.Context, s *stack.Stack, users int) error {
	store, now := dynamo.New(s.DynamoDB, s.TableName), time.Now()
	chunks := make(chan int)
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var wait sync.WaitGroup
	for range writers {
		wait.Go(func() {
			for from := range chunks {
				if err := store.WriteMany(ctx, registered(from, min(from+atOnce, users), now)); err != nil {
					cancel(fmt.Errorf("registering users: %w", err))
				}
			}
		})
	}
	for from := 0; from < users && ctx.Err() == nil; from += atOnce {
		chunks <- from
	}
	close(chunks)
	wait.Wait()
	if err := context.Cause(ctx); err != nil {
		return err
	}
	_, err := s.DynamoDB.PutItem(ctx, &sdk.PutItemInput{TableName: aws.String(s.TableName), Item: map[string]types.AttributeValue{
		"pk": &types.AttributeValueMemberS{Value: "COUNTS#" + crowd}, "sk": &types.AttributeValueMemberS{Value: "COUNTS"},
		"n:::false": &types.AttributeValueMemberN{Value: fmt.Sprint(users)},
		"as_of":     &types.AttributeValueMemberS{Value: now.UTC().Format("2006-01-02T15:04:05.000000Z")},
	}})
	return err
}

func registered(from, to int, now time.Time) []user.Change {
	var changes []user.Change
	for n := from; n < to; n++ {
		changes = append(changes, user.Change{Profile: &user.Profile{
			Organization: crowd, User: fmt.Sprintf("user-%06d", n), Rev: 1, Email: address(n), RegisteredAt: now,
		}})
	}
	return changes
}
