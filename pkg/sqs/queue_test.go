package sqs

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"twofold/pkg/audit"
	"twofold/pkg/mail"
)

type client struct {
	mu     sync.Mutex
	sent   []*sqs.SendMessageInput
	hidden []*sqs.ChangeMessageVisibilityInput
	err    error
}

func (c *client) SendMessage(_ context.Context, in *sqs.SendMessageInput, _ ...func(*sqs.Options)) (*sqs.SendMessageOutput, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.sent = append(c.sent, in)
	return &sqs.SendMessageOutput{}, c.err
}

func (c *client) ChangeMessageVisibility(_ context.Context, in *sqs.ChangeMessageVisibilityInput, _ ...func(*sqs.Options)) (*sqs.ChangeMessageVisibilityOutput, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.hidden = append(c.hidden, in)
	return &sqs.ChangeMessageVisibilityOutput{}, c.err
}

var urls = Queues{Later: "https://queue/later", Kept: "https://queue/kept"}

var noon = time.Date(2026, 11, 22, 12, 0, 0, 123456000, time.UTC)

func orders() []mail.Order {
	return []mail.Order{
		{Kind: mail.CodeOrder, Organization: "acme", User: "ann#1/ü", Reference: "00112233445566aa"},
		{Kind: mail.SavedCodesOrder, Organization: "acme", User: "ann", Reference: "saved-codes"},
		{Kind: mail.StepUpOrder, Organization: "acme", Administrator: "adam", Reference: "c1"},
		{Kind: mail.InvitationOrder, Administrator: "adam", Reference: "i1"},
		{Kind: mail.NoticeOrder, Organization: "acme", User: "ann", Reference: "e1", Event: audit.Event{ID: "e1", At: noon}},
		{Kind: mail.NoticeOrder, Organization: "acme", User: "ann", Reference: "e1", Event: audit.Event{ID: "e1", At: noon}, Named: true},
	}
}

func TestAnOrderComesBackAsItWas(t *testing.T) {
	for _, o := range orders() {
		c := &client{}
		if err := New(c, urls).Later(t.Context(), o, 1500*time.Millisecond); err != nil {
			t.Fatal(err)
		}
		if *c.sent[0].QueueUrl != urls.Later || c.sent[0].DelaySeconds != 2 {
			t.Errorf("%s: sent to %s after %d s", o.Kind, *c.sent[0].QueueUrl, c.sent[0].DelaySeconds)
		}
		if got, err := read(*c.sent[0].MessageBody); err != nil || !reflect.DeepEqual(got, o) {
			t.Errorf("%s came back as %+v, %v", o.Kind, got, err)
		}
	}
}

// A queue is read by more people than a mail: nothing of what a notice is about, and no address, goes there.
func TestAMessageTellsNothing(t *testing.T) {
	c := &client{}
	o := mail.Order{
		Kind: mail.NoticeOrder, Organization: "acme", User: "ann", Reference: "e1", Named: true, To: []byte("sealed secret"),
		Event: audit.Event{
			ID: "e1", At: noon, Actor: "secret", Key: "secret", Reason: "secret", Seen: "secret", Claimed: "secret",
			Details: map[string]string{"address": "secret@example.com"},
		},
	}
	if err := New(c, urls).Later(t.Context(), o, time.Hour); err != nil {
		t.Fatal(err)
	}
	if body := *c.sent[0].MessageBody; strings.Contains(body, "secret") || strings.Contains(body, "c2VhbGVk") || c.sent[0].DelaySeconds != 900 {
		t.Errorf("the queue is told %s, after %d s", body, c.sent[0].DelaySeconds)
	}
}

func TestWhatCannotBeQueuedIsSaid(t *testing.T) {
	q := New(&client{err: errors.New("down")}, urls)
	if q.Later(t.Context(), orders()[0], 0) == nil || q.Keep(t.Context(), mail.Poison{}) == nil {
		t.Error("a failure of the queue is swallowed")
	}
}

// service is a mail.Service whose orders fail by their references.
type service struct {
	mu   sync.Mutex
	done []string
	kept []mail.Poison
	err  error
}

func (s *service) Deliver(_ context.Context, o mail.Order) error {
	switch o.Reference {
	case "fails":
		return errors.New("down")
	case "stumbles":
		panic("a secret")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.done = append(s.done, o.Reference)
	return nil
}

func (s *service) Isolate(_ context.Context, p mail.Poison) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.kept = append(s.kept, p)
	return s.err
}

func message(id, body, received string) events.SQSMessage {
	return events.SQSMessage{MessageId: id, ReceiptHandle: "receipt " + id, Body: body, Attributes: map[string]string{"ApproximateReceiveCount": received}}
}

func ordering(t *testing.T, reference string) string {
	t.Helper()
	body, err := json.Marshal(written(mail.Order{Kind: mail.CodeOrder, Organization: "acme", User: "ann", Reference: reference}))
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}

func batch(t *testing.T) events.SQSEvent {
	return events.SQSEvent{Records: []events.SQSMessage{
		message("m1", ordering(t, "one"), "1"), message("m2", ordering(t, "fails"), "5"), message("m3", "no JSON", "1"),
		message("m4", ordering(t, "stumbles"), "1"), message("m5", ordering(t, "two"), "many"), message("m6", ordering(t, "fails"), ""),
	}}
}

func names(r events.SQSEventResponse) (failed []string) {
	for _, f := range r.BatchItemFailures {
		failed = append(failed, f.ItemIdentifier)
	}
	return failed
}

func TestABatchIsHandledOneByOne(t *testing.T) {
	c, s := &client{}, &service{}
	var logged bytes.Buffer
	got, err := New(c, urls).Each(slog.New(slog.NewJSONHandler(&logged, nil)), s)(t.Context(), batch(t))
	if err != nil || !slices.Equal(names(got), []string{"m2", "m6"}) {
		t.Errorf("failed: %v, %v", names(got), err)
	}
	if slices.Sort(s.done); !slices.Equal(s.done, []string{"one", "two"}) {
		t.Errorf("carried out: %v", s.done)
	}
	var kept []string
	for _, p := range s.kept {
		kept = append(kept, p.ID)
	}
	if slices.Sort(kept); !slices.Equal(kept, []string{"m3", "m4"}) {
		t.Errorf("put away: %v", kept)
	}
	waits := map[string]int32{}
	for _, h := range c.hidden {
		waits[*h.ReceiptHandle] = h.VisibilityTimeout
	}
	// After six tries 32 to 64 s, after two 2 to 4: half of it, and jitter.
	if five, first := waits["receipt m2"], waits["receipt m6"]; len(waits) != 2 || five < 32 || five > 64 || first < 2 || first > 4 {
		t.Errorf("hidden for %v", waits)
	}
	if strings.Contains(logged.String(), "a secret") || strings.Contains(logged.String(), "no JSON") {
		t.Errorf("logged: %s", logged.String())
	}
}

// What could not even be put away stays in the queue, and one that cannot be hidden comes back in the queue's own time.
func TestAQueueThatFailsLosesNothing(t *testing.T) {
	got, err := New(&client{err: errors.New("down")}, urls).Each(slog.New(slog.DiscardHandler), &service{err: errors.New("down")})(t.Context(), batch(t))
	if err != nil || !slices.Equal(names(got), []string{"m2", "m3", "m4", "m6"}) {
		t.Errorf("failed: %v, %v", names(got), err)
	}
}

func TestForeignMessagesAreNoOrders(t *testing.T) {
	for _, body := range []string{
		"", "{}", "[]", `{"version":2,"kind":"code","reference":"r"}`, `{"version":1,"kind":"other","reference":"r"}`,
		`{"version":1,"kind":"code"}`, `{"version":1,"kind":"notice","reference":"r","at":"noon"}`,
	} {
		if o, err := read(body); err == nil {
			t.Errorf("%s is read as %+v", body, o)
		}
	}
}

func FuzzRead(f *testing.F) {
	for _, o := range orders() {
		body, _ := json.Marshal(written(o))
		f.Add(string(body))
	}
	f.Fuzz(func(t *testing.T, body string) {
		o, err := read(body)
		if err != nil {
			return
		}
		again, err := json.Marshal(written(o))
		if err != nil {
			t.Fatal(err)
		}
		if twice, err := read(string(again)); err != nil || !reflect.DeepEqual(twice, o) {
			t.Errorf("%+v came back as %+v, %v", o, twice, err)
		}
	})
}
