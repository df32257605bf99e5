package sqs

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"twofold/pkg/webhook"
)

func TestACallComesBackAsItWas(t *testing.T) {
	for _, of := range []webhook.Call{{Organization: "acme", To: webhook.ToWebhook}, {Organization: "acme", To: webhook.ToBus}, {To: webhook.ToBus}} {
		c := &client{}
		if err := (Calls{New(c, urls)}).Call(t.Context(), of); err != nil {
			t.Fatal(err)
		}
		if got, err := readCall(*c.sent[0].MessageBody); err != nil || got != of || *c.sent[0].QueueUrl != urls.Later || c.sent[0].DelaySeconds != 0 {
			t.Errorf("%+v came back as %+v, %v", of, got, err)
		}
	}
	if (Calls{New(&client{err: errors.New("down")}, urls)}).Call(t.Context(), webhook.Call{To: webhook.ToBus}) == nil {
		t.Error("a failure of the queue is swallowed")
	}
}

func TestForeignMessagesAreNoCalls(t *testing.T) {
	for _, body := range []string{
		"", "{}", "[]", `{"version":2,"organization":"a","to":"bus"}`, `{"version":1,"organization":"a"}`, `{"version":1,"organization":"a","to":"mail"}`,
		`{"version":1,"to":"webhook"}`, `{"version":1,"kind":"notice","reference":"r"}`,
	} {
		if c, err := readCall(body); err == nil {
			t.Errorf("%s is read as %+v", body, c)
		}
	}
}

// courier answers by the organisation that it is called for.
type courier struct {
	mu       sync.Mutex
	carriers []string
}

func (c *courier) Deliver(_ context.Context, of webhook.Call, carrier string) (time.Duration, error) {
	c.mu.Lock()
	c.carriers = append(c.carriers, carrier)
	c.mu.Unlock()
	switch of.Organization {
	case "later":
		return 90 * time.Second, nil
	case "fails":
		return 0, errors.New("down")
	case "stumbles":
		panic("a secret")
	}
	return 0, nil
}

func calls(t *testing.T) events.SQSEvent {
	t.Helper()
	message := func(id, organization string) events.SQSMessage {
		return events.SQSMessage{
			MessageId: id, ReceiptHandle: "receipt " + id, Body: `{"version":1,"organization":"` + organization + `","to":"webhook"}`,
			Attributes: map[string]string{"ApproximateReceiveCount": "3"},
		}
	}
	foreign := message("m5", "")
	foreign.Body = "a secret that is no JSON"
	return events.SQSEvent{Records: []events.SQSMessage{
		message("m1", "acme"), message("m2", "later"), message("m3", "fails"), message("m4", "stumbles"), foreign,
	}}
}

// Each call is answered under its message's name; what is to be tried again, or failed, stays; what is none is put away.
func TestCallsAreAnsweredSideBySide(t *testing.T) {
	c, to, logged := &client{}, &courier{}, &bytes.Buffer{}
	got, err := (Calls{New(c, urls)}).Each(slog.New(slog.NewJSONHandler(logged, nil)), to)(t.Context(), calls(t))
	if err != nil || !slices.Equal(names(got), []string{"m2", "m3", "m4"}) {
		t.Errorf("stay: %v, %v", names(got), err)
	}
	if slices.Sort(to.carriers); !slices.Equal(to.carriers, []string{"m1", "m2", "m3", "m4"}) {
		t.Errorf("answered under %v", to.carriers)
	}
	waits := map[string]int32{}
	for _, h := range c.hidden {
		waits[*h.ReceiptHandle] = h.VisibilityTimeout
	}
	if len(waits) != 2 || waits["receipt m2"] != 90 || waits["receipt m3"] != 10 {
		t.Errorf("hidden for %v", waits)
	}
	if len(c.sent) != 1 || *c.sent[0].QueueUrl != urls.Kept || !strings.Contains(*c.sent[0].MessageBody, "m5") {
		t.Errorf("put away: %v", c.sent)
	}
	if strings.Contains(logged.String(), "a secret") || strings.Contains(*c.sent[0].MessageBody, "a secret") {
		t.Errorf("logged: %s", logged.String())
	}
}

// What could not even be put away stays in the queue.
func TestAQueueThatFailsLosesNoCall(t *testing.T) {
	got, err := (Calls{New(&client{err: errors.New("down")}, urls)}).Each(slog.New(slog.DiscardHandler), &courier{})(t.Context(), calls(t))
	if err != nil || !slices.Equal(names(got), []string{"m2", "m3", "m4", "m5"}) {
		t.Errorf("stay: %v, %v", names(got), err)
	}
}
