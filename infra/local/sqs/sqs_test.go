package sqs

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	sdk "github.com/aws/aws-sdk-go-v2/service/sqs"

	"twofold/infra/local/template"
)

// clock is moved by hand.
type clock struct {
	mu sync.Mutex
	at time.Time
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

var work = template.Queue{ID: "Work", Visibility: time.Minute, MaxReceive: 3, DeadLetter: "Dead"}

// served is an SQS with two queues, and the SDK's client of it.
func served(t *testing.T) (*SQS, *sdk.Client, *clock) {
	t.Helper()
	c := &clock{at: time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)}
	s := New([]template.Queue{work, {ID: "Dead", Visibility: time.Minute}}, c.now)
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	client := sdk.NewFromConfig(aws.Config{
		Region: "eu-west-1", Credentials: credentials.NewStaticCredentialsProvider("local", "local", ""), RetryMaxAttempts: 1,
	}, func(o *sdk.Options) { o.BaseEndpoint = &server.URL })
	return s, client, c
}

func url(id string) *string { return aws.String(URL("eu-west-1", "000000000000", id)) }

func send(t *testing.T, c *sdk.Client, body string, delay int32) {
	t.Helper()
	if _, err := c.SendMessage(t.Context(), &sdk.SendMessageInput{QueueUrl: url("Work"), MessageBody: &body, DelaySeconds: delay}); err != nil {
		t.Fatal(err)
	}
}

func bodies(all []*message) (list []string) {
	for _, m := range all {
		list = append(list, m.body)
	}
	return list
}

func TestDelaysAndVisibility(t *testing.T) {
	s, client, c := served(t)
	send(t, client, "now", 0)
	send(t, client, "later", 10)
	got, next, _ := s.receive("Work", 10)
	if !slices.Equal(bodies(got), []string{"now"}) || !next.Equal(c.now().Add(10*time.Second)) {
		t.Fatalf("received %v, next at %v", bodies(got), next)
	}
	c.advance(10 * time.Second)
	if more, _, _ := s.receive("Work", 10); !slices.Equal(bodies(more), []string{"later"}) {
		t.Errorf("received %v", bodies(more))
	}
	hide := func(receipt string, seconds int32) error {
		_, err := client.ChangeMessageVisibility(t.Context(), &sdk.ChangeMessageVisibilityInput{
			QueueUrl: url("Work"), ReceiptHandle: &receipt, VisibilityTimeout: seconds,
		})
		return err
	}
	if err := hide(got[0].receipt, 300); err != nil {
		t.Fatal(err)
	}
	c.advance(time.Minute)
	if again, _, _ := s.receive("Work", 10); !slices.Equal(bodies(again), []string{"later"}) {
		t.Errorf("what is hidden for longer was received: %v", bodies(again))
	}
	c.advance(5 * time.Minute)
	again, _, _ := s.receive("Work", 1)
	if len(again) != 1 || hide(got[0].receipt, 1) == nil || hide("another", 1) == nil || hide(again[0].receipt, 43_201) == nil {
		t.Error("a receipt that is over, none at all or too long a time are accepted")
	}
}

func TestWhatIsReceivedTooOftenGoesToTheDeadLetters(t *testing.T) {
	s, client, c := served(t)
	send(t, client, "poison", 0)
	for range work.MaxReceive {
		if got, _, _ := s.receive("Work", 10); len(got) != 1 {
			t.Fatalf("received %v", bodies(got))
		}
		c.advance(time.Minute)
	}
	if got, _, _ := s.receive("Work", 10); len(got) != 0 || !slices.Equal(s.Messages("Dead"), []string{"poison"}) || len(s.Messages("Work")) != 0 {
		t.Errorf("received %v, dead are %v", bodies(got), s.Messages("Dead"))
	}
}

func TestRequestsThatTheServiceRefuses(t *testing.T) {
	_, client, _ := served(t)
	for name, in := range map[string]*sdk.SendMessageInput{
		"no such queue":  {QueueUrl: url("Other"), MessageBody: aws.String("a")},
		"no content":     {QueueUrl: url("Work"), MessageBody: aws.String("")},
		"too long a way": {QueueUrl: url("Work"), MessageBody: aws.String("a"), DelaySeconds: 901},
	} {
		if _, err := client.SendMessage(t.Context(), in); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

// function answers each invocation in turn, and remembers the bodies of each.
type function struct {
	mu      sync.Mutex
	answers []func(ids []string) (string, error)
	seen    [][]string
	enough  chan struct{} // closed after the last answer
}

func (f *function) Invoke(_ context.Context, payload []byte) ([]byte, error) {
	var event struct {
		Records []struct{ MessageID, Body, EventSource string }
	}
	if err := json.Unmarshal(payload, &event); err != nil {
		return nil, err
	}
	var ids, seen []string
	for _, r := range event.Records {
		ids, seen = append(ids, r.MessageID), append(seen, r.Body+" of "+r.EventSource)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.seen = append(f.seen, seen)
	if len(f.seen) > len(f.answers) {
		return nil, nil
	}
	if len(f.seen) == len(f.answers) {
		defer close(f.enough)
	}
	answer, err := f.answers[len(f.seen)-1](ids)
	return []byte(answer), err
}

func TestOnlyWhatFailedStaysInTheQueue(t *testing.T) {
	s, client, c := served(t)
	for _, body := range []string{"a", "b", "c"} {
		send(t, client, body, 0)
	}
	again := func() { c.advance(2 * time.Minute) }
	f := &function{enough: make(chan struct{}), answers: []func([]string) (string, error){
		func(ids []string) (string, error) {
			defer again()
			return `{"batchItemFailures":[{"itemIdentifier":"` + ids[1] + `"}]}`, nil
		},
		func([]string) (string, error) { defer again(); return "", context.DeadlineExceeded },
		func([]string) (string, error) { return `{"batchItemFailures":[]}`, nil },
	}}
	p := s.Start(Options{
		Source:   template.QueueSource{Queue: "Work", BatchSize: 10, ReportFailures: true, AtOnce: 1},
		Function: f, Region: "eu-west-1", Account: "0", Log: slog.New(slog.DiscardHandler),
	})
	<-f.enough
	p.Stop()
	for i, want := range [][]string{{"a of aws:sqs", "b of aws:sqs", "c of aws:sqs"}, {"b of aws:sqs"}, {"b of aws:sqs"}} {
		if !slices.Equal(f.seen[i], want) {
			t.Errorf("invocation %d has %v, want %v", i+1, f.seen[i], want)
		}
	}
	if left := s.Messages("Work"); len(left) != 0 {
		t.Errorf("left are %v", left)
	}
}

func TestAnswersThatNameNothingOfTheBatch(t *testing.T) {
	p := &Poller{o: Options{Source: template.QueueSource{ReportFailures: true}}}
	batch := []*message{{id: "1"}, {id: "2"}}
	for answer, want := range map[string]int{
		"": 2, "null": 2, "{}": 2, `{"batchItemFailures":[{"itemIdentifier":"2"}]}`: 1, `{"batchItemFailures":[{"itemIdentifier":"3"}]}`: 0,
		"no JSON": 0, `{"batchItemFailures":[{"itemIdentifier":""}]}`: 0,
	} {
		if got := p.dealtWith(batch, []byte(answer)); len(got) != want {
			t.Errorf("%s: %d are dealt with, want %d", answer, len(got), want)
		}
	}
}
