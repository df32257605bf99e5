package dynamo

import (
	"context"
	"log/slog"

	"github.com/aws/aws-lambda-go/events"
)

// StreamHandler is what the Lambda runtime calls with records of the table's stream.
type StreamHandler func(context.Context, events.DynamoDBEvent) (events.DynamoDBEventResponse, error)

// EachRecord handles a batch of stream records: decode says what a record holds, if anything, and handle acts on
// it. A record that fails holds no other up: all are handled, and the failed ones are reported, which makes Lambda
// repeat the batch from the first of them (ReportBatchItemFailures). So handle must bear to see a record again. What
// keeps failing, or cannot be decoded, ends in the queue of failures.
func EachRecord[T any](
	log *slog.Logger,
	decode func(events.DynamoDBEventRecord) (T, bool, error),
	handle func(context.Context, T) error,
) StreamHandler {
	return func(ctx context.Context, batch events.DynamoDBEvent) (events.DynamoDBEventResponse, error) {
		response := events.DynamoDBEventResponse{BatchItemFailures: []events.DynamoDBBatchItemFailure{}}
		for _, record := range batch.Records {
			if err := eachRecord(ctx, record, decode, handle); err != nil {
				sequence := record.Change.SequenceNumber
				log.Error("stream record failed", "event_id", record.EventID, "sequence_number", sequence, "cause", err.Error())
				response.BatchItemFailures = append(response.BatchItemFailures,
					events.DynamoDBBatchItemFailure{ItemIdentifier: sequence})
			}
		}
		return response, nil
	}
}

func eachRecord[T any](
	ctx context.Context,
	record events.DynamoDBEventRecord,
	decode func(events.DynamoDBEventRecord) (T, bool, error),
	handle func(context.Context, T) error,
) error {
	content, wanted, err := decode(record)
	if err != nil || !wanted {
		return err
	}
	return handle(ctx, content)
}
