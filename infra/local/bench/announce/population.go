package main

import (
	"context"
	"fmt"
	"sync"
	"time"

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
	if _, err := store.BeginRecount(ctx, crowd, "bench", now, now.Add(time.Minute)); err != nil {
		return err
	}
	tally := user.Tally{Organization: crowd, Counts: user.Counts{AsOf: now, ByClass: map[user.Class]int64{{}: int64(users)}}}
	return store.EndRecount(ctx, "bench", now, tally, nil)
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
