package main

import "slices"

// pair is the bare calls and the product, measured one after the other.
type pair struct{ bare, product phase }

// ratio is the product's rate as a part of the ceiling's.
func (p pair) ratio() float64 { return p.product.rate() / p.bare.rate() }

// series is one operation at a number of clients, over all rounds.
type series struct {
	operation operation
	clients   int
	pairs     []pair
}

// of gives a value of every round, in order of size.
func (s series) of(value func(pair) float64) []float64 {
	values := make([]float64, len(s.pairs))
	for at, p := range s.pairs {
		values[at] = value(p)
	}
	slices.Sort(values)
	return values
}

// median is the middle of what of gives; of an even number, the lower of the two in the middle.
func (s series) median(value func(pair) float64) float64 {
	values := s.of(value)
	return values[(len(values)-1)/2]
}

// each is a value for one call.
func each(of func(pair) phase, value func(phase) float64) func(pair) float64 {
	return func(p pair) float64 { return value(of(p)) / float64(of(p).calls) }
}

func bareOf(p pair) phase    { return p.bare }
func productOf(p pair) phase { return p.product }
