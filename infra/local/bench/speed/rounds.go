package main

import (
	"context"
	"time"
)

const (
	table = "bench"
	// pace is by how much the clock moves between two rounds: every code is a fresh one, and mailed codes are ordered
	// four times within ten minutes, where five are allowed.
	pace = 150 * time.Second
)

// size is how many operations a round has, at least one for each turn, and how many rounds go before the first that counts: Java compiles what
// it runs often, which takes thousands of calls.
type size struct{ many, one, warm int }

var usual = size{many: 400, one: 150, warm: 2}

func (s size) of(clients int) int {
	if clients == one {
		return s.one
	}
	return s.many
}

// bench is the product in this process, and the people who take part: those who are asked about, those whose items
// the bare calls write, and the model whose calls the bare ones repeat.
type bench struct {
	*product
	size  size
	asked []*person
	bare  []*person
	model *person
	units map[string]units // the most that an operation has cost, by its name
}

// prepare makes the product and its people in the table that the environment names.
func prepare(ctx context.Context, size size) (*bench, error) {
	p, err := newProduct(ctx)
	if err != nil {
		return nil, err
	}
	n := max(size.many, size.one)
	people, err := p.town.enroll(ctx, 2*n+1)
	if err != nil {
		return nil, err
	}
	return &bench{
		product: p, size: size, asked: people[:n], bare: people[n : 2*n], model: people[2*n], units: map[string]units{},
	}, nil
}

// warm takes the rounds that do not count.
func (b *bench) warm(ctx context.Context) error {
	for range b.size.warm {
		if err := b.round(ctx, many, false, tally{}); err != nil {
			return err
		}
	}
	return nil
}

// measure takes so many rounds at 1 and at 8 clients.
func (b *bench) measure(ctx context.Context, rounds limit) ([]series, error) {
	all := newTally(operations)
	for n := range rounds.take() {
		for _, clients := range []int{one, many} {
			if err := b.round(ctx, clients, n%2 == 1, all); err != nil {
				return nil, err
			}
		}
	}
	return all, nil
}

// round is every operation once for everybody. What comes first in a pair is first in every second round only, so that
// whatever grows in the meantime is nobody's advantage.
func (b *bench) round(ctx context.Context, clients int, productFirst bool, all tally) error {
	b.clock.advance(pace)
	for _, o := range operations {
		asked, err := b.answers(o, b.asked[:b.size.of(clients)])
		if err != nil {
			return err
		}
		bare, err := b.ceiling(ctx, o, b.size.of(clients))
		if err != nil {
			return err
		}
		pairs, replies, err := sideBySide(ctx, clients, productFirst, bare, asked)
		if err != nil {
			return err
		}
		for at, r := range replies {
			if err := b.took(o, b.asked[at], r); err != nil {
				return err
			}
		}
		all.note(o, clients, pairs)
	}
	return nil
}

func (b *bench) answers(o operation, people []*person) ([]call, error) {
	calls := make([]call, len(people))
	for at, p := range people {
		var err error
		if calls[at], err = b.prepare(b.handler, o, p, b.clock.Now()); err != nil {
			return nil, err
		}
	}
	return calls, nil
}

func (b *bench) took(o operation, p *person, r reply) error {
	answer, err := unpacked(r)
	if err != nil {
		return err
	}
	return o.took(p, answer)
}

// ceiling has the model do the operation, and gives the bare calls of it for n others.
func (b *bench) ceiling(ctx context.Context, o operation, n int) ([]call, error) {
	b.recorder.reset()
	ask, err := b.prepare(b.recorded, o, b.model, b.clock.Now())
	if err != nil {
		return nil, err
	}
	answer, err := ask(ctx)
	if err == nil {
		err = b.took(o, b.model, answer)
	}
	if err != nil {
		return nil, err
	}
	replay, err := replayOf(b.model, b.recorder)
	if err != nil {
		return nil, err
	}
	most := b.units[o.name]
	b.units[o.name] = units{max(most.reads, b.recorder.units.reads), max(most.writes, b.recorder.units.writes)}
	calls := make([]call, n)
	for at := range calls {
		calls[at] = replay.call(b.client, b.bare[at])
	}
	return calls, nil
}
