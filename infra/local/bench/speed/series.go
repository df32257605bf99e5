package main

import "slices"

// pair is one turn of the bare calls and one of the product, measured one after the other.
type pair struct{ bare, product phase }

// ratio is the product's rate as a part of the ceiling's.
func (p pair) ratio() float64 { return p.product.rate() / p.bare.rate() }

// series is one operation at a number of clients, in all turns of all rounds.
type series struct {
	operation operation
	clients   int
	pairs     []pair
}

// tally is the series of some operations, of each at 1 and at 8 clients. The empty one takes no note.
type tally []series

func newTally(operations []operation) tally {
	var all tally
	for _, o := range operations {
		all = append(all, series{operation: o, clients: one}, series{operation: o, clients: many})
	}
	return all
}

func (t tally) note(o operation, clients int, pairs []pair) {
	for at := range t {
		if t[at].operation.name == o.name && t[at].clients == clients {
			t[at].pairs = append(t[at].pairs, pairs...)
		}
	}
}

// of gives a value of every pair, in order of size.
func (s series) of(value func(pair) float64) []float64 {
	values := make([]float64, len(s.pairs))
	for at, p := range s.pairs {
		values[at] = value(p)
	}
	slices.Sort(values)
	return values
}

// median is the middle of what of gives.
func (s series) median(value func(pair) float64) float64 { return s.quantile(value, 0.5) }

// quantile is the value that a part of all are not above; between two, the lower.
func (s series) quantile(value func(pair) float64, part float64) float64 {
	values := s.of(value)
	return values[int(part*float64(len(values)-1))]
}

// each is a value for one call.
func each(of func(pair) phase, value func(phase) float64) func(pair) float64 {
	return func(p pair) float64 { return value(of(p)) / float64(of(p).calls) }
}

func bareOf(p pair) phase    { return p.bare }
func productOf(p pair) phase { return p.product }
