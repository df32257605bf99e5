package main

import (
	"context"
	"iter"
	"time"
)

// leastRounds are taken however long they last: one alone has no middle.
const leastRounds = 3

// limit is how many rounds are taken, and after which time no further one.
type limit struct {
	rounds int
	time   time.Duration
}

// take counts the rounds from 0.
func (l limit) take() iter.Seq[int] {
	began := time.Now()
	return func(yield func(int) bool) {
		for n := 0; n < l.rounds && (n < leastRounds || time.Since(began) < l.time); n++ {
			if !yield(n) {
				return
			}
		}
	}
}

// turns are how often both are at work within a round: the shorter each time, the less it matters what else the machine does.
const turns = 4

// sideBySide measures both in turns, a pair for each, and gives the product's replies.
func sideBySide(ctx context.Context, clients int, productFirst bool, bare, product []call) (pairs []pair, replies []reply, err error) {
	for turn := range turns {
		var p pair
		first := func() (err error) {
			p.bare, _, err = work(ctx, clients, share(bare, turn))
			return err
		}
		second := func() (err error) {
			var more []reply
			p.product, more, err = work(ctx, clients, share(product, turn))
			replies = append(replies, more...)
			return err
		}
		if productFirst {
			first, second = second, first
		}
		if err := first(); err != nil {
			return nil, nil, err
		}
		if err := second(); err != nil {
			return nil, nil, err
		}
		pairs = append(pairs, p)
	}
	return pairs, replies, nil
}

// share is one turn's part of all calls.
func share(calls []call, turn int) []call {
	return calls[len(calls)*turn/turns : len(calls)*(turn+1)/turns]
}
