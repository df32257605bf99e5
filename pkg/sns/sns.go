// Package sns hands what services publish to a topic to whoever can read it. It knows no service's words itself, writes nothing, and
// logs nothing of what is in a notification: addresses and numbers stand there.
package sns

import (
	"context"
	"errors"
	"log/slog"

	"github.com/aws/aws-lambda-go/events"
)

// Reader deals with a message, if it is one of those that it reads; false: it is another's. An error means that the message is
// its own, and that it shall come again. What a reader is told may be told twice, late, and in any order.
type Reader func(ctx context.Context, message []byte) (mine bool, err error)

var errNobodys = errors.New("sns: nobody reads a message of this kind")

// Handler is what the Lambda runtime calls with notifications.
type Handler func(context.Context, events.SNSEvent) error

// Each hands every notification to the first reader whose it is. Any that fails makes Lambda try the event again, twice, and then put
// it where the function's failures go, with all that is in it: so one that nobody can read is kept, and not tried for ever.
func Each(log *slog.Logger, readers ...Reader) Handler {
	return func(ctx context.Context, event events.SNSEvent) error {
		var failed error
		for _, record := range event.Records {
			if err := one(ctx, []byte(record.SNS.Message), readers); err != nil {
				log.Error("a notification failed", "message_id", record.SNS.MessageID, "topic", record.SNS.TopicArn, "cause", err.Error())
				failed = err // the others are dealt with all the same
			}
		}
		return failed
	}
}

func one(ctx context.Context, message []byte, readers []Reader) error {
	for _, read := range readers {
		if mine, err := read(ctx, message); mine || err != nil {
			return err
		}
	}
	return errNobodys
}
