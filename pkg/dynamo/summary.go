package dynamo

import (
	"context"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"twofold/pkg/org"
	"twofold/pkg/user"
)

// Tallies are what is counted of all organisations, nothing of those in which nobody was, a moment old: a query of each shard, side by side. It is report.Store's.
func (s *Store) Tallies(ctx context.Context) ([]user.Tally, error) {
	found, err := eachShard(func(shard string) ([]user.Tally, error) {
		rows, err := s.rows(ctx, &dynamodb.QueryInput{
			TableName: aws.String(s.table), KeyConditionExpression: aws.String("pk = :pk"),
			ExpressionAttributeValues: item{":pk": text(countsPrefix + shard)},
		}, everyRow)
		if err != nil {
			return nil, err
		}
		return all(rows, decodeTally)
	})
	return slices.Concat(found...), err
}

// lists has an organisation that is made stand among the counts of all, before anybody is counted in it. Whoever counts, adds to that.
func (s *Store) lists(o org.Organization) part {
	at := moment(o.CreatedAt)
	return part{
		write: types.TransactWriteItem{Update: &types.Update{
			TableName: aws.String(s.table), Key: countsKey(o.ID).item(), UpdateExpression: aws.String("SET made_at = :at"),
			ConditionExpression: aws.String("attribute_not_exists(made_at)"), ExpressionAttributeValues: item{":at": at},
			ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld,
		}},
		ours: func(stored item) bool { return reflect.DeepEqual(stored["made_at"], at) },
	}
}

// systemDays adds the days of all shards up.
func (s *Store) systemDays(ctx context.Context, from user.Day) ([]user.DayCounts, error) {
	found, err := eachShard(func(shard string) ([]user.DayCounts, error) { return s.daysOf(ctx, systemDayKey(shard, from)) })
	if err != nil {
		return nil, err
	}
	sums := map[user.Day]user.Trend{}
	for _, d := range slices.Concat(found...) {
		sum := sums[d.Day]
		sums[d.Day] = user.Trend{Users: sum.Users + d.Change.Users, Enrolled: sum.Enrolled + d.Change.Enrolled}
	}
	var days []user.DayCounts
	for _, day := range slices.Sorted(maps.Keys(sums)) {
		days = append(days, user.DayCounts{Day: day, Change: sums[day], Waiting: map[user.Class]int64{}})
	}
	return days, nil
}

// eachShard reads all shards side by side.
func eachShard[T any](read func(shard string) ([]T, error)) ([][]T, error) {
	found, failed := make([][]T, shards), make([]error, shards)
	var wait sync.WaitGroup
	for n := range shards {
		wait.Go(func() { found[n], failed[n] = read(strconv.Itoa(n)) })
	}
	wait.Wait()
	for _, err := range failed {
		if err != nil {
			return nil, err
		}
	}
	return found, nil
}
