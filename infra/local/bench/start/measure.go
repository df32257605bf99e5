package main

import (
	"context"
	"fmt"
	"slices"
	"time"
)

// hello is compared with as if it were a variant.
const hello variant = "hello"

var variants = []variant{hello, ours, defaults, lazy}

// row is what was measured of one function: medians.
type row struct {
	name     string
	ready    map[variant]time.Duration // exec → first request for work
	answered map[variant]time.Duration // exec → first answer, at full processor
	shared   map[variant]time.Duration // the same, invoked with the share of 256 MB; nil where that cannot be had
}

// measure starts the variants in turn, with the limit and without.
func (b *bench) measure(ctx context.Context, f function, runs int) (row, error) {
	full, shared := map[variant][]timing{}, map[variant][]timing{}
	for i := range runs + 1 {
		for _, v := range variants {
			if err := b.once(ctx, f, v, nil, full); err != nil {
				return row{}, err
			}
			if b.share == nil {
				continue
			}
			if err := b.once(ctx, f, v, b.share.take, shared); err != nil {
				return row{}, err
			}
		}
		if i == 0 { // which reads the binaries from disk
			clear(full)
			clear(shared)
		}
	}
	r := row{name: f.name, ready: map[variant]time.Duration{}, answered: map[variant]time.Duration{}}
	for _, v := range variants {
		// The limit comes after the init phase, so both give its time.
		r.ready[v] = median(slices.Concat(full[v], shared[v]), func(t timing) time.Duration { return t.ready })
		r.answered[v] = median(full[v], answered)
	}
	if b.share != nil {
		r.shared = map[variant]time.Duration{}
		for _, v := range variants {
			r.shared[v] = median(shared[v], answered)
		}
	}
	return r, nil
}

func (b *bench) once(ctx context.Context, f function, v variant, limit func(int) error, into map[variant][]timing) error {
	binary, payload := f.binaries[v], f.payload
	if v == hello {
		binary, payload = b.hello, []byte("{}")
	}
	t, err := start(ctx, binary, f.environmentOf(v), payload, limit)
	if err != nil {
		return fmt.Errorf("%s: %w", v, err)
	}
	into[v] = append(into[v], t)
	return nil
}

func answered(t timing) time.Duration { return t.answered }

func median(list []timing, of func(timing) time.Duration) time.Duration {
	var all []time.Duration
	for _, t := range list {
		all = append(all, of(t))
	}
	slices.Sort(all)
	return all[len(all)/2]
}
