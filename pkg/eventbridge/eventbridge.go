// Package eventbridge puts events on a bus of Amazon EventBridge, whose rules the vendor makes. It decides neither which events nor when they
// are tried again, and keeps nothing.
//
// EventBridge itself promises no order. What is promised here is that nothing of a user is handed to it before all that came earlier was taken;
// whoever needs the order has the leaf in each event.
package eventbridge

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge/types"

	"twofold/pkg/webhook"
)

// Source is what rules know our events by.
const Source = "twofold"

// Client is the part of *eventbridge.Client that this package calls.
type Client interface {
	PutEvents(context.Context, *eventbridge.PutEventsInput, ...func(*eventbridge.Options)) (*eventbridge.PutEventsOutput, error)
}

// Bus is one bus; safe for use by several goroutines at once.
type Bus struct {
	client Client
	bus    string // a name or an ARN
}

// Open makes a bus with a client of its own. endpoint is where the service is, nil on AWS.
func Open(cfg aws.Config, endpoint *string, bus string) *Bus {
	return New(eventbridge.NewFromConfig(cfg, func(o *eventbridge.Options) { o.BaseEndpoint = endpoint }), bus)
}

// New makes a bus.
func New(client Client, bus string) *Bus { return &Bus{client, bus} }

// Put hands the messages over in their order, in as many calls as that takes, up to the first that the service does not take. taken is how many
// it has, from the first on; of those behind, it may have some too, each of another user, and gets them again. webhook.ErrTooLarge means that
// the message behind those taken will never be: whoever calls goes on behind it. After any other error the rest may be tried again.
func (b *Bus) Put(ctx context.Context, messages []webhook.Message) (taken int, err error) {
	entries := b.entries(messages)
	for taken < len(messages) {
		if size(entries[taken]) > maxEntry {
			return taken, webhook.ErrTooLarge
		}
		n := together(messages[taken:], entries[taken:])
		got, err := b.call(ctx, entries[taken:taken+n])
		taken += got
		if err != nil {
			return taken, err
		}
	}
	return taken, nil
}

func (b *Bus) entries(messages []webhook.Message) []types.PutEventsRequestEntry {
	entries := make([]types.PutEventsRequestEntry, len(messages))
	for i, m := range messages {
		entries[i] = types.PutEventsRequestEntry{
			EventBusName: &b.bus, Source: aws.String(Source), DetailType: aws.String(string(m.Kind)),
			Detail: aws.String(string(m.Body())), Time: aws.Time(m.At),
		}
	}
	return entries
}

// call makes one call. taken is how many of its entries were, without a gap. The SDK repeats a call as it is, before anything else is sent, so an
// entry may be there twice and none is passed by a later one.
func (b *Bus) call(ctx context.Context, entries []types.PutEventsRequestEntry) (taken int, err error) {
	out, err := b.client.PutEvents(ctx, &eventbridge.PutEventsInput{Entries: entries})
	if err != nil {
		return 0, classify(err)
	}
	for i := range entries {
		if i >= len(out.Entries) {
			return i, errNoAnswer
		}
		if e := out.Entries[i]; aws.ToString(e.ErrorCode) != "" || aws.ToString(e.EventId) == "" {
			return i, refused(e)
		}
	}
	return len(entries), nil
}
