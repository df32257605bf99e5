package stack

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	dynamodbapi "github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"twofold/infra/local/dynamodb"
	"twofold/infra/local/schedule"
	"twofold/infra/local/stream"
	"twofold/infra/local/template"
)

// startStreams begins to read the table's stream for every function that the template gives it to.
func (s *Stack) startStreams(ctx context.Context, o Options, functions []template.Function) error {
	path := ""
	if !o.InMemory {
		path = filepath.Join(o.DataDir, "checkpoints.json")
	}
	checkpoints, err := stream.OpenCheckpoints(path)
	if err != nil {
		return err
	}
	about, err := s.DynamoDB.DescribeTable(ctx, &dynamodbapi.DescribeTableInput{TableName: aws.String(s.TableName)})
	if err != nil {
		return fmt.Errorf("stack: %w", err)
	}
	for _, f := range functions {
		if slices.Contains(o.Unread, f.Name) {
			continue
		}
		if len(f.Streams) > 1 {
			return fmt.Errorf("stack: %s has several streams; one is what the table has", f.ID)
		}
		for _, source := range f.Streams {
			poller, err := stream.Start(stream.Options{
				Client: dynamodb.Streams(s.endpoint), StreamARN: aws.ToString(about.Table.LatestStreamArn),
				Reader: f.Name, Source: source, Function: s.pools[f.Name], FunctionARN: s.pools[f.Name].ARN(),
				Checkpoints: checkpoints, Failures: &s.failures, Now: o.Now, Log: s.log(),
			})
			if err != nil {
				return err
			}
			s.Streams[f.Name] = poller
			s.onStop(poller.Stop)
		}
	}
	return nil
}

// startSchedules begins to count for every schedule that the template gives a function.
func (s *Stack) startSchedules(o Options, functions []template.Function) {
	for _, f := range functions {
		for _, source := range f.Schedules {
			timer := schedule.Start(schedule.Options{
				Source: source, Function: s.pools[f.Name], Reader: f.Name, Region: region, Account: account,
				Now: o.Now, Wait: schedule.Sleep, Log: s.log(),
			})
			s.schedules[f.Name+" "+source.Name] = timer
			s.onStop(func() error { timer.Stop(); return nil })
		}
	}
}

// Fire makes a schedule of the function ("projector", "Tick") due now and returns when its event has been dealt with, be
// it by giving it up, which is an error.
func (s *Stack) Fire(ctx context.Context, function, event string) error {
	timer, ok := s.schedules[function+" "+event]
	if !ok {
		return fmt.Errorf("stack: no schedule %q of a function %q", event, function)
	}
	return timer.Fire(ctx)
}
