package sms

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/pinpointsmsvoicev2/types"

	"twofold/pkg/mail"
)

// Hearing reads the service's events among the notifications of a topic, and hands on those that say that a message of ours did not
// arrive. It is a reader of pkg/sns.
func Hearing(hear func(context.Context, mail.Feedback) error) func(ctx context.Context, message []byte) (mine bool, err error) {
	return func(ctx context.Context, message []byte) (bool, error) {
		f, mine, err := Feedback(message)
		if err != nil || f.Outcome == "" {
			return mine, err
		}
		return true, hear(ctx, f)
	}
}

// event is the part of the service's event that is read. No number is.
// https://docs.aws.amazon.com/sms-voice/latest/userguide/configuration-sets-event-format.html
type event struct {
	Type    types.EventType   `json:"eventType"`
	At      int64             `json:"eventTimestamp"` // milliseconds
	Final   bool              `json:"isFinal"`
	Message string            `json:"messageId"`
	Context map[string]string `json:"context"`
}

var errEvent = errors.New("sms: an event of the SMS service cannot be read")

// maxDelivery is longer than a delivery.ID.
const maxDelivery = 64

// failures are the events of a message that does not arrive. One that is not final may still arrive. Of TEXT_UNKNOWN, which also
// stands for a carrier that has said nothing for 72 hours, nobody knows.
// https://docs.aws.amazon.com/sms-voice/latest/userguide/configuration-sets-event-types.html
var failures = []types.EventType{
	types.EventTypeTextInvalid, types.EventTypeTextInvalidMessage, types.EventTypeTextUnreachable, types.EventTypeTextCarrierUnreachable,
	types.EventTypeTextBlocked, types.EventTypeTextCarrierBlocked, types.EventTypeTextSpam, types.EventTypeTextTtlExpired,
	types.EventTypeTextProtectBlocked,
}

// Feedback reads one event as the service publishes it. mine is false for what is no event of this service's. One of a message that
// somebody else sent with the same configuration set has no outcome, and neither has one that is not the last of its message, or says
// nothing against it. Whose it was it does not say, and nothing against the number: a phone that is switched off is on an hour later.
func Feedback(message []byte) (f mail.Feedback, mine bool, err error) {
	var e event
	switch err := json.Unmarshal(message, &e); {
	case e.Type == "" || e.Message == "" && err == nil:
		return f, false, nil // another service's
	case err != nil:
		return f, true, errEvent
	}
	id := e.Context[deliveryContext]
	if !e.Final || id == "" || !slices.Contains(failures, e.Type) {
		return f, true, nil
	}
	if e.At <= 0 || len(id) > maxDelivery {
		return f, true, errEvent
	}
	return mail.Feedback{Of: mail.Of{Delivery: id}, Outcome: mail.OutcomeDelayed, At: time.UnixMilli(e.At).UTC()}, true, nil
}
