package stream

import (
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	local "twofold/infra/local/dynamodb"
	"twofold/infra/local/template"
)

// TestLatest: what was there before is not delivered; what comes later is, in shards that come later too.
// https://docs.aws.amazon.com/lambda/latest/dg/services-dynamodb-eventsourcemapping.html
func TestLatest(t *testing.T) {
	s := &shards{list: []memoryShard{
		{id: "a", records: []string{"1", "2"}, closed: true},
		{id: "b", parent: "a", records: []string{"3", "4"}},
	}}
	f := &function{}
	p := start(t, s, f, template.StreamSource{Latest: true}, "")
	s.write("b", "5")
	await(t, func() bool { return len(f.seen()) == 1 })
	s.mu.Lock()
	s.shard("b").closed = true
	s.list = append(s.list, memoryShard{id: "c", parent: "b", records: []string{"6"}})
	s.mu.Unlock()
	await(t, func() bool { return len(f.seen()) == 2 })
	settle(t, p)
	if got := f.seen(); !reflect.DeepEqual(got, []string{"5", "6"}) {
		t.Errorf("batches %q", got)
	}
}

// TestLatestIsForTheFirstStart: later ones go on where the source was.
func TestLatestIsForTheFirstStart(t *testing.T) {
	path := filepath.Join(t.TempDir(), "checkpoints.json")
	s := &shards{expired: 2, list: []memoryShard{{id: "a", records: []string{"1"}}}}
	f := &function{}
	p := start(t, s, f, template.StreamSource{Latest: true}, path)
	await(t, func() bool { s.mu.Lock(); defer s.mu.Unlock(); return s.expired == 0 }) // which must not make it begin anew
	settle(t, p)
	s.write("a", "2")
	await(t, func() bool { return len(f.seen()) == 1 })
	if err := p.Stop(); err != nil {
		t.Fatal(err)
	}
	s.write("a", "3")
	p = start(t, s, f, template.StreamSource{Latest: true}, path)
	await(t, func() bool { return len(f.seen()) == 2 })
	settle(t, p)
	if got := f.seen(); !reflect.DeepEqual(got, []string{"2", "3"}) {
		t.Errorf("batches %q", got)
	}
}

// TestWhatFiltersDropIsNotReadAgain: the position moves on, in the file too, when nothing is ever delivered.
// https://docs.aws.amazon.com/lambda/latest/dg/invocation-eventfiltering.html
func TestWhatFiltersDropIsNotReadAgain(t *testing.T) {
	path := filepath.Join(t.TempDir(), "checkpoints.json")
	s := &shards{list: []memoryShard{{id: "a", records: []string{"1", "2", "3"}}}}
	f := &function{}
	p := start(t, s, f, template.StreamSource{Filters: []string{`{"eventName":["NONE"]}`}}, path)
	settle(t, p)
	await(t, func() bool {
		var positions map[string]string
		text, err := os.ReadFile(path)
		return err == nil && json.Unmarshal(text, &positions) == nil && positions[p.key("a")] == "3"
	})
	if len(f.seen()) != 0 {
		t.Errorf("batches %q", f.seen())
	}
}

// TestTheWindowEnds: a batch that does not fill goes out when its first record has waited for the window.
// https://docs.aws.amazon.com/lambda/latest/dg/services-dynamodb-eventsourcemapping.html
func TestTheWindowEnds(t *testing.T) {
	var clock atomic.Int64
	s := &shards{list: []memoryShard{{id: "a", records: []string{"1", "2"}}}}
	f := &function{}
	checkpoints, err := OpenCheckpoints("")
	if err != nil {
		t.Fatal(err)
	}
	p, err := Start(Options{
		Client: s, StreamARN: "arn", Reader: "mailer", Function: f, Checkpoints: checkpoints, Failures: &Failures{}, Log: quiet,
		Source: template.StreamSource{BatchSize: 10, Window: 5 * time.Second, MaxAge: -1},
		Now:    func() time.Time { return moment.Add(time.Duration(clock.Load())) },
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = p.Stop() })
	s.await(t, 3) // reads, the last of which found nothing
	clock.Store(int64(5*time.Second - 1))
	s.await(t, s.count()+2)
	if got := f.seen(); len(got) != 0 {
		t.Errorf("before the end of the window %q", got)
	}
	clock.Store(int64(5 * time.Second))
	await(t, func() bool { return reflect.DeepEqual(f.seen(), []string{"1 2"}) })
}

// TestRealLatest asks DynamoDB Local for the same.
func TestRealLatest(t *testing.T) {
	client, table := local.StreamedTableForTest(t)
	put := func(key string) {
		t.Helper()
		_, err := client.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: aws.String(table), Item: map[string]types.AttributeValue{
			"pk": &types.AttributeValueMemberS{Value: key}, "sk": &types.AttributeValueMemberS{Value: key},
		}})
		if err != nil {
			t.Fatal(err)
		}
	}
	about, err := client.DescribeTable(t.Context(), &dynamodb.DescribeTableInput{TableName: aws.String(table)})
	if err != nil {
		t.Fatal(err)
	}
	reader := func(f *function, latest bool) *Poller {
		t.Helper()
		checkpoints, err := OpenCheckpoints("")
		if err != nil {
			t.Fatal(err)
		}
		p, err := Start(Options{
			Client: local.Streams(local.ForTest(t)), StreamARN: *about.Table.LatestStreamArn, Reader: "mailer", Log: quiet,
			Source:   template.StreamSource{BatchSize: 1, MaxAge: -1, Latest: latest},
			Function: f, Checkpoints: checkpoints, Failures: &Failures{}, Now: time.Now,
		})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = p.Stop() })
		return p
	}
	oldest, latest := &function{}, &function{}
	put("before")
	p := reader(oldest, false)
	await(t, func() bool { return len(oldest.seen()) == 1 }) // so the stream has it
	q := reader(latest, true)
	put("after")
	await(t, func() bool { return len(oldest.seen()) == 2 && len(latest.seen()) == 1 })
	settle(t, p)
	settle(t, q)
	if all, last := oldest.seen(), latest.seen(); len(all) != 2 || !reflect.DeepEqual(last, all[1:]) {
		t.Errorf("from the oldest %q, from the latest %q", all, last)
	}
}
