package topic

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"twofold/infra/local/schedule"
)

type function struct {
	mu     sync.Mutex
	made   time.Time
	at     []time.Duration
	events []string
	answer func(call int) error
}

func (f *function) Invoke(_ context.Context, payload []byte) ([]byte, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.at, f.events = append(f.at, time.Since(f.made)), append(f.events, string(payload))
	if f.answer == nil {
		return nil, nil
	}
	return nil, f.answer(len(f.at))
}

var errDown = errors.New("down")

// in runs a topic in a bubble of testing/synctest, where minutes pass at once. A bubble's time begins with the year 2000.
func in(t *testing.T, answer func(call int) error, play func(t *testing.T, topic *Topic)) (f *function, givenUp []string) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		f = &function{made: time.Now(), answer: answer}
		topic := Subscribe(Options{
			ARN: "arn:aws:sns:eu-west-1:000000000000:DeliveryEvents", Function: f, Reader: "mailer", Now: time.Now, Wait: schedule.Sleep,
			Log: slog.New(slog.DiscardHandler), GivenUp: func(payload []byte, attempts int, err error) {
				if attempts != 3 || !errors.Is(err, errDown) {
					t.Errorf("given up after %d: %v", attempts, err)
				}
				givenUp = append(givenUp, string(payload))
			},
		})
		play(t, topic)
		topic.Stop()
	})
	return f, givenUp
}

func TestWhatASubscriberGets(t *testing.T) {
	f, _ := in(t, nil, func(t *testing.T, topic *Topic) {
		topic.Publish("a subject", `{"a":"b"}`)
		if err := topic.Settle(t.Context()); err != nil {
			t.Error(err)
		}
	})
	if len(f.events) != 1 {
		t.Fatalf("%d events", len(f.events))
	}
	var got events.SNSEvent
	if err := json.Unmarshal([]byte(f.events[0]), &got); err != nil || len(got.Records) != 1 {
		t.Fatalf("%v, %s", err, f.events[0])
	}
	r := got.Records[0]
	if r.EventSource != "aws:sns" || r.EventVersion != "1.0" || r.SNS.Message != `{"a":"b"}` || r.SNS.Subject != "a subject" || r.SNS.Type != "Notification" ||
		r.SNS.TopicArn != "arn:aws:sns:eu-west-1:000000000000:DeliveryEvents" || r.SNS.Timestamp.Year() != 2000 || len(r.SNS.MessageID) != 36 {
		t.Errorf("got %+v", r)
	}
}

// "Lambda retries two more times": what fails for good is given up, and what works at last is not.
// https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html
func TestANotificationIsTriedThrice(t *testing.T) {
	for fails, want := range map[int][]time.Duration{
		0: {0}, 1: {0, time.Minute}, 2: {0, time.Minute, 3 * time.Minute}, 9: {0, time.Minute, 3 * time.Minute},
	} {
		f, givenUp := in(t, func(call int) error {
			if call <= fails {
				return errDown
			}
			return nil
		}, func(t *testing.T, topic *Topic) {
			topic.Publish("s", "m")
			if err := topic.Settle(t.Context()); err != nil {
				t.Error(err)
			}
		})
		if !slices.Equal(f.at, want) || len(givenUp) != max(0, fails-8) {
			t.Errorf("%d failures: invoked at %v, given up %d", fails, f.at, len(givenUp))
		}
		if len(givenUp) == 1 && givenUp[0] != f.events[0] {
			t.Error("another event was given up")
		}
	}
}

func TestTwiceAndAfterTheEnd(t *testing.T) {
	f, _ := in(t, nil, func(_ *testing.T, topic *Topic) {
		topic.Twice(true)
		topic.Publish("s", "m")
		topic.Stop()
		topic.Publish("s", "late")
	})
	if len(f.events) != 2 || f.events[0] != f.events[1] {
		t.Errorf("got %q", f.events)
	}
}

func TestStopEndsAWait(t *testing.T) {
	in(t, func(int) error { return errDown }, func(t *testing.T, topic *Topic) {
		topic.Publish("s", "m")
		synctest.Wait()
		before := time.Now()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := topic.Settle(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("settled while it waits: %v", err)
		}
		topic.Stop()
		if time.Since(before) > time.Second {
			t.Error("the end waits for the next attempt")
		}
	})
}
