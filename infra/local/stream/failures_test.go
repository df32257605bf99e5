package stream

import (
	"encoding/json"
	"errors"
	"reflect"
	"testing"
	"time"

	"twofold/infra/local/lambda"
	"twofold/infra/local/template"
)

// onFailure is the example of AWS's documentation in our own values; the request id is checked apart.
// https://docs.aws.amazon.com/lambda/latest/dg/services-dynamodb-errors.html
const onFailure = `{
	"requestContext": {
		"functionArn": "arn:aws:lambda:eu-west-1:000000000000:function:mailer",
		"condition": "RetryAttemptsExhausted",
		"approximateInvokeCount": 3
	},
	"responseContext": {"statusCode": 200, "executedVersion": "$LATEST", "functionError": "Unhandled"},
	"version": "1.0",
	"timestamp": "2026-11-01T12:00:00.000Z",
	"DDBStreamBatchInfo": {
		"shardId": "shard",
		"startSequenceNumber": "1",
		"endSequenceNumber": "4",
		"approximateArrivalOfFirstRecord": "2026-11-01T12:00:00Z",
		"approximateArrivalOfLastRecord": "2026-11-01T12:00:00Z",
		"batchSize": 4,
		"streamArn": "arn:stream"
	}
}`

// given delivers four records to a function and returns the one message in the queue, and its request id.
func given(t *testing.T, source template.StreamSource, answer func([]string) (string, error), age time.Duration) (m map[string]any, id string) {
	t.Helper()
	source.OnFailure = "Queue.Arn"
	p := poller(t, &function{answer: answer}, source)
	p.o.FunctionARN = "arn:aws:lambda:eu-west-1:000000000000:function:mailer"
	batch := numbered(4)
	for i := range batch {
		batch[i].created = moment.Add(-age)
	}
	if !p.deliver(t.Context(), "shard", batch) {
		t.Fatal("not finished")
	}
	queue := p.o.Failures.Queue("Queue.Arn")
	if len(queue) != 1 || len(p.o.Failures.Queue("Other.Arn")) != 0 {
		t.Fatalf("the queue holds %q", queue)
	}
	if err := json.Unmarshal([]byte(queue[0]), &m); err != nil {
		t.Fatal(err)
	}
	about := m["requestContext"].(map[string]any)
	id, _ = about["requestId"].(string)
	delete(about, "requestId")
	return m, id
}

func TestMessage(t *testing.T) {
	failing := func([]string) (string, error) {
		return "", &lambda.InvocationError{RequestID: "id of the invocation", Err: lambda.ErrCrashed}
	}
	got, id := given(t, template.StreamSource{MaxRetries: 2}, failing, 0)
	var want map[string]any
	if err := json.Unmarshal([]byte(onFailure), &want); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(got, want) || id != "id of the invocation" {
		t.Errorf("request %q\n got %v\nwant %v", id, got, want)
	}
}

// TestMessageOfNamedRecords: the function has not failed; it has named a record, and what is behind it was tried too.
func TestMessageOfNamedRecords(t *testing.T) {
	got, id := given(t, template.StreamSource{MaxRetries: 2, ReportFailures: true}, naming("3"), 0)
	if _, there := got["responseContext"].(map[string]any)["functionError"]; there || id == "" {
		t.Errorf("request %q: %v", id, got["responseContext"])
	}
	batch := got["DDBStreamBatchInfo"].(map[string]any)
	if batch["startSequenceNumber"] != "3" || batch["endSequenceNumber"] != "4" || batch["batchSize"] != 2.0 {
		t.Errorf("got %v", batch)
	}
	if n := got["requestContext"].(map[string]any)["approximateInvokeCount"]; n != 3.0 {
		t.Errorf("invoked %v times", n)
	}
}

// TestMessageOfOldRecords: nothing was invoked, so there was no response.
func TestMessageOfOldRecords(t *testing.T) {
	got, id := given(t, template.StreamSource{MaxAge: time.Minute}, nil, time.Hour)
	about := got["requestContext"].(map[string]any)
	if about["condition"] != "RecordAgeExceeded" || about["approximateInvokeCount"] != 0.0 || got["responseContext"] != nil || id == "" {
		t.Errorf("request %q: %v", id, got)
	}
	if arrival := got["DDBStreamBatchInfo"].(map[string]any)["approximateArrivalOfFirstRecord"]; arrival != "2026-11-01T11:00:00Z" {
		t.Errorf("arrived at %v", arrival)
	}
}

// TestThrottlingCostsNoRetry: "This doesn't apply to service errors or throttles where the batch didn't reach the
// function", the documentation says of the number of retries.
// https://docs.aws.amazon.com/lambda/latest/dg/services-dynamodb-errors.html
func TestThrottlingCostsNoRetry(t *testing.T) {
	throttled := 5
	f := &function{answer: func([]string) (string, error) {
		if throttled--; throttled >= 0 {
			return "", lambda.ErrThrottled
		}
		return "", errors.New("no")
	}}
	p := poller(t, f, template.StreamSource{MaxRetries: 1, OnFailure: "q"})
	if !p.deliver(t.Context(), "shard", numbered(2)) {
		t.Fatal("not finished")
	}
	up := p.o.Failures.List()
	if len(f.seen()) != 7 || len(up) != 1 || up[0].Attempts != 2 {
		t.Errorf("offered %d times, given up %+v", len(f.seen()), up)
	}
	throttled = 1
	p = poller(t, f, template.StreamSource{MaxRetries: 0, Bisect: true})
	before := len(f.seen())
	if !p.deliver(t.Context(), "shard", numbered(2)) || !reflect.DeepEqual(f.seen()[before:], []string{"1 2", "1 2", "1", "2"}) {
		t.Errorf("a throttled batch was halved: %q", f.seen()[before:])
	}
}

// TestRecordsLeaveTheStream: a source that retries without end does so until the record expires, after 24 hours, and
// nobody is told then.
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Streams.html
func TestRecordsLeaveTheStream(t *testing.T) {
	now := moment
	f := &function{answer: func([]string) (string, error) { now = now.Add(6 * time.Hour); return "", errors.New("no") }}
	p := poller(t, f, template.StreamSource{MaxRetries: -1, OnFailure: "q"})
	p.o.Now = func() time.Time { return now }
	if !p.deliver(t.Context(), "shard", numbered(1)) || len(f.seen()) != 5 {
		t.Errorf("tried %d times", len(f.seen()))
	}
	if up := p.o.Failures.List(); len(up) != 0 {
		t.Errorf("given up %+v", up)
	}
	now = moment
	p = poller(t, f, template.StreamSource{MaxRetries: -1, MaxAge: 7 * 24 * time.Hour, OnFailure: "q"})
	p.o.Now = func() time.Time { return now }
	if !p.deliver(t.Context(), "shard", numbered(1)) || len(f.seen()) != 10 {
		t.Errorf("with a limit beyond the retention tried %d times", len(f.seen())-5)
	}
}
