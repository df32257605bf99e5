package stream

import (
	"context"
	"errors"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodbstreams"
	"github.com/aws/aws-sdk-go-v2/service/dynamodbstreams/types"
)

// maxPayload is the most that a batch may hold, in bytes; Lambda takes 6 MB with the frame around the records.
const maxPayload = 6_000_000

// pace is how long to wait before looking again: short while there is work, longer while there is none.
type pace struct{ shortest, longest time.Duration }

// shard reads one shard in order. Everything in it belongs to one goroutine.
type shard struct {
	poller *Poller
	id     string
	key    string // in the checkpoints
	idle   func() // called when nothing is left to read and to deliver

	latest  bool     // begin with what comes
	last    string   // the last record that was read
	pending []record // read, passed the filters, not yet delivered
	since   time.Time
}

// readToEnd returns true when the shard is closed and delivered, false when ctx ended before.
func (s *shard) readToEnd(ctx context.Context) bool {
	iterator := s.poller.begins[s.id]
	s.latest = iterator != nil
	s.last = s.poller.o.Checkpoints.get(s.key)
	wait := s.poller.poll.shortest
	for ctx.Err() == nil {
		var records []types.Record
		var err error
		if iterator == nil {
			iterator, err = s.iterator(ctx)
		}
		if err == nil {
			records, iterator, err = s.get(ctx, iterator)
		}
		if err != nil {
			s.poller.report(ctx, "reading a shard", err)
			iterator, wait = nil, s.poller.poll.longest
		} else if len(records) > 0 {
			s.take(records)
			wait = s.poller.poll.shortest
		} else {
			wait = min(wait*3/2, s.poller.poll.longest)
		}
		closed := err == nil && iterator == nil
		if !s.deliverDue(ctx, closed) {
			return false
		}
		s.save(ctx)
		if closed {
			return true
		}
		if len(records) == 0 {
			if err == nil && len(s.pending) == 0 {
				s.idle()
			}
			pause(ctx, wait)
		}
	}
	return false
}

// iterator begins after the last record read. Where that is no longer there, the oldest one is the best beginning. A
// source that wants the latest only and has read nothing yet goes on wanting that.
func (s *shard) iterator(ctx context.Context) (*string, error) {
	in := &dynamodbstreams.GetShardIteratorInput{
		StreamArn: aws.String(s.poller.o.StreamARN), ShardId: aws.String(s.id),
		ShardIteratorType: types.ShardIteratorTypeTrimHorizon,
	}
	if s.last != "" {
		in.ShardIteratorType = types.ShardIteratorTypeAfterSequenceNumber
		in.SequenceNumber = aws.String(s.last)
	} else if s.latest {
		in.ShardIteratorType = types.ShardIteratorTypeLatest
	}
	out, err := s.poller.o.Client.GetShardIterator(ctx, in)
	if err != nil {
		s.forgetTrimmed(err)
		return nil, err
	}
	return out.ShardIterator, nil
}

func (s *shard) get(ctx context.Context, iterator *string) (records []types.Record, next *string, err error) {
	out, err := s.poller.o.Client.GetRecords(ctx, &dynamodbstreams.GetRecordsInput{ShardIterator: iterator})
	if err != nil {
		s.forgetTrimmed(err)
		return nil, nil, err
	}
	return out.Records, out.NextShardIterator, nil
}

func (s *shard) forgetTrimmed(err error) {
	var trimmed *types.TrimmedDataAccessException
	if errors.As(err, &trimmed) {
		s.last, s.latest = "", false
		s.poller.o.Checkpoints.forget(s.key)
	}
}

// take filters what was read. Filters come before batches: what they drop takes no place in one.
func (s *shard) take(records []types.Record) {
	for _, r := range records {
		read, err := newRecord(r, s.poller.o.StreamARN)
		if err != nil {
			s.poller.o.Log.Error("stream: a record was dropped", "reader", s.poller.o.Reader, "error", err)
			continue
		}
		s.last = read.sequence
		if read.passes(s.poller.filters) {
			if len(s.pending) == 0 {
				s.since = s.poller.o.Now()
			}
			s.pending = append(s.pending, read)
		}
	}
	s.checkpoint()
}

// save writes the checkpoints, so that neither what was delivered nor what the filters dropped is read again.
func (s *shard) save(ctx context.Context) {
	if err := s.poller.o.Checkpoints.Save(); err != nil {
		s.poller.report(ctx, "writing checkpoints", err)
	}
}

// deliverDue delivers full batches, and what there is when the window is over or the shard has ended. It returns
// false when ctx ended before all of that was done.
func (s *shard) deliverDue(ctx context.Context, closed bool) bool {
	for len(s.pending) > 0 {
		n := s.batchLength()
		full := n < len(s.pending) || n == s.poller.o.Source.BatchSize
		if !full && !closed && s.poller.o.Now().Sub(s.since) < s.poller.o.Source.Window {
			return true
		}
		if !s.poller.deliver(ctx, s.id, s.pending[:n]) {
			return false
		}
		s.pending = s.pending[n:]
		s.since = s.poller.o.Now()
		s.checkpoint()
		s.save(ctx)
	}
	return true
}

func (s *shard) batchLength() int {
	size := 0
	for n, r := range s.pending {
		if size += len(r.wire) + 1; n > 0 && (size > maxPayload || n == s.poller.o.Source.BatchSize) {
			return n
		}
	}
	return len(s.pending)
}

// checkpoint notes the record before the first one that is still to be delivered. While some are, the position stays
// where it was; the records between are filtered again after a crash.
func (s *shard) checkpoint() {
	if len(s.pending) == 0 && s.last != "" {
		s.poller.o.Checkpoints.set(s.key, s.last)
	}
}

func pause(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}
