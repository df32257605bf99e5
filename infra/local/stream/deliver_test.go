package stream

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"twofold/infra/local/lambda"
	"twofold/infra/local/template"
)

var quiet = slog.New(slog.DiscardHandler)

var moment = time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC)

// function notes which sequence numbers it was given and answers what answer says.
type function struct {
	mu      sync.Mutex
	batches []string // "1 2 3"
	answer  func(sequences []string) (string, error)
}

func (f *function) Invoke(_ context.Context, payload []byte) ([]byte, error) {
	var event struct {
		Records []struct {
			Dynamodb struct{ SequenceNumber string }
		}
	}
	if err := json.Unmarshal(payload, &event); err != nil {
		return nil, err
	}
	var sequences []string
	for _, r := range event.Records {
		sequences = append(sequences, r.Dynamodb.SequenceNumber)
	}
	f.mu.Lock()
	f.batches = append(f.batches, strings.Join(sequences, " "))
	f.mu.Unlock()
	if f.answer == nil {
		return []byte("null"), nil
	}
	answer, err := f.answer(sequences)
	return []byte(answer), err
}

func (f *function) seen() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.batches)
}

// failing fails whenever a batch holds the sequence number.
func failing(sequence string) func([]string) (string, error) {
	return func(sequences []string) (string, error) {
		if slices.Contains(sequences, sequence) {
			return "", &lambda.FunctionError{Type: "x"}
		}
		return "{}", nil
	}
}

func poller(t *testing.T, f Invoker, source template.StreamSource) *Poller {
	t.Helper()
	if source.MaxAge == 0 {
		source.MaxAge = -1
	}
	checkpoints, err := OpenCheckpoints("")
	if err != nil {
		t.Fatal(err)
	}
	p, err := newPoller(Options{
		StreamARN: "arn:stream", Reader: "mailer", Source: source, Function: f, Checkpoints: checkpoints,
		Failures: &Failures{}, Now: func() time.Time { return moment }, Log: quiet,
	})
	if err != nil {
		t.Fatal(err)
	}
	p.backoff = func(int) time.Duration { return 0 }
	return p
}

// numbered are records 1 to n, created at moment.
func numbered(n int) []record {
	var list []record
	for i := range n {
		sequence := fmt.Sprint(i + 1)
		list = append(list, record{sequence: sequence, created: moment,
			wire: fmt.Appendf(nil, `{"dynamodb":{"SequenceNumber":%q}}`, sequence)})
	}
	return list
}

// naming reports those of the sequence numbers that a batch holds.
func naming(ids ...string) func([]string) (string, error) {
	return func(sequences []string) (string, error) {
		var list []string
		for _, id := range ids {
			if slices.Contains(sequences, id) {
				list = append(list, fmt.Sprintf(`{"itemIdentifier":%q}`, id))
			}
		}
		return `{"batchItemFailures":[` + strings.Join(list, ",") + `]}`, nil
	}
}

func saying(answer string) func([]string) (string, error) {
	return func([]string) (string, error) { return answer, nil }
}

// TestDeliver: retries, halving and the answers that name records, as the two pages say: "Splitting a batch does not
// count towards the retry quota", "Lambda uses the lowest sequence number as the checkpoint", and an identifier that is
// empty or unknown fails the whole batch.
// https://docs.aws.amazon.com/lambda/latest/dg/services-dynamodb-errors.html
// https://docs.aws.amazon.com/lambda/latest/dg/services-ddb-batchfailurereporting.html
func TestDeliver(t *testing.T) {
	for _, c := range []struct {
		name    string
		source  template.StreamSource
		answer  func([]string) (string, error)
		batches string // "1 2 3 4, 3 4"
		givenUp string // "first-last" of each failure
	}{
		{"accepted", template.StreamSource{}, nil, "1 2 3 4", ""},
		{"whole batch", template.StreamSource{MaxRetries: 1, OnFailure: "q"}, failing("2"), "1 2 3 4, 1 2 3 4", "1-4"},
		{"halves", template.StreamSource{MaxRetries: 1, Bisect: true, OnFailure: "q"}, failing("2"),
			"1 2 3 4, 1 2, 1, 2, 2, 3 4", "2-2"},
		{"named", template.StreamSource{MaxRetries: 1, ReportFailures: true, OnFailure: "q"}, naming("3"), "1 2 3 4, 3 4", "3-4"},
		{"named, then halves", template.StreamSource{MaxRetries: 1, ReportFailures: true, Bisect: true, OnFailure: "q"}, naming("3"),
			"1 2 3 4, 3 4, 3, 4", "3-3"},
		{"lowest of several", template.StreamSource{ReportFailures: true, OnFailure: "q"}, naming("4", "2"), "1 2 3 4, 2 3 4", "2-4"},
		{"unknown name", template.StreamSource{ReportFailures: true, OnFailure: "q"},
			saying(`{"batchItemFailures":[{"itemIdentifier":"9"}]}`), "1 2 3 4", "1-4"},
		{"empty name", template.StreamSource{ReportFailures: true, OnFailure: "q"},
			saying(`{"batchItemFailures":[{"itemIdentifier":""}]}`), "1 2 3 4", "1-4"},
		{"no JSON", template.StreamSource{ReportFailures: true, OnFailure: "q"}, saying("oops"), "1 2 3 4", "1-4"},
		{"not asked to report", template.StreamSource{OnFailure: "q"}, naming("1"), "1 2 3 4", ""},
		{"no destination", template.StreamSource{}, failing("1"), "1 2 3 4", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := &function{answer: c.answer}
			p := poller(t, f, c.source)
			if !p.deliver(t.Context(), "shard", numbered(4)) {
				t.Fatal("not finished")
			}
			if got := strings.Join(f.batches, ", "); got != c.batches {
				t.Errorf("batches %s, want %s", got, c.batches)
			}
			var up []string
			for _, one := range p.o.Failures.List() {
				up = append(up, one.First+"-"+one.Last)
				if one.Condition != RetriesExhausted || one.Destination != "q" || one.Reader != "mailer" || len(one.Records) == 0 {
					t.Errorf("given up as %+v", one)
				}
			}
			if got := strings.Join(up, " "); got != c.givenUp {
				t.Errorf("given up %s, want %s", got, c.givenUp)
			}
		})
	}
}

// TestRetriesUntilItWorks: MaximumRetryAttempts of -1 is "infinite".
// https://docs.aws.amazon.com/lambda/latest/api/API_CreateEventSourceMapping.html
func TestRetriesUntilItWorks(t *testing.T) {
	left := 7
	f := &function{answer: func([]string) (string, error) {
		if left--; left > 0 {
			return "", lambda.ErrCrashed
		}
		return "", nil
	}}
	p := poller(t, f, template.StreamSource{MaxRetries: -1, ReportFailures: true, OnFailure: "q"})
	if !p.deliver(t.Context(), "shard", numbered(1)) || len(f.batches) != 7 || len(p.o.Failures.List()) != 0 {
		t.Errorf("%d attempts, given up %v", len(f.batches), p.o.Failures.List())
	}
}

// TestOldRecordsAreGivenUp: MaximumRecordAgeInSeconds, "discard records older than the specified age".
// https://docs.aws.amazon.com/lambda/latest/api/API_CreateEventSourceMapping.html
func TestOldRecordsAreGivenUp(t *testing.T) {
	f := &function{}
	p := poller(t, f, template.StreamSource{MaxAge: time.Minute, OnFailure: "q"})
	batch := numbered(3)
	batch[0].created = moment.Add(-62 * time.Second)
	batch[1].created = moment.Add(-61 * time.Second) // its second is rounded down: it may be 60 s old only
	if !p.deliver(t.Context(), "shard", batch) || !reflect.DeepEqual(f.batches, []string{"2 3"}) {
		t.Errorf("batches %q", f.batches)
	}
	if up := p.o.Failures.List(); len(up) != 1 || up[0].Condition != AgeExceeded || up[0].Last != "1" {
		t.Errorf("given up %+v", up)
	}
}

// TestRecordsGrowOldBetweenAttempts: a function that always fails holds the shard no longer than the age allows.
func TestRecordsGrowOldBetweenAttempts(t *testing.T) {
	now := moment
	f := &function{answer: func([]string) (string, error) { now = now.Add(20 * time.Second); return "", errors.New("no") }}
	p := poller(t, f, template.StreamSource{MaxRetries: -1, MaxAge: time.Minute, OnFailure: "q"})
	p.o.Now = func() time.Time { return now }
	if !p.deliver(t.Context(), "shard", numbered(1)) || len(f.batches) != 4 {
		t.Errorf("%d attempts", len(f.batches))
	}
	if up := p.o.Failures.List(); len(up) != 1 || up[0].Condition != AgeExceeded {
		t.Errorf("given up %+v", up)
	}
}

func TestNothingIsGivenUpAtTheEnd(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	f := &function{answer: func([]string) (string, error) { cancel(); return "", errors.New("no") }}
	p := poller(t, f, template.StreamSource{MaxRetries: 0, OnFailure: "q"})
	if p.deliver(ctx, "shard", numbered(1)) || len(p.o.Failures.List()) != 0 {
		t.Error("a record was given up because the reading was stopped")
	}
	f.answer = func([]string) (string, error) { return "", lambda.ErrStopped }
	if p.deliver(t.Context(), "shard", numbered(1)) || len(p.o.Failures.List()) != 0 {
		t.Error("a record was given up because the function was stopped")
	}
}

func TestBackoff(t *testing.T) {
	wait := exponential(100*time.Millisecond, 10*time.Second)
	for attempt, want := range map[int]time.Duration{0: 100 * time.Millisecond, 3: 800 * time.Millisecond, 7: 10 * time.Second, 1000: 10 * time.Second} {
		if got := wait(attempt); got != want {
			t.Errorf("%d: %v", attempt, got)
		}
	}
}
