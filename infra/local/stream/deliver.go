package stream

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"time"

	"twofold/infra/local/lambda"
)

// attempt is a part of a batch with what has been tried.
type attempt struct {
	records []record
	tried   int   // how often the function was invoked with just this part
	invoked int   // how often it was invoked with this part, alone or with others
	last    error // of the last invocation; nil where the function named what failed
}

// deliver invokes the function until every record of the batch is dealt with: accepted, too old, or tried often
// enough. Order is kept: nothing is tried before what came before it. It returns false when ctx, or the function's
// pool, ended before.
// https://docs.aws.amazon.com/lambda/latest/dg/services-ddb-batchfailurereporting.html
func (p *Poller) deliver(ctx context.Context, shardID string, batch []record) bool {
	parts := []attempt{{records: batch}}
	for len(parts) > 0 {
		part := parts[0]
		parts = parts[1:]
		if part = p.dropOld(shardID, part); len(part.records) == 0 {
			continue
		}
		failed, err := p.invoke(ctx, part.records)
		if ctx.Err() != nil || errors.Is(err, lambda.ErrStopped) {
			return false
		}
		if failed == len(part.records) {
			continue
		}
		if err != nil {
			p.report(ctx, "invoking", err)
		}
		again := []attempt{part}
		if !errors.Is(err, lambda.ErrThrottled) { // which never reached the function, and costs no retry
			part.invoked++
			part.last = err
			again = p.afterFailure(shardID, part, failed)
		}
		if len(again) > 0 {
			pause(ctx, p.backoff(again[0].tried))
		}
		parts = append(again, parts...)
	}
	return true
}

// afterFailure says what is tried next when the record at index failed, or any of them at zero, was not accepted. A
// function that named the record has moved on to there: the rest is tried as it is and the count begins anew.
// Otherwise the batch is halved where the source bisects, which costs no retry.
func (p *Poller) afterFailure(shardID string, part attempt, failed int) []attempt {
	if failed > 0 {
		part.records, part.tried = part.records[failed:], 1
		return []attempt{part}
	}
	if n := len(part.records); p.o.Source.Bisect && n > 1 {
		first, second := part, part
		first.records, second.records = part.records[:(n+1)/2], part.records[(n+1)/2:]
		return []attempt{first, second}
	}
	part.tried++
	if retries := p.o.Source.MaxRetries; retries >= 0 && part.tried > retries {
		p.fail(shardID, RetriesExhausted, part)
		return nil
	}
	return []attempt{part}
}

// invoke returns the index of the first record that was not accepted; the number of records when all were.
func (p *Poller) invoke(ctx context.Context, batch []record) (failed int, err error) {
	payload, err := eventOf(batch)
	if err != nil {
		return 0, err
	}
	answer, err := p.o.Function.Invoke(ctx, payload)
	if err != nil {
		return 0, err
	}
	if !p.o.Source.ReportFailures {
		return len(batch), nil
	}
	return firstFailure(answer, batch)
}

var errUnreadable = errors.New("stream: the answer names failures that are none of the batch's")

// firstFailure reads a partial-batch answer. The lowest sequence number counts, since everything behind it comes
// again. No answer, no list and an empty list are success; an id that is none of the batch's fails all of it.
func firstFailure(answer []byte, batch []record) (int, error) {
	var response struct {
		BatchItemFailures []struct{ ItemIdentifier string }
	}
	if len(answer) == 0 {
		return len(batch), nil
	}
	if err := json.Unmarshal(answer, &response); err != nil {
		return 0, errUnreadable
	}
	first := len(batch)
	for _, f := range response.BatchItemFailures {
		at := slices.IndexFunc(batch, func(r record) bool { return r.sequence == f.ItemIdentifier })
		if at < 0 {
			return 0, errUnreadable
		}
		first = min(first, at)
	}
	return first, nil
}

// retention is how long a DynamoDB stream keeps a record. One that is tried without end is tried until then, and is
// gone afterwards: "when set to infinite (-1), failed records are retried until the record expires".
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Streams.html
// https://docs.aws.amazon.com/lambda/latest/api/API_CreateEventSourceMapping.html
const retention = 24 * time.Hour

// dropOld takes out the records that are older than the source allows, which are given up, or older than the stream's
// retention, which are lost.
func (p *Poller) dropOld(shardID string, part attempt) attempt {
	limit := retention
	given := p.o.Source.MaxAge >= 0 && p.o.Source.MaxAge < retention
	if given {
		limit = p.o.Source.MaxAge
	}
	oldest := p.o.Now().Add(-limit)
	old, young := part, part
	old.records, young.records = nil, nil
	for _, r := range part.records {
		// Times on the stream are whole seconds, rounded down: a record must not count as older than it is.
		if r.created.Add(time.Second).Before(oldest) {
			old.records = append(old.records, r)
		} else {
			young.records = append(young.records, r)
		}
	}
	switch {
	case len(old.records) == 0:
	case given:
		p.fail(shardID, AgeExceeded, old)
	default:
		p.o.Log.Error("stream: records have left the stream", "reader", p.o.Reader, "records", len(old.records), "first", old.records[0].sequence)
	}
	return young
}
