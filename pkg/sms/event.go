package sms

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/pinpointsmsvoicev2/types"
)

// Report is what the service says became of a message that it had taken, at the end. It may come twice, late (carriers take up to 72
// hours), and before the message is marked as sent.
type Report struct {
	Delivery string // the mail.Text's Of
	Failed   bool   // it did not reach the phone; otherwise nothing was found to be wrong
	At       time.Time
}

// Hearing reads the service's events among the notifications of a topic, and hands on those that say how a message of ours ended. It is
// a reader of pkg/sns.
func Hearing(hear func(context.Context, Report) error) func(ctx context.Context, message []byte) (mine bool, err error) {
	return func(ctx context.Context, message []byte) (bool, error) {
		r, mine, err := Event(message)
		if err != nil || r.Delivery == "" {
			return mine, err
		}
		return true, hear(ctx, r)
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

// Event reads one event as the service publishes it. mine is false for what is no event of this service's; one of a message that
// somebody else sent with the same configuration set names no delivery, and neither does one that is not the last of its message.
func Event(message []byte) (r Report, mine bool, err error) {
	var e event
	switch err := json.Unmarshal(message, &e); {
	case e.Type == "" || e.Message == "" && err == nil:
		return Report{}, false, nil // another service's
	case err != nil:
		return Report{}, true, errEvent
	}
	id := e.Context[deliveryContext]
	if !e.Final || id == "" {
		return Report{}, true, nil
	}
	if e.At <= 0 || len(id) > maxDelivery {
		return Report{}, true, errEvent
	}
	return Report{Delivery: id, Failed: slices.Contains(failures, e.Type), At: time.UnixMilli(e.At).UTC()}, true, nil
}
