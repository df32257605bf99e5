package boot

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
)

// Sources are what invokes a function that has no routes. A source that is nil is one that the function has not: its events are
// an error, so that nothing is lost unseen.
type Sources struct {
	Stream lambda.Handler // records of the table's stream
	Queue  lambda.Handler // messages of a queue
	// QueueWithin is how long messages are worked on; 0: as long as records.
	QueueWithin time.Duration
	Topic       lambda.Handler // notifications of a topic
	// Tick is called at every event of a schedule, and begins nothing after a time.
	Tick func(ctx context.Context, until time.Time) error
}

// Ticks is each of them in turn, whatever became of those before.
func Ticks(each ...func(context.Context, time.Time) error) func(context.Context, time.Time) error {
	return func(ctx context.Context, until time.Time) error {
		var failed []error
		for _, tick := range each {
			failed = append(failed, tick(ctx, until))
		}
		return errors.Join(failed...)
	}
}

// What the events of each source call themselves.
// https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-run-lambda-schedule.html
// https://docs.aws.amazon.com/lambda/latest/dg/with-ddb.html, with-sqs.html, with-sns.html
const (
	scheduled  = "Scheduled Event"
	fromStream = "aws:dynamodb"
	fromQueue  = "aws:sqs"
	fromTopic  = "aws:sns"
)

var errSource = errors.New("boot: an event of a source that this function has not")

// recordsWithin is how long records are worked on, however long an invocation may take because of its ticks: what they claim is claimed for
// longer than that (mail.Lease). Those that are not done then are tried again.
const recordsWithin = 10 * time.Second

// reserve is what a tick keeps of its invocation: all that a batch may take that it has begun, to be sent and written down. One that the end of
// the invocation cut off would be lost as by a crash.
const reserve = 20 * time.Second

// Invoke implements lambda.Handler. All records of an event are of one source.
func (s Sources) Invoke(ctx context.Context, payload []byte) ([]byte, error) {
	var event struct {
		DetailType string `json:"detail-type"`
		Records    []struct {
			EventSource string // of either spelling: encoding/json takes both
		}
	}
	if err := json.Unmarshal(payload, &event); err != nil {
		return nil, errSource
	}
	handlers := map[string]lambda.Handler{fromStream: s.Stream, fromQueue: s.Queue, fromTopic: s.Topic}
	switch {
	case event.DetailType == scheduled && s.Tick != nil:
		return nil, s.Tick(ctx, lastStart(ctx))
	case len(event.Records) > 0 && handlers[event.Records[0].EventSource] != nil:
		from := event.Records[0].EventSource
		ctx, cancel := context.WithTimeout(ctx, s.within(from))
		defer cancel()
		return handlers[from].Invoke(ctx, payload)
	}
	return nil, errSource
}

// within is how long records of a source are worked on.
func (s Sources) within(source string) time.Duration {
	if source == fromQueue && s.QueueWithin > 0 {
		return s.QueueWithin
	}
	return recordsWithin
}

// lastStart is until when a tick may begin something.
func lastStart(ctx context.Context) time.Time {
	if end, ok := ctx.Deadline(); ok {
		return end.Add(-reserve)
	}
	return time.Now().Add(reserve)
}
