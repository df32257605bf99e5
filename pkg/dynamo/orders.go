package dynamo

import (
	"context"
	"fmt"
	"log/slog"
	"runtime/debug"
	"sync"

	"github.com/aws/aws-lambda-go/events"

	"twofold/pkg/mail"
)

// Intake is what takes orders: *mail.Service.
type Intake interface {
	// Take carries an order out, or keeps it for later. An error means that the record must come again.
	Take(ctx context.Context, o mail.Order) error
	// Isolate puts away what cannot be carried out.
	Isolate(ctx context.Context, p mail.Poison) error
}

// EachOrder handles a batch of stream records that ask for deliveries, side by side: one that takes long holds no other up, and each is
// of a delivery of its own, so their order does not matter. What cannot be read, or makes the mailer stumble, is put away at once, since it
// would do so again. Only what could neither be carried out nor kept is reported as failed, which makes Lambda repeat the batch from there.
func EachOrder(log *slog.Logger, to Intake) StreamHandler {
	return func(ctx context.Context, batch events.DynamoDBEvent) (events.DynamoDBEventResponse, error) {
		failed := make([]error, len(batch.Records))
		var wait sync.WaitGroup
		for i, record := range batch.Records {
			wait.Go(func() { failed[i] = take(ctx, log, to, record) })
		}
		wait.Wait()
		response := events.DynamoDBEventResponse{BatchItemFailures: []events.DynamoDBBatchItemFailure{}}
		for i, err := range failed {
			if err == nil {
				continue
			}
			sequence := batch.Records[i].Change.SequenceNumber
			log.Error("stream record failed", "event_id", batch.Records[i].EventID, "sequence_number", sequence, "cause", err.Error())
			response.BatchItemFailures = append(response.BatchItemFailures, events.DynamoDBBatchItemFailure{ItemIdentifier: sequence})
		}
		return response, nil
	}
}

func take(ctx context.Context, log *slog.Logger, to Intake, record events.DynamoDBEventRecord) (err error) {
	defer func() {
		if stumbled := recover(); stumbled != nil {
			// Its value may hold anything: the type and the place are enough to find it.
			log.Error("stumbled over a stream record", "event_id", record.EventID, "type", fmt.Sprintf("%T", stumbled), "stack", string(debug.Stack()))
			err = isolate(ctx, log, to, record, fmt.Errorf("dynamo: a panic of type %T", stumbled))
		}
	}()
	order, wanted, err := OrderOf(record)
	switch {
	case err != nil:
		return isolate(ctx, log, to, record, err)
	case !wanted:
		return nil
	}
	return to.Take(ctx, order)
}

func isolate(ctx context.Context, log *slog.Logger, to Intake, record events.DynamoDBEventRecord, why error) error {
	log.Error("a stream record was put away", "event_id", record.EventID, "sequence_number", record.Change.SequenceNumber, "cause", why.Error())
	keys := map[string]string{}
	for name, value := range record.Change.Keys {
		if value.DataType() == events.DataTypeString {
			keys[name] = value.String()
		}
	}
	return to.Isolate(ctx, mail.Poison{Source: "stream", ID: record.EventID, Keys: keys, Cause: why.Error()})
}
