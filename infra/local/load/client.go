package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"

	"twofold/infra/local/load/ledger"
)

// client is one of several that act at once: an application's backend with its own users, and an administrator's
// console.
type client struct {
	*world
	number int
	random *rand.Rand
	people []*person
	limit  int // of people
}

// share is how much of the run is over, from 0 to 1: what a user can do a limited number of times (fail, use saved
// codes) is spread over it, so that the last minutes are as mixed as the first.
func (c *client) share() float64 {
	return min(1, time.Since(c.began).Seconds()/c.length.Seconds())
}

// spread is how many of so many times a thing may have been done by now: a tenth at once, all at the end.
func (c *client) spread(times int) int {
	return int(float64(times) * (0.1 + 0.9*c.share()))
}

// mailGap lies between two things that cost the same user mails.
func (c *client) mailGap() time.Duration { return min(4*time.Minute, c.length/10) }

// canOrder reports whether a user may order n further codes, by the product's limits and by our own spreading.
func (c *client) canOrder(p *person, n int) bool {
	now := time.Now()
	if !p.canOrder(n, now) { // which forgets old orders
		return false
	}
	last := len(p.orders) - 1
	return last < 0 || now.Sub(p.orders[last]) > c.mailGap()
}

// canFail reports whether a user has room for n further wrong answers, likewise.
func (c *client) canFail(p *person, n int) bool {
	return p.CanFail(n) && p.Failures.Most+n <= 2+c.spread(ledger.InDay-2)
}

// newClient makes a client whose choices follow from the seed.
func newClient(w *world, number, limit int, seed uint64) *client {
	return &client{world: w, number: number, limit: limit, random: rand.New(rand.NewPCG(seed, uint64(number)))}
}

// chance is true with a probability in per cent.
func (c *client) chance(percent int) bool { return c.random.IntN(100) < percent }

// act does one thing after another until ctx ends.
func (c *client) act(ctx context.Context) {
	for ctx.Err() == nil {
		c.gate.RLock()
		if ctx.Err() == nil {
			c.next()(context.WithoutCancel(ctx))
		}
		c.gate.RUnlock()
		sleep(ctx, time.Duration(c.random.IntN(20))*time.Millisecond)
	}
}

// next chooses what is done. What was begun is finished, whatever ctx says: an outcome that nobody waits for can
// not be checked.
func (c *client) next() func(context.Context) {
	type choice struct {
		weight int
		do     func(context.Context)
	}
	choices := []choice{
		{20, c.patiently(c.register)}, {24, c.signIn}, {10, c.signInTwice}, {8, c.stumble}, {6, c.replay},
		{5, c.patiently(c.recoverByMail)}, {5, c.recoverBySaved}, {5, c.patiently(c.reset)}, {4, c.patiently(c.changePolicy)},
		{8, c.read}, {12, c.ask},
	}
	total := 0
	for _, one := range choices {
		total += one.weight
	}
	at := c.random.IntN(total)
	for _, one := range choices {
		if at -= one.weight; at < 0 {
			return one.do
		}
	}
	return c.ask
}

// patiently does something that may wait for mail, unless enough others do: a mailer that dies holds all mail up, and
// the traffic must go on.
func (c *client) patiently(do func(context.Context)) func(context.Context) {
	return func(ctx context.Context) {
		select {
		case c.waiting <- struct{}{}:
			defer func() { <-c.waiting }()
			do(ctx)
		default:
		}
	}
}

// pick gives somebody who fits, beginning anywhere; nil where nobody does.
func (c *client) pick(fits func(*person) bool) *person {
	for n, from := 0, c.random.IntN(len(c.people)+1); n < len(c.people); n++ {
		if p := c.people[(from+n)%len(c.people)]; fits(p) {
			return p
		}
	}
	return nil
}

// ready is somebody enrolled whose phone shows a fresh code, with room for so many wrong answers.
func (c *client) ready(failures int) *person {
	now := time.Now()
	return c.pick(func(p *person) bool { return p.canShow(now) && c.canFail(p, failures) })
}

// register brings in somebody new, or takes somebody through an enrolment again.
func (c *client) register(ctx context.Context) {
	p := c.pick(func(p *person) bool { return !p.Enrolled && c.canOrder(p, enrolmentCodes) })
	if p == nil && len(c.people) < c.limit {
		p = c.newcomer()
		c.people = append(c.people, p)
	}
	if p != nil {
		c.enroll(ctx, p)
	}
}

func (c *client) newcomer() *person {
	org := c.orgs[c.random.IntN(len(c.orgs))]
	name := fmt.Sprintf("user-%d-%d", c.number, len(c.people))
	return &person{
		Account: ledger.NewAccount(org.id, name), org: org, seen: map[string]bool{},
		email: name + "@" + org.id + ".example", recovery: name + "@home.example",
	}
}
