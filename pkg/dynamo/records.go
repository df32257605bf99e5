package dynamo

import (
	"context"
	"log/slog"

	"github.com/aws/aws-lambda-go/events"
)

// StreamHandler is what the Lambda runtime calls with records of the table's stream.
type StreamHandler func(context.Context, events.DynamoDBEvent) (events.DynamoDBEventResponse, error)

// Projection makes something of the records of a batch that concern it, and says of each record why it failed; nil where
// it did not. It must bear to see a record again, and one that it has dealt with beside one that failed.
type Projection func(ctx context.Context, records []events.DynamoDBEventRecord) []error

// Each projects records one by one: decode says what a record holds, if anything, and handle acts on it. A record that
// fails holds no other up.
func Each[T any](
	decode func(events.DynamoDBEventRecord) (T, bool, error),
	handle func(context.Context, T) error,
) Projection {
	return func(ctx context.Context, records []events.DynamoDBEventRecord) []error {
		failed := make([]error, len(records))
		for i, record := range records {
			content, wanted, err := decode(record)
			if err == nil && wanted {
				err = handle(ctx, content)
			}
			failed[i] = err
		}
		return failed
	}
}

// Together projects records that concern each other in one call, in their order: decode says what a record holds, if anything, and
// handle acts on all of it and says of each why it failed. One that cannot be decoded holds no other up.
func Together[T any](
	decode func(events.DynamoDBEventRecord) (T, bool, error),
	handle func(context.Context, []T) []error,
) Projection {
	return func(ctx context.Context, records []events.DynamoDBEventRecord) []error {
		failed := make([]error, len(records))
		var contents []T
		var at []int
		for i, record := range records {
			content, wanted, err := decode(record)
			if failed[i] = err; err == nil && wanted {
				contents, at = append(contents, content), append(at, i)
			}
		}
		if len(contents) == 0 {
			return failed
		}
		for i, err := range handle(ctx, contents) {
			failed[at[i]] = err
		}
		return failed
	}
}

// Project handles a batch of stream records by every projection. A projection that fails holds no other up; the records that failed
// in any are reported, which makes Lambda repeat the batch from the first of them (ReportBatchItemFailures). What keeps failing, or
// cannot be decoded, ends in the queue of failures.
func Project(log *slog.Logger, projections ...Projection) StreamHandler {
	return func(ctx context.Context, batch events.DynamoDBEvent) (events.DynamoDBEventResponse, error) {
		failed := make([]bool, len(batch.Records))
		for _, project := range projections {
			for i, err := range project(ctx, batch.Records) {
				if err != nil {
					record := batch.Records[i]
					log.Error("stream record failed", "event_id", record.EventID, "sequence_number", record.Change.SequenceNumber, "cause", err.Error())
					failed[i] = true
				}
			}
		}
		response := events.DynamoDBEventResponse{BatchItemFailures: []events.DynamoDBBatchItemFailure{}}
		for i, record := range batch.Records {
			if failed[i] {
				response.BatchItemFailures = append(response.BatchItemFailures,
					events.DynamoDBBatchItemFailure{ItemIdentifier: record.Change.SequenceNumber})
			}
		}
		return response, nil
	}
}
