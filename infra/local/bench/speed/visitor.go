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

// visits takes the rounds: everybody of a round is new there, and each answers once.
func (b *bench) visits(ctx context.Context, s *stack.Stack, v visitor, t *town, rounds int) ([]series, error) {
	visited := []operation{login, rightAnswer}
	var all []series
	for _, o := range visited {
		all = append(all, series{operation: o, clients: one}, series{operation: o, clients: many})
	}
	for n := range localSize.warm + rounds {
		for c, clients := range []int{one, many} {
			people, err := t.enroll(ctx, localSize.of(clients))
			if err != nil {
				return nil, err
			}
			b.clock.advance(pace)
			for at, o := range visited {
				p, err := b.visit(ctx, s, v, o, people, clients, n%2 == 1)
				if err != nil {
					return nil, err
				}
				if n >= localSize.warm {
					all[2*at+c].pairs = append(all[2*at+c].pairs, p)
				}
			}
		}
	}
	return all, nil
}

// visit is one operation for everybody, through the stack and bare.
func (b *bench) visit(ctx context.Context, s *stack.Stack, v visitor, o operation, people []*person, clients int, productFirst bool) (pair, error) {
	calls := make([]call, len(people))
	for at, p := range people {
		var err error
		if calls[at], err = v.prepare(o, p, time.Now()); err != nil {
			return pair{}, err
		}
	}
	bare, err := b.ceiling(ctx, o, len(people))
	if err != nil {
		return pair{}, err
	}
	if err := s.Settle(ctx); err != nil { // what the stream's readers still do is not the next phase's
		return pair{}, err
	}
	p, replies, err := sideBySide(ctx, clients, productFirst, bare, calls)
	if err != nil {
		return pair{}, err
	}
	for at, r := range replies {
		if err := o.took(people[at], r); err != nil {
			return pair{}, err
		}
	}
	return p, nil
}
