package stack

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	dynamodbapi "github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"twofold/infra/local/dynamodb"
	"twofold/infra/local/schedule"
	"twofold/infra/local/ses"
	"twofold/infra/local/sqs"
	"twofold/infra/local/stream"
	"twofold/infra/local/template"
	"twofold/infra/local/topic"
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
				Now: o.Now, Wait: schedule.Sleep, Log: s.log(), GivenUp: s.keep(f),
			})
			s.schedules[f.Name+" "+source.Name] = timer
			s.onStop(func() error { timer.Stop(); return nil })
		}
	}
}

// startQueues begins to poll for every function that the template gives a queue.
func (s *Stack) startQueues(functions []template.Function) {
	for _, f := range functions {
		for _, source := range f.Queues {
			poller := s.SQS.Start(sqs.Options{Source: source, Function: s.pools[f.Name], Region: region, Account: account, Log: s.log()})
			s.queues = append(s.queues, source.Queue)
			s.onStop(func() error { poller.Stop(); return nil })
		}
	}
}

// Drain waits until no queue that a function reads holds a message any more, whether it waits for its time or is under way.
func (s *Stack) Drain(ctx context.Context) error {
	for _, id := range s.queues {
		for len(s.SQS.Messages(id)) > 0 {
			select {
			case <-ctx.Done():
				return ctx.Err()
			case <-time.After(50 * time.Millisecond):
			}
		}
	}
	return nil
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

// mailEvents is the logical id of the topic that SES tells of bounces and complaints.
const mailEvents = "DeliveryEvents"

// startTopics subscribes every function that the template subscribes to a topic, and lets SES publish.
func (s *Stack) startTopics(o Options, functions []template.Function) {
	for _, f := range functions {
		for _, source := range f.Topics {
			t := topic.Subscribe(topic.Options{
				ARN: topics + source.ID, Function: s.pools[f.Name], Reader: f.Name, Now: o.Now, Wait: schedule.Sleep, Log: s.log(), GivenUp: s.keep(f),
			})
			s.topics[source.ID] = append(s.topics[source.ID], t)
			s.onStop(func() error { t.Stop(); return nil })
		}
	}
	s.SES.DefineSet(mailSet, func(message string) { s.Publish(mailEvents, ses.EventSubject, message) })
	s.SMS.DefineSet(textSet, func(event string) { s.Publish(mailEvents, "", event) })
}

// Publish hands a notification to the subscribers of a topic, by its logical id. What nobody has subscribed to is lost, as with SNS.
func (s *Stack) Publish(id, subject, message string) {
	for _, t := range s.topics[id] {
		t.Publish(subject, message)
	}
}

// Twice makes a topic deliver every notification twice from now on.
func (s *Stack) Twice(id string, twice bool) {
	for _, t := range s.topics[id] {
		t.Twice(twice)
	}
}

// keep puts an event that the function failed at too often into its on-failure destination.
func (s *Stack) keep(f template.Function) func(payload []byte, attempts int, err error) {
	if f.OnFailure == "" {
		return nil
	}
	return func(payload []byte, attempts int, _ error) {
		s.failures.Invoked(f.Name, s.pools[f.Name].ARN(), f.OnFailure, payload, attempts)
	}
}
