package main

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"time"

	"twofold/infra/local/stack"
)

// visitor calls the API over HTTP.
type visitor struct {
	client *http.Client
	url    string
	key    string
}

func (v visitor) prepare(o operation, of *person, now time.Time) (call, error) {
	r, err := o.of(of, now)
	if err != nil {
		return nil, err
	}
	return func(ctx context.Context) (reply, error) {
		asked, err := http.NewRequestWithContext(ctx, http.MethodPost, v.url+r.path, bytes.NewReader(r.body))
		if err != nil {
			return reply{}, err
		}
		asked.Header.Set("Authorization", "Bearer "+v.key)
		asked.Header.Set("Content-Type", "application/json")
		if r.idempotency != "" {
			asked.Header.Set("Idempotency-Key", r.idempotency)
		}
		answer, err := v.client.Do(asked)
		if err != nil {
			return reply{}, err
		}
		defer answer.Body.Close()
		body, err := io.ReadAll(answer.Body)
		return reply{answer.StatusCode, body}, err
	}, nil
}

// visited are the operations that go through the stack.
var visited = []operation{login, rightAnswer}

// visits takes the rounds.
func (b *bench) visits(ctx context.Context, s *stack.Stack, v visitor, t *town, rounds limit) ([]series, error) {
	for range localSize.warm {
		if err := b.day(ctx, s, v, t, false, tally{}); err != nil {
			return nil, err
		}
	}
	all := newTally(visited)
	for n := range rounds.take() {
		if err := b.day(ctx, s, v, t, n%2 == 1, all); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// day is a round at 1 and at 8 clients. Everybody in it is new, and answers once.
func (b *bench) day(ctx context.Context, s *stack.Stack, v visitor, t *town, productFirst bool, all tally) error {
	for _, clients := range []int{one, many} {
		people, err := t.enroll(ctx, localSize.of(clients))
		if err != nil {
			return err
		}
		b.clock.advance(pace)
		for _, o := range visited {
			pairs, err := b.visit(ctx, s, v, o, people, clients, productFirst)
			if err != nil {
				return err
			}
			all.note(o, clients, pairs)
		}
	}
	return nil
}

// visit is one operation for everybody, through the stack and bare.
func (b *bench) visit(ctx context.Context, s *stack.Stack, v visitor, o operation, people []*person, clients int, productFirst bool) ([]pair, error) {
	calls := make([]call, len(people))
	for at, p := range people {
		var err error
		if calls[at], err = v.prepare(o, p, time.Now()); err != nil {
			return nil, err
		}
	}
	bare, err := b.ceiling(ctx, o, len(people))
	if err != nil {
		return nil, err
	}
	if err := s.Settle(ctx); err != nil { // what the stream's readers still do is not the next phase's
		return nil, err
	}
	pairs, replies, err := sideBySide(ctx, clients, productFirst, bare, calls)
	if err != nil {
		return nil, err
	}
	for at, r := range replies {
		if err := o.took(people[at], r); err != nil {
			return nil, err
		}
	}
	return pairs, nil
}
