package stream

import (
	"encoding/json"
	"slices"
	"sync"
)

// Condition says why records were given up, in Lambda's words.
type Condition string

// Lambda's conditions.
const (
	RetriesExhausted Condition = "RetryAttemptsExhausted"
	AgeExceeded      Condition = "RecordAgeExceeded"
)

// Failure is what an on-failure destination is told: positions, which are enough to read the records again while the
// stream has them. Records are kept besides, for tests; they hold items, and a real queue does not get them.
type Failure struct {
	Reader      string
	Destination string // the template's name of it: "MailerFailures.Arn"
	Condition   Condition
	Attempts    int
	ShardID     string
	First, Last string // sequence numbers
	Records     []json.RawMessage
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

func (f *Failures) add(one Failure) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.list = append(f.list, one)
}

// fail gives records up. Without a destination they are only logged, as on Lambda.
func (p *Poller) fail(shardID string, why Condition, attempts int, records []record) {
	p.o.Log.Error("stream: records were given up", "reader", p.o.Reader, "condition", string(why),
		"records", len(records), "first", records[0].sequence)
	if p.o.Source.OnFailure == "" {
		return
	}
	one := Failure{
		Reader: p.o.Reader, Destination: p.o.Source.OnFailure, Condition: why, Attempts: attempts, ShardID: shardID,
		First: records[0].sequence, Last: records[len(records)-1].sequence,
	}
	for _, r := range records {
		one.Records = append(one.Records, r.wire)
	}
	p.o.Failures.add(one)
}
