package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	"twofold/infra/local/stack"
)

// bench is one run.
type bench struct {
	plan
	stack         *stack.Stack
	api           *api
	receipts      *receipts
	id            string // of the announcement
	with, without []time.Duration
	kills         int
	memory        memory
}

// tickEvery is how often a tick is fired besides those of the schedule, so that the run does not wait a minute for the next one after a kill
// or a pause. Ticks at once are harmless, which is checked with the rest.
const tickEvery = 5 * time.Second

func (p plan) run(ctx context.Context, s *stack.Stack) (verdict, error) {
	b := &bench{plan: p, stack: s, receipts: newReceipts(p.users)}
	s.SES.SetFault(b.receipts.take)
	began := time.Now()
	if err := populate(ctx, s, p.users); err != nil {
		return verdict{}, err
	}
	if err := s.Settle(ctx); err != nil {
		return verdict{}, err
	}
	fmt.Printf("%d users registered in %v\n", p.users, time.Since(began).Round(time.Second))
	var err error
	if b.api, err = open(ctx, s); err != nil {
		return verdict{}, err
	}
	a, err := b.api.announce(ctx)
	if err != nil {
		return verdict{}, err
	}
	b.id = a.ID
	return b.carry(ctx)
}

// carry watches the announcement to its end.
func (b *bench) carry(ctx context.Context) (verdict, error) {
	ctx, cancel := context.WithCancel(ctx)
	var wait sync.WaitGroup
	defer wait.Wait()
	defer cancel()
	wait.Go(func() { b.tick(ctx) })
	wait.Go(func() { b.memory.watch(ctx, b.stack) })
	began := time.Now()
	if err := b.compare(ctx, b.turns, b.orders); err != nil {
		return verdict{}, err
	}
	fmt.Printf("%d codes ordered in %v\n", len(b.with)+len(b.without), time.Since(began).Round(time.Second))
	end, err := b.kill(ctx)
	return b.judge(end, time.Since(began)), err
}

// tick fires ticks and waits for none.
func (b *bench) tick(ctx context.Context) {
	for ctx.Err() == nil {
		go func() { _ = b.stack.Fire(ctx, "mailer", "Tick") }() // one that is killed is an error, and tried again later
		sleep(ctx, tickEvery)
	}
}

// kill ends mailers at random moments until the announcement has ended.
func (b *bench) kill(ctx context.Context) (announcement, error) {
	random := rand.New(rand.NewPCG(b.seed, 0))
	next := b.after(random)
	for said := time.Now(); ; sleep(ctx, 250*time.Millisecond) {
		a, err := b.api.announcement(ctx, b.id)
		if err != nil || ctx.Err() != nil || a.State == "ended" {
			return a, err
		}
		if time.Since(said) > 30*time.Second {
			said = time.Now()
			fmt.Printf("%d of %d, %d unknown, %d kills\n", a.Progress.Seen, b.users, a.Progress.Unknown, b.kills)
		}
		if b.plan.kills == 0 || time.Now().Before(next) {
			continue
		}
		killed, err := b.stack.KillInstance("mailer", random.IntN)
		if err != nil {
			return a, err
		}
		if killed {
			b.kills++
		}
		next = b.after(random)
	}
}

// after is the moment of the next kill, at up to twice the average, to the millisecond.
func (b *bench) after(random *rand.Rand) time.Time {
	return time.Now().Add(time.Duration(random.Int64N(max(1, 2*b.plan.kills.Milliseconds()))) * time.Millisecond)
}

func sleep(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}
