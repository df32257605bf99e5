package main

import "context"

// turns are how often both are at work within a pair: the shorter each time, the less it matters what else the machine does.
const turns = 4

// sideBySide measures both, in turns, and gives the product's replies.
func sideBySide(ctx context.Context, clients int, productFirst bool, bare, product []call) (p pair, replies []reply, err error) {
	for turn := range turns {
		first := func() error {
			part, _, err := work(ctx, clients, share(bare, turn))
			p.bare = p.bare.plus(part)
			return err
		}
		second := func() error {
			part, more, err := work(ctx, clients, share(product, turn))
			p.product, replies = p.product.plus(part), append(replies, more...)
			return err
		}
		if productFirst {
			first, second = second, first
		}
		if err := first(); err != nil {
			return p, nil, err
		}
		if err := second(); err != nil {
			return p, nil, err
		}
	}
	return p, replies, nil
}

// share is one turn's part of all calls.
func share(calls []call, turn int) []call {
	return calls[len(calls)*turn/turns : len(calls)*(turn+1)/turns]
}
