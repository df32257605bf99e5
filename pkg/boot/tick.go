package boot

import (
	"context"
	"encoding/json"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
)

// reserve is what a tick keeps of its invocation: for the batch that it has begun, and to write down what came of it.
const reserve = 4 * time.Second

// scheduled is what EventBridge calls the events of a schedule.
// https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-run-lambda-schedule.html
const scheduled = "Scheduled Event"

// Ticking adds a schedule to a handler: its events call tick, which begins nothing after a time, and all others go on to the handler.
func Ticking(handler lambda.Handler, tick func(ctx context.Context, until time.Time) error) lambda.Handler {
	return ticking{handler, tick}
}

type ticking struct {
	other lambda.Handler
	tick  func(ctx context.Context, until time.Time) error
}

// Invoke implements lambda.Handler.
func (t ticking) Invoke(ctx context.Context, payload []byte) ([]byte, error) {
	var event struct {
		DetailType string `json:"detail-type"`
	}
	if err := json.Unmarshal(payload, &event); err != nil || event.DetailType != scheduled {
		return t.other.Invoke(ctx, payload)
	}
	until := time.Now().Add(reserve)
	if end, ok := ctx.Deadline(); ok {
		until = end.Add(-reserve)
	}
	return nil, t.tick(ctx, until)
}
