// Package sqs keeps orders of the mailer for later in a queue of Amazon SQS, and puts away in another what cannot be carried out. It
// decides nothing, and no address, code or secret stands in a message: an order says where what it is about can be read.
package sqs

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"twofold/pkg/audit"
	"twofold/pkg/mail"
)

// Client is the part of *sqs.Client that this package calls.
type Client interface {
	SendMessage(context.Context, *sqs.SendMessageInput, ...func(*sqs.Options)) (*sqs.SendMessageOutput, error)
	ChangeMessageVisibility(context.Context, *sqs.ChangeMessageVisibilityInput, ...func(*sqs.Options)) (*sqs.ChangeMessageVisibilityOutput, error)
}

// Queues are the URLs of both.
type Queues struct {
	Later string // orders to be tried again
	Kept  string // what somebody must look at
}

// Queue implements mail.Queue; safe for use by several goroutines at once.
type Queue struct {
	client Client
	urls   Queues
}

// Open makes a queue with a client of its own. endpoint is where SQS is, nil on AWS.
func Open(cfg aws.Config, endpoint *string, urls Queues) *Queue {
	return New(sqs.NewFromConfig(cfg, func(o *sqs.Options) { o.BaseEndpoint = endpoint }), urls)
}

// New makes a queue.
func New(client Client, urls Queues) *Queue { return &Queue{client, urls} }

// maxDelay is SQS's, for the first delay of a message.
// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html
const maxDelay = 15 * time.Minute

// Later keeps an order. It comes back after about that time, and at least once.
func (q *Queue) Later(ctx context.Context, o mail.Order, after time.Duration) error {
	return q.send(ctx, q.urls.Later, written(o), min(after, maxDelay))
}

// Keep puts away what cannot be carried out.
func (q *Queue) Keep(ctx context.Context, p mail.Poison) error {
	return q.send(ctx, q.urls.Kept, poison{p.Source, p.ID, p.Keys, p.Cause}, 0)
}

func (q *Queue) send(ctx context.Context, url string, content any, after time.Duration) error {
	body, err := json.Marshal(content)
	if err != nil {
		return errors.New("sqs: a message cannot be written")
	}
	_, err = q.client.SendMessage(ctx, &sqs.SendMessageInput{
		QueueUrl: &url, MessageBody: aws.String(string(body)), DelaySeconds: int32((after + time.Second - 1) / time.Second),
	})
	if err != nil {
		return fmt.Errorf("sqs: send: %w", err)
	}
	return nil
}

// again hides a message that was received for a time.
func (q *Queue) again(ctx context.Context, receipt string, after time.Duration) error {
	_, err := q.client.ChangeMessageVisibility(ctx, &sqs.ChangeMessageVisibilityInput{
		QueueUrl: &q.urls.Later, ReceiptHandle: &receipt, VisibilityTimeout: int32((after + time.Second - 1) / time.Second),
	})
	if err != nil {
		return fmt.Errorf("sqs: hide a message: %w", err)
	}
	return nil
}

// order is an order on the wire. Of a notice it has no more than where that is read again.
type order struct {
	Version       int        `json:"version"`
	Kind          string     `json:"kind"`
	Organization  string     `json:"organization,omitempty"`
	User          string     `json:"user,omitempty"`
	Administrator string     `json:"administrator,omitempty"`
	Reference     string     `json:"reference"`
	At            *time.Time `json:"at,omitempty"`
	Named         bool       `json:"named,omitempty"`
}

// poison is what is put away on the wire.
type poison struct {
	Source string            `json:"source"`
	ID     string            `json:"id"`
	Keys   map[string]string `json:"keys,omitempty"`
	Cause  string            `json:"cause"`
}

const version = 1

func written(o mail.Order) order {
	w := order{
		Version: version, Kind: string(o.Kind), Organization: o.Organization, User: o.User, Administrator: o.Administrator,
		Reference: o.Reference, Named: o.Named,
	}
	if !o.Event.At.IsZero() {
		w.At = &o.Event.At
	}
	return w
}

var errOrder = errors.New("sqs: a message holds no order that is known")

// read is the order of a message.
func read(body string) (mail.Order, error) {
	var w order
	if err := json.Unmarshal([]byte(body), &w); err != nil || w.Version != version || w.Reference == "" {
		return mail.Order{}, errOrder
	}
	o := mail.Order{
		Kind: mail.Kind(w.Kind), Organization: w.Organization, User: w.User, Administrator: w.Administrator, Reference: w.Reference, Named: w.Named,
	}
	if !o.Kind.Known() {
		return mail.Order{}, errOrder
	}
	if w.At != nil {
		o.Event = audit.Event{ID: w.Reference, At: *w.At}
	}
	return o, nil
}
