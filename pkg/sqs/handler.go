package sqs

import (
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"runtime/debug"
	"strconv"
	"sync"

	"github.com/aws/aws-lambda-go/events"

	"twofold/pkg/mail"
)

// Deliverer carries orders out: *mail.Service.
type Deliverer interface {
	Deliver(ctx context.Context, o mail.Order) error
	Isolate(ctx context.Context, p mail.Poison) error
}

// Handler is what the Lambda runtime calls with messages of the queue.
type Handler func(context.Context, events.SQSEvent) (events.SQSEventResponse, error)

// Each handles a batch of messages, side by side. One that fails again is hidden for longer each time and reported as failed, so that it stays
// in the queue and the others leave it (ReportBatchItemFailures); after as many times as the queue allows SQS puts it away. What
// cannot be read, or makes the mailer stumble, is put away at once.
// https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html
func (q *Queue) Each(log *slog.Logger, to Deliverer) Handler {
	return each(func(ctx context.Context, m events.SQSMessage) bool { return q.handled(ctx, log, to, m) })
}

// each handles messages side by side, and names those that are to stay in the queue.
func each(handled func(context.Context, events.SQSMessage) bool) Handler {
	return func(ctx context.Context, batch events.SQSEvent) (events.SQSEventResponse, error) {
		failed := make([]bool, len(batch.Records))
		var wait sync.WaitGroup
		for i, m := range batch.Records {
			wait.Go(func() { failed[i] = !handled(ctx, m) })
		}
		wait.Wait()
		response := events.SQSEventResponse{BatchItemFailures: []events.SQSBatchItemFailure{}}
		for i, m := range batch.Records {
			if failed[i] {
				response.BatchItemFailures = append(response.BatchItemFailures, events.SQSBatchItemFailure{ItemIdentifier: m.MessageId})
			}
		}
		return response, nil
	}
}

// handled carries a message out, and reports whether the queue may forget it.
func (q *Queue) handled(ctx context.Context, log *slog.Logger, to Deliverer, m events.SQSMessage) (done bool) {
	defer func() {
		if stumbled := recover(); stumbled != nil {
			log.Error("stumbled over a message", "message_id", m.MessageId, "type", fmt.Sprintf("%T", stumbled), "stack", string(debug.Stack()))
			done = isolated(ctx, log, to, m, fmt.Errorf("sqs: a panic of type %T", stumbled))
		}
	}()
	o, err := read(m.Body)
	if err != nil {
		return isolated(ctx, log, to, m, err)
	}
	failed := to.Deliver(ctx, o)
	if failed == nil {
		return true
	}
	tried := received(m) + 1 // the stream's try was the first
	log.Warn("an order was tried again in vain", "kind", string(o.Kind), "organization", o.Organization, "tried", tried, "cause", failed.Error())
	if err := q.again(ctx, m.ReceiptHandle, mail.Backoff(tried, rand.Float64())); err != nil {
		log.Warn("a message comes back sooner or later than it should", "message_id", m.MessageId, "cause", err.Error())
	}
	return false
}

func isolated(ctx context.Context, log *slog.Logger, to Deliverer, m events.SQSMessage, why error) bool {
	log.Error("a message was put away", "message_id", m.MessageId, "cause", why.Error())
	return to.Isolate(ctx, mail.Poison{Source: "queue", ID: m.MessageId, Cause: why.Error()}) == nil
}

// received is how often SQS gave the message out, this time included.
func received(m events.SQSMessage) int {
	n, err := strconv.Atoi(m.Attributes["ApproximateReceiveCount"])
	if err != nil {
		return 1
	}
	return n
}
