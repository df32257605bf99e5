package sqs

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"slices"
	"strconv"
	"sync"
	"time"

	"twofold/infra/local/lambda"
	"twofold/infra/local/template"
)

// Invoker runs a function once. *lambda.Pool is one.
type Invoker interface {
	Invoke(ctx context.Context, payload []byte) ([]byte, error)
}

// Options says what is invoked with what. All fields must be set.
type Options struct {
	Source   template.QueueSource
	Function Invoker
	Region   string
	Account  string
	Log      *slog.Logger
}

// Poller hands the messages of one queue to one function. Make it with Start.
type Poller struct {
	sqs     *SQS
	o       Options
	ctx     context.Context
	cancel  context.CancelFunc
	workers sync.WaitGroup
}

// Start begins to poll.
func (s *SQS) Start(o Options) *Poller {
	p := &Poller{sqs: s, o: o}
	p.ctx, p.cancel = context.WithCancel(context.Background())
	for range o.Source.AtOnce {
		p.workers.Go(p.run)
	}
	return p
}

// Stop ends the polling and returns when no invocation is waited for any more.
func (p *Poller) Stop() {
	p.cancel()
	p.workers.Wait()
}

// look is how often the clock is looked at, at least: it may be one that a test moves.
const look = time.Second

func (p *Poller) run() {
	for p.ctx.Err() == nil {
		batch, next, woken := p.sqs.receive(p.o.Source.Queue, p.o.Source.BatchSize)
		if len(batch) > 0 {
			p.deliver(batch)
			continue
		}
		wait := look
		if !next.IsZero() {
			wait = max(min(wait, next.Sub(p.sqs.now())), time.Millisecond)
		}
		timer := time.NewTimer(wait)
		select {
		case <-p.ctx.Done():
		case <-woken:
		case <-timer.C:
		}
		timer.Stop()
	}
}

// deliver invokes the function with a batch, and deletes what it has dealt with. The rest becomes visible again in its time.
// https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html
func (p *Poller) deliver(batch []*message) {
	answer, err := p.o.Function.Invoke(p.ctx, p.event(batch))
	if err != nil {
		if p.ctx.Err() == nil && !errors.Is(err, lambda.ErrStopped) {
			p.o.Log.Warn("sqs: a batch failed", "queue", p.o.Source.Queue, "messages", len(batch), "error", err)
		}
		return
	}
	p.sqs.remove(p.o.Source.Queue, p.dealtWith(batch, answer))
}

// dealtWith are the messages that an answer does not name. One that cannot be read, or names others, fails all.
func (p *Poller) dealtWith(batch []*message, answer []byte) []*message {
	var response struct {
		BatchItemFailures []struct{ ItemIdentifier string }
	}
	if !p.o.Source.ReportFailures || len(answer) == 0 {
		return batch
	}
	if err := json.Unmarshal(answer, &response); err != nil {
		return nil
	}
	done := slices.Clone(batch)
	for _, f := range response.BatchItemFailures {
		named := func(m *message) bool { return m.id == f.ItemIdentifier }
		if !slices.ContainsFunc(batch, named) {
			return nil
		}
		done = slices.DeleteFunc(done, named)
	}
	return done
}

// record is one message as Lambda hands it to a function:
// https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html#example-standard-queue-message-event
type record struct {
	MessageID         string            `json:"messageId"`
	ReceiptHandle     string            `json:"receiptHandle"`
	Body              string            `json:"body"`
	Attributes        map[string]string `json:"attributes"`
	MessageAttributes struct{}          `json:"messageAttributes"`
	EventSource       string            `json:"eventSource"`
	EventSourceARN    string            `json:"eventSourceARN"`
	Region            string            `json:"awsRegion"`
}

func (p *Poller) event(batch []*message) []byte {
	var event struct{ Records []record }
	millis := func(t time.Time) string { return strconv.FormatInt(t.UnixMilli(), 10) }
	for _, m := range batch {
		event.Records = append(event.Records, record{
			MessageID: m.id, ReceiptHandle: m.receipt, Body: m.body, EventSource: "aws:sqs", Region: p.o.Region,
			EventSourceARN: "arn:aws:sqs:" + p.o.Region + ":" + p.o.Account + ":" + p.o.Source.Queue,
			Attributes: map[string]string{
				"ApproximateReceiveCount": strconv.Itoa(m.received), "SentTimestamp": millis(m.sent),
				"ApproximateFirstReceiveTimestamp": millis(m.first), "SenderId": "local",
			},
		})
	}
	payload, _ := json.Marshal(event) // texts only: it cannot fail
	return payload
}
