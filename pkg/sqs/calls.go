package sqs

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"twofold/pkg/webhook"
)

// Calls keeps calls of the projector's own, that a destination may have events to get, in a queue: webhook.Queue. Later is that queue; Kept is where
// what cannot be read is put away.
type Calls struct{ *Queue }

// call is a call on the wire.
type call struct {
	Version      int    `json:"version"`
	Organization string `json:"organization"`
	To           string `json:"to"`
}

// Call implements webhook.Queue.
func (c Calls) Call(ctx context.Context, of webhook.Call) error {
	return c.send(ctx, c.urls.Later, call{version, of.Organization, string(of.To)}, 0)
}

var errCall = errors.New("sqs: a message holds no call that is known")

// readCall is the call of a message.
func readCall(body string) (webhook.Call, error) {
	var w call
	if err := json.Unmarshal([]byte(body), &w); err != nil || w.Version != version {
		return webhook.Call{}, errCall
	}
	to := webhook.Destination(w.To)
	if to != webhook.ToBus && (to != webhook.ToWebhook || w.Organization == "") {
		return webhook.Call{}, errCall
	}
	return webhook.Call{Organization: w.Organization, To: to}, nil
}

// Courier answers calls: *webhook.Courier.
type Courier interface {
	Deliver(ctx context.Context, c webhook.Call, carrier string) (after time.Duration, err error)
}

// Each handles a batch of messages, side by side. One whose destination is to be tried again is hidden until then and stays in the queue, as does
// one whose call failed.
func (c Calls) Each(log *slog.Logger, to Courier) Handler {
	return each(func(ctx context.Context, m events.SQSMessage) bool { return c.answered(ctx, log, to, m) })
}

// answered answers a call, and reports whether the queue may forget it.
func (c Calls) answered(ctx context.Context, log *slog.Logger, to Courier, m events.SQSMessage) (done bool) {
	defer func() {
		if stumbled := recover(); stumbled != nil {
			log.Error("stumbled over a message", "message_id", m.MessageId, "type", fmt.Sprintf("%T", stumbled), "stack", string(debug.Stack()))
			done = false
		}
	}()
	of, err := readCall(m.Body)
	if err != nil {
		log.Error("a message was put away", "message_id", m.MessageId, "cause", err.Error())
		return c.send(ctx, c.urls.Kept, poison{"queue", m.MessageId, nil, err.Error()}, 0) == nil
	}
	after, failed := to.Deliver(ctx, of, m.MessageId)
	if failed == nil && after == 0 {
		return true
	}
	if failed != nil {
		log.Warn("events did not go out", "organization", of.Organization, "to", string(of.To), "cause", failed.Error())
		after = webhook.Pause(received(m), 0)
	}
	if err := c.again(ctx, m.ReceiptHandle, after); err != nil {
		log.Warn("a message comes back sooner or later than it should", "message_id", m.MessageId, "cause", err.Error())
	}
	return false
}
