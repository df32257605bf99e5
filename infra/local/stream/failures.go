package stream

import (
	"encoding/json"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/google/uuid"

	"twofold/infra/local/lambda"
)

// Condition says why records were given up, in Lambda's words.
type Condition string

// Lambda's conditions.
const (
	RetriesExhausted Condition = "RetryAttemptsExhausted"
	AgeExceeded      Condition = "RecordAgeExceeded"
)

// Failure is what is known of records that were given up. The destination is told less: Message. Records are kept
// besides, for tests; they hold items, and a real queue does not get them.
type Failure struct {
	Reader      string
	Destination string // the template's name of it: "MailerFailures.Arn"
	Condition   Condition
	Attempts    int // how often the function was invoked with them
	ShardID     string
	First, Last string // sequence numbers
	Records     []json.RawMessage
	Message     string // body of the message in the destination's queue
}

// Failures is the list of records that were given up. It is safe for concurrent use.
type Failures struct {
	mu   sync.Mutex
	list []Failure
}

// List returns a copy, oldest first.
func (f *Failures) List() []Failure {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.list)
}

// Queue returns the bodies of the messages in one destination, oldest first. Nothing takes them out.
func (f *Failures) Queue(destination string) []string {
	var messages []string
	for _, one := range f.List() {
		if one.Destination == destination {
			messages = append(messages, one.Message)
		}
	}
	return messages
}

func (f *Failures) add(one Failure) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.list = append(f.list, one)
}

// message is the body of an on-failure message, with its fields in the documented order:
// https://docs.aws.amazon.com/lambda/latest/dg/services-dynamodb-errors.html
type message struct {
	RequestContext struct {
		RequestID              string    `json:"requestId"`
		FunctionARN            string    `json:"functionArn"`
		Condition              Condition `json:"condition"`
		ApproximateInvokeCount int       `json:"approximateInvokeCount"`
	} `json:"requestContext"`
	ResponseContext *responseContext `json:"responseContext,omitempty"` // absent where nothing was invoked
	Version         string           `json:"version"`
	Timestamp       string           `json:"timestamp"`
	Batch           struct {
		ShardID        string `json:"shardId"`
		First          string `json:"startSequenceNumber"`
		Last           string `json:"endSequenceNumber"`
		ArrivalOfFirst string `json:"approximateArrivalOfFirstRecord"`
		ArrivalOfLast  string `json:"approximateArrivalOfLastRecord"`
		BatchSize      int    `json:"batchSize"`
		StreamARN      string `json:"streamArn"`
	} `json:"DDBStreamBatchInfo"`
}

type responseContext struct {
	StatusCode      int    `json:"statusCode"`
	ExecutedVersion string `json:"executedVersion"`
	FunctionError   string `json:"functionError,omitempty"` // absent where the function named the records that failed
}

// fail gives up a part of a batch. Without a destination it is only logged, as on Lambda.
func (p *Poller) fail(shardID string, why Condition, part attempt) {
	first, last := part.records[0], part.records[len(part.records)-1]
	p.o.Log.Error("stream: records were given up", "reader", p.o.Reader, "condition", string(why),
		"records", len(part.records), "first", first.sequence)
	if p.o.Source.OnFailure == "" {
		return
	}
	one := Failure{
		Reader: p.o.Reader, Destination: p.o.Source.OnFailure, Condition: why, Attempts: part.invoked, ShardID: shardID,
		First: first.sequence, Last: last.sequence, Message: p.message(shardID, why, part),
	}
	for _, r := range part.records {
		one.Records = append(one.Records, r.wire)
	}
	p.o.Failures.add(one)
}

func (p *Poller) message(shardID string, why Condition, part attempt) string {
	first, last := part.records[0], part.records[len(part.records)-1]
	m := message{Version: "1.0", Timestamp: p.o.Now().UTC().Format("2006-01-02T15:04:05.000Z")}
	m.RequestContext.RequestID, m.RequestContext.FunctionARN = uuid.NewString(), p.o.FunctionARN
	m.RequestContext.Condition, m.RequestContext.ApproximateInvokeCount = why, part.invoked
	if part.invoked > 0 {
		m.ResponseContext = &responseContext{StatusCode: 200, ExecutedVersion: "$LATEST"}
	}
	var failed *lambda.InvocationError
	if errors.As(part.last, &failed) {
		m.RequestContext.RequestID = failed.RequestID
	}
	if m.ResponseContext != nil && part.last != nil && !errors.Is(part.last, errUnreadable) {
		m.ResponseContext.FunctionError = "Unhandled"
	}
	b := &m.Batch
	b.ShardID, b.First, b.Last, b.BatchSize, b.StreamARN = shardID, first.sequence, last.sequence, len(part.records), p.o.StreamARN
	b.ArrivalOfFirst, b.ArrivalOfLast = first.created.UTC().Format(time.RFC3339), last.created.UTC().Format(time.RFC3339)
	text, _ := json.Marshal(m) // texts and numbers: it cannot fail
	return string(text)
}

// invocation is the body of an on-failure message about one event that nobody waited for: the event itself is in it.
// https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html
type invocation struct {
	Version        string `json:"version"`
	Timestamp      string `json:"timestamp"`
	RequestContext struct {
		RequestID              string    `json:"requestId"`
		FunctionARN            string    `json:"functionArn"`
		Condition              Condition `json:"condition"`
		ApproximateInvokeCount int       `json:"approximateInvokeCount"`
	} `json:"requestContext"`
	RequestPayload  json.RawMessage  `json:"requestPayload"`
	ResponseContext *responseContext `json:"responseContext"`
}

// Invoked adds an event of another source than a stream, which its function failed at too often.
func (f *Failures) Invoked(reader, functionARN, destination string, payload []byte, attempts int) {
	m := invocation{
		Version: "1.0", Timestamp: time.Now().UTC().Format("2006-01-02T15:04:05.000Z"), RequestPayload: payload,
		ResponseContext: &responseContext{StatusCode: 200, ExecutedVersion: "$LATEST", FunctionError: "Unhandled"},
	}
	m.RequestContext.RequestID, m.RequestContext.FunctionARN = uuid.NewString(), functionARN
	m.RequestContext.Condition, m.RequestContext.ApproximateInvokeCount = "RetriesExhausted", attempts
	body, err := json.Marshal(m)
	if err != nil { // the event is no JSON, which nobody makes
		return
	}
	f.add(Failure{Reader: reader, Destination: destination, Condition: m.RequestContext.Condition, Attempts: attempts, Message: string(body)})
}
