package boot

import (
	"context"
	"encoding/json"
	"errors"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
)

// source is a handler that answers with its name, if it has less time than a tick.
type source string

func (n source) Invoke(ctx context.Context, _ []byte) ([]byte, error) {
	if end, ok := ctx.Deadline(); !ok || time.Until(end) > recordsWithin {
		return nil, errors.New("it has as long as a tick")
	}
	return []byte(n), nil
}

// One tick that fails does not keep the next from its work, and both are said.
func TestTicksAreMadeInTurn(t *testing.T) {
	one, other, made := errors.New("one"), errors.New("other"), 0
	ticking := func(err error) func(context.Context, time.Time) error {
		return func(context.Context, time.Time) error {
			made++
			return err
		}
	}
	err := Ticks(ticking(one), ticking(nil), ticking(other))(t.Context(), time.Time{})
	if !errors.Is(err, one) || !errors.Is(err, other) || made != 3 {
		t.Errorf("%d ticks, %v", made, err)
	}
	if err := Ticks(ticking(nil), ticking(nil))(t.Context(), time.Time{}); err != nil {
		t.Error(err)
	}
}

func TestEverySourceHasItsHandler(t *testing.T) {
	end := time.Now().Add(time.Minute)
	ctx, cancel := context.WithDeadline(t.Context(), end)
	defer cancel()
	failed := errors.New("failed")
	all := Sources{Stream: source("stream"), Queue: source("queue"), Topic: source("topic"), Tick: func(_ context.Context, until time.Time) error {
		if !until.Equal(end.Add(-reserve)) {
			t.Errorf("until %v, where the invocation ends at %v", until, end)
		}
		return failed
	}}
	for payload, want := range map[string]string{
		`{"Records":[{"eventSource":"aws:dynamodb"},{"eventSource":"aws:dynamodb"}]}`: "stream",
		`{"Records":[{"eventSource":"aws:sqs","body":"{}"}]}`:                         "queue",
		`{"Records":[{"EventSource":"aws:sns","Sns":{"Message":"{}"}}]}`:              "topic",
	} {
		if answer, err := all.Invoke(ctx, []byte(payload)); err != nil || string(answer) != want {
			t.Errorf("%s: %q, %v", payload, answer, err)
		}
		if _, err := (Sources{}).Invoke(ctx, []byte(payload)); !errors.Is(err, errSource) {
			t.Errorf("%s, where nobody handles it: %v", payload, err)
		}
	}
	if _, err := all.Invoke(ctx, []byte(`{"version":"0","detail-type":"Scheduled Event","source":"aws.events","detail":{}}`)); !errors.Is(err, failed) {
		t.Errorf("a tick: %v", err)
	}
	for _, payload := range []string{`{"Records":[]}`, `{"Records":[{"eventSource":"aws:kinesis"}]}`, `{"detail-type":"Something Else"}`, `not JSON`} {
		if _, err := all.Invoke(ctx, []byte(payload)); !errors.Is(err, errSource) {
			t.Errorf("%s: %v", payload, err)
		}
	}
	var _ lambda.Handler = all
}

// Messages of a queue have a time of their own, where the function says so, and nothing else has.
func TestAQueueMayHaveLonger(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
	defer cancel()
	left := func(got *time.Duration) lambda.Handler {
		return lambda.NewHandler(func(ctx context.Context, _ json.RawMessage) error {
			end, _ := ctx.Deadline()
			*got = time.Until(end)
			return nil
		})
	}
	var stream, queue time.Duration
	all := Sources{Stream: left(&stream), Queue: left(&queue), QueueWithin: 30 * time.Minute}
	for _, payload := range []string{`{"Records":[{"eventSource":"aws:dynamodb"}]}`, `{"Records":[{"eventSource":"aws:sqs"}]}`} {
		if _, err := all.Invoke(ctx, []byte(payload)); err != nil {
			t.Fatal(err)
		}
	}
	if stream > recordsWithin || queue < 20*time.Minute || queue > 30*time.Minute {
		t.Errorf("the stream has %v, the queue %v", stream, queue)
	}
}
