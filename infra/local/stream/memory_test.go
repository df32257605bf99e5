package stream

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodbstreams"
	"github.com/aws/aws-sdk-go-v2/service/dynamodbstreams/types"
)

// shards is a stream in memory: each shard has a parent, records, and may be closed.
type shards struct {
	mu      sync.Mutex
	list    []memoryShard
	reads   int // calls of GetRecords so far
	expired int // how many reads are still to be answered with an expired iterator
	trimmed bool
}

type memoryShard struct {
	id, parent string
	records    []string // sequence numbers
	closed     bool
}

func (s *shards) DescribeStream(_ context.Context, in *dynamodbstreams.DescribeStreamInput, _ ...func(*dynamodbstreams.Options)) (*dynamodbstreams.DescribeStreamOutput, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := &dynamodbstreams.DescribeStreamOutput{StreamDescription: &types.StreamDescription{}}
	from := 0
	for i, sh := range s.list {
		if sh.id == aws.ToString(in.ExclusiveStartShardId) {
			from = i + 1
		}
	}
	if from < len(s.list) { // pages of one, to see that all are read
		one := types.Shard{ShardId: aws.String(s.list[from].id)}
		if p := s.list[from].parent; p != "" {
			one.ParentShardId = aws.String(p)
		}
		one.SequenceNumberRange = &types.SequenceNumberRange{}
		if s.list[from].closed {
			one.SequenceNumberRange.EndingSequenceNumber = aws.String("0")
		}
		out.StreamDescription.Shards = []types.Shard{one}
		if from+1 < len(s.list) {
			out.StreamDescription.LastEvaluatedShardId = one.ShardId
		}
	}
	return out, nil
}

func (s *shards) GetShardIterator(_ context.Context, in *dynamodbstreams.GetShardIteratorInput, _ ...func(*dynamodbstreams.Options)) (*dynamodbstreams.GetShardIteratorOutput, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.trimmed && in.SequenceNumber != nil {
		return nil, &types.TrimmedDataAccessException{}
	}
	at := 0
	if in.ShardIteratorType == types.ShardIteratorTypeLatest {
		at = len(s.shard(*in.ShardId).records)
	}
	if in.SequenceNumber != nil {
		at = slices.Index(s.shard(*in.ShardId).records, *in.SequenceNumber) + 1
	}
	return &dynamodbstreams.GetShardIteratorOutput{ShardIterator: aws.String(fmt.Sprintf("%s %d", *in.ShardId, at))}, nil
}

func (s *shards) GetRecords(_ context.Context, in *dynamodbstreams.GetRecordsInput, _ ...func(*dynamodbstreams.Options)) (*dynamodbstreams.GetRecordsOutput, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.reads++
	if s.expired > 0 {
		s.expired--
		return nil, &types.ExpiredIteratorException{}
	}
	var id string
	var at int
	if _, err := fmt.Sscan(*in.ShardIterator, &id, &at); err != nil {
		return nil, err
	}
	sh := s.shard(id)
	out := &dynamodbstreams.GetRecordsOutput{}
	end := min(at+2, len(sh.records))
	for _, sequence := range sh.records[at:end] {
		out.Records = append(out.Records, types.Record{Dynamodb: &types.StreamRecord{
			SequenceNumber: aws.String(sequence), ApproximateCreationDateTime: aws.Time(moment),
		}})
	}
	if end < len(sh.records) || !sh.closed {
		out.NextShardIterator = aws.String(fmt.Sprintf("%s %d", id, end))
	}
	return out, nil
}

func (s *shards) shard(id string) *memoryShard {
	at := slices.IndexFunc(s.list, func(m memoryShard) bool { return m.id == id })
	return &s.list[at]
}

// write adds a record to a shard.
func (s *shards) write(id, sequence string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	sh := s.shard(id)
	sh.records = append(sh.records, sequence)
}

func (s *shards) count() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.reads
}

// await waits until there have been n reads.
func (s *shards) await(t *testing.T, n int) {
	t.Helper()
	await(t, func() bool { return s.count() >= n })
}
