// Package topic stands in for a topic of Amazon SNS with functions of Lambda for subscribers: what is published is handed to each of
// them as SNS would, and tried again as Lambda does with an asynchronous invocation that failed. It knows nothing of what is in a
// notification and may not be imported by anything that is deployed.
//
// A standard topic promises neither an order nor that a notification comes once; this one keeps no order between
// notifications, and delivers one twice only where Twice says so.
package topic

import (
	"context"
	"encoding/json"
	"log/slog"
	"sync"
	"time"

	"github.com/google/uuid"

	"twofold/infra/local/lambda"
)

// Options says what the topic is called and whom it tells. All fields but GivenUp must be set.
type Options struct {
	ARN      string
	Function lambda.Invoker
	Reader   string // the function's name, in logs: "mailer"
	Now      func() time.Time
	// Wait returns after d, or earlier when ctx ends. schedule.Sleep is one.
	Wait func(ctx context.Context, d time.Duration)
	Log  *slog.Logger
	// GivenUp is told of a notification that was tried often enough; nil tells nobody.
	GivenUp func(payload []byte, attempts int, err error)
}

// Topic is one subscription. Make it with Subscribe.
type Topic struct {
	o       Options
	ctx     context.Context
	cancel  context.CancelFunc
	workers sync.WaitGroup

	mu      sync.Mutex
	pending int
	changed chan struct{} // closed when a notification has been dealt with
	twice   bool
}

// Subscribe makes a topic that nothing has been published to.
func Subscribe(o Options) *Topic {
	t := &Topic{o: o, changed: make(chan struct{})}
	t.ctx, t.cancel = context.WithCancel(context.Background())
	return t
}

// Twice makes the topic deliver everything twice from now on, as SNS may.
func (t *Topic) Twice(twice bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.twice = twice
}

// Publish takes a notification and returns; whether the subscriber dealt with it shows in Settle and GivenUp.
func (t *Topic) Publish(subject, message string) {
	payload := t.event(subject, message)
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.ctx.Err() != nil {
		return // nobody is there any more
	}
	times := 1
	if t.twice {
		times = 2
	}
	for range times {
		t.pending++
		t.workers.Go(func() { t.deliver(payload) })
	}
}

func (t *Topic) deliver(payload []byte) {
	_ = lambda.Asynchronous{ // which GivenUp is told of
		Function: t.o.Function, Now: t.o.Now, Wait: t.o.Wait,
		GivenUp: func(payload []byte, attempts int, err error) {
			t.o.Log.Error("topic: a notification was given up", "reader", t.o.Reader, "attempts", attempts, "error", err)
			if t.o.GivenUp != nil {
				t.o.GivenUp(payload, attempts, err)
			}
		},
	}.Deliver(t.ctx, payload, t.o.Now())
	t.mu.Lock()
	defer t.mu.Unlock()
	t.pending--
	close(t.changed)
	t.changed = make(chan struct{})
}

// Settle returns when every notification that was published has been dealt with, be it by giving it up, or when ctx ends.
func (t *Topic) Settle(ctx context.Context) error {
	for {
		t.mu.Lock()
		pending, changed := t.pending, t.changed
		t.mu.Unlock()
		if pending == 0 {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// Stop ends the topic and returns when none of its invocations is waited for any more.
func (t *Topic) Stop() {
	t.mu.Lock()
	t.cancel()
	t.mu.Unlock()
	t.workers.Wait()
}

// notification is the part of the event that is SNS's, in the order of AWS's example:
// https://docs.aws.amazon.com/lambda/latest/dg/with-sns.html
type notification struct {
	SignatureVersion  string
	Timestamp         string
	Signature         string
	SigningCertURL    string `json:"SigningCertUrl"`
	MessageID         string `json:"MessageId"`
	Message           string
	MessageAttributes map[string]any
	Type              string
	UnsubscribeURL    string `json:"UnsubscribeUrl"`
	TopicArn          string
	Subject           string
}

// event is what Lambda is invoked with. Nothing is signed here: a function cannot be invoked by anybody else.
func (t *Topic) event(subject, message string) []byte {
	type record struct {
		EventVersion, EventSubscriptionArn, EventSource string
		Sns                                             notification
	}
	payload, _ := json.Marshal(struct{ Records []record }{[]record{{ // texts only: it cannot fail
		"1.0", t.o.ARN + ":" + uuid.NewString(), "aws:sns",
		notification{
			SignatureVersion: "1", Timestamp: t.o.Now().UTC().Format("2006-01-02T15:04:05.000Z"), Signature: "none", SigningCertURL: "none",
			MessageID: uuid.NewString(), Message: message, MessageAttributes: map[string]any{}, Type: "Notification",
			UnsubscribeURL: "none", TopicArn: t.o.ARN, Subject: subject,
		},
	}}})
	return payload
}
