package stream

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"testing"
	"time"

	"twofold/infra/local/template"
)

// start runs a poller over s. The clock stands still, so that only full batches are delivered while window is set.
func start(t *testing.T, s *shards, f Invoker, source template.StreamSource, checkpoints string) *Poller {
	t.Helper()
	if source.BatchSize == 0 {
		source.BatchSize = 10
	}
	source.MaxAge = -1
	c, err := OpenCheckpoints(checkpoints)
	if err != nil {
		t.Fatal(err)
	}
	p, err := Start(Options{
		Client: s, StreamARN: "arn", Reader: "mailer", Source: source, Function: f, Checkpoints: c, Failures: &Failures{},
		Now: func() time.Time { return moment }, Log: quiet,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = p.Stop() })
	return p
}

func settle(t *testing.T, p *Poller) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if err := p.Settle(ctx); err != nil {
		t.Fatal(err)
	}
}

// TestChildrenComeAfterTheirParents: "you must process a parent shard before its children".
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Streams.html
func TestChildrenComeAfterTheirParents(t *testing.T) {
	s := &shards{list: []memoryShard{
		{id: "c", parent: "b", records: []string{"5"}},
		{id: "b", parent: "a", records: []string{"3", "4"}, closed: true},
		{id: "a", parent: "trimmed", records: []string{"1", "2"}, closed: true},
	}}
	f := &function{}
	p := start(t, s, f, template.StreamSource{}, "")
	await(t, func() bool { return len(f.seen()) == 3 })
	settle(t, p)
	if got := f.seen(); !reflect.DeepEqual(got, []string{"1 2", "3 4", "5"}) {
		t.Errorf("batches %q", got)
	}
}

// TestBatchesFillWithinTheWindow: BatchSize and MaximumBatchingWindowInSeconds.
// https://docs.aws.amazon.com/lambda/latest/dg/services-dynamodb-eventsourcemapping.html
func TestBatchesFillWithinTheWindow(t *testing.T) {
	s := &shards{list: []memoryShard{{id: "a", records: []string{"1", "2", "3", "4", "5", "6", "7"}}}}
	f := &function{}
	start(t, s, f, template.StreamSource{BatchSize: 3, Window: time.Second}, "")
	await(t, func() bool { return len(f.seen()) == 2 })
	if got := f.seen(); !reflect.DeepEqual(got, []string{"1 2 3", "4 5 6"}) {
		t.Errorf("batches %q", got) // 7 waits for the window, which never ends
	}
	closed := &shards{list: []memoryShard{{id: "a", records: []string{"1", "2", "3", "4"}, closed: true}}}
	f = &function{}
	start(t, closed, f, template.StreamSource{BatchSize: 3, Window: time.Second}, "")
	await(t, func() bool { return len(f.seen()) == 2 })
	if got := f.seen(); !reflect.DeepEqual(got, []string{"1 2 3", "4"}) {
		t.Errorf("at the end of a shard %q", got)
	}
}

func TestRestartGoesOnWhereItWas(t *testing.T) {
	path := filepath.Join(t.TempDir(), "checkpoints.json")
	s := &shards{list: []memoryShard{{id: "a", records: []string{"1", "2"}}}}
	f := &function{}
	p := start(t, s, f, template.StreamSource{}, path)
	await(t, func() bool { return len(f.seen()) == 1 })
	settle(t, p)
	if err := p.Stop(); err != nil {
		t.Fatal(err)
	}
	s.shard("a").records = []string{"1", "2", "3"}
	p = start(t, s, f, template.StreamSource{}, path)
	await(t, func() bool { return len(f.seen()) == 2 })
	settle(t, p)
	if got := f.seen(); !reflect.DeepEqual(got, []string{"1 2", "3"}) {
		t.Errorf("batches %q", got)
	}
}

func TestABatchUnderWayComesAgain(t *testing.T) {
	path := filepath.Join(t.TempDir(), "checkpoints.json")
	s := &shards{list: []memoryShard{{id: "a", records: []string{"1", "2"}}}}
	entered := make(chan struct{})
	hangs := invoker(func(ctx context.Context) ([]byte, error) {
		close(entered)
		<-ctx.Done()
		return nil, ctx.Err()
	})
	p := start(t, s, hangs, template.StreamSource{}, path)
	<-entered
	if err := p.Stop(); err != nil {
		t.Fatal(err)
	}
	f := &function{}
	start(t, s, f, template.StreamSource{}, path)
	await(t, func() bool { return reflect.DeepEqual(f.seen(), []string{"1 2"}) })
}

type invoker func(context.Context) ([]byte, error)

func (f invoker) Invoke(ctx context.Context, _ []byte) ([]byte, error) { return f(ctx) }

// TestIteratorsExpireAndHistoryIsTrimmed: what GetRecords may answer instead of records.
// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_streams_GetRecords.html
func TestIteratorsExpireAndHistoryIsTrimmed(t *testing.T) {
	path := filepath.Join(t.TempDir(), "checkpoints.json")
	c, err := OpenCheckpoints(path)
	if err != nil {
		t.Fatal(err)
	}
	c.set(position("arn", "mailer/Stream", "a"), "0") // was trimmed long ago
	if err := c.Save(); err != nil {
		t.Fatal(err)
	}
	s := &shards{expired: 3, trimmed: true, list: []memoryShard{{id: "a", records: []string{"1"}}}}
	f := &function{}
	start(t, s, f, template.StreamSource{Name: "Stream"}, path)
	await(t, func() bool { return reflect.DeepEqual(f.seen(), []string{"1"}) })
}

func TestStartRefusesAnUnknownFilter(t *testing.T) {
	if _, err := Start(Options{Source: template.StreamSource{Filters: []string{`{"a":[{"wildcard":"*"}]}`}}}); err == nil {
		t.Error("accepted")
	}
}

// TestBatchesHaveASizeInBytesToo: an event is "6 MB" at most, whatever BatchSize says.
// https://docs.aws.amazon.com/lambda/latest/dg/services-dynamodb-eventsourcemapping.html
func TestBatchesHaveASizeInBytesToo(t *testing.T) {
	p := poller(t, &function{}, template.StreamSource{BatchSize: 100})
	s := &shard{poller: p}
	for range 4 {
		s.pending = append(s.pending, record{wire: make([]byte, maxPayload/2-10)})
	}
	if n := s.batchLength(); n != 2 {
		t.Errorf("%d records in a batch", n)
	}
	s.pending = []record{{wire: make([]byte, maxPayload+1)}}
	if n := s.batchLength(); n != 1 {
		t.Errorf("%d records: one that is too large alone must be tried, or it would stay for ever", n)
	}
}

func TestCheckpointsThatCannotBeRead(t *testing.T) {
	path := filepath.Join(t.TempDir(), "checkpoints.json")
	if err := os.WriteFile(path, []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := OpenCheckpoints(path); err == nil {
		t.Error("a broken file is read as an empty one")
	}
	c, err := OpenCheckpoints(filepath.Join(t.TempDir(), "missing", "checkpoints.json"))
	if err != nil {
		t.Fatal(err)
	}
	c.set("k", "1")
	if err := c.Save(); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("got %v", err)
	}
}

func await(t *testing.T, holds func() bool) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); !holds(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("it did not happen")
		}
	}
}
