package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	"twofold/infra/local/load/ledger"
)

const (
	// round is how long the world acts between two looks at the mail.
	round = 3 * time.Minute
	// judged is the least length of a run in which instances live long enough to show what they leak.
	judged = 10 * time.Minute
	// told is the time between two lines of progress.
	told = 30 * time.Second
)

// load acts, reckons and says how it went.
func (p plan) load(ctx context.Context, w *world) error {
	began := time.Now()
	w.began, w.length = began, p.length
	clients, memory := p.clientsOf(w), &memory{of: w.stack, instances: map[int]*life{}}
	acting, stop := context.WithTimeout(ctx, p.length)
	defer stop()
	killer := &killer{world: w, of: w.stack, random: rand.New(rand.NewPCG(p.seed, 1<<32)), spared: map[string]int{}}
	killer.sparing = func() bool { return p.length >= judged && time.Since(began) > p.length/3 }

	var wait sync.WaitGroup
	for _, c := range clients {
		wait.Go(func() { c.act(acting) })
	}
	wait.Go(func() { killer.act(acting) })
	wait.Go(func() { w.sicken(acting, rand.New(rand.NewPCG(p.seed, 1<<33))) })
	wait.Go(func() { memory.act(acting, p.length/300) })
	wait.Go(func() { p.progress(acting, w, memory, began) })
	failed := p.rounds(acting, w)
	wait.Wait()
	if ctx.Err() != nil {
		return errors.New("stopped before the end, or a part of the stack has ended by itself")
	}
	if failed != nil {
		return failed
	}
	return p.end(ctx, w, clients, memory, began)
}

func (p plan) clientsOf(w *world) []*client {
	var clients []*client
	for n := range p.clients {
		clients = append(clients, newClient(w, n, p.people, p.seed))
	}
	return clients
}

// rounds lets the world stand still now and then and looks at the mail, so that neither the mailboxes nor the ledger
// grow with the length of the run. A failure ends the acting no earlier, but is told.
func (p plan) rounds(ctx context.Context, w *world) error {
	var failed error
	for {
		sleep(ctx, round)
		if ctx.Err() != nil {
			return failed
		}
		w.gate.Lock()
		failed = errors.Join(failed, w.settled(context.WithoutCancel(ctx)))
		w.gate.Unlock()
	}
}

// progress prints a line now and then.
func (p plan) progress(ctx context.Context, w *world, m *memory, began time.Time) {
	before := 0
	for {
		sleep(ctx, told)
		if ctx.Err() != nil {
			return
		}
		kinds, total, failed := w.tally.read()
		fmt.Printf("%4.0f s  %d calls, %.0f/s (%s); 5xx %d; kills: %s; MB: %s\n", time.Since(began).Seconds(), total,
			float64(total-before)/told.Seconds(), list(kinds), failed, list(w.ledger.Kills()), m.line())
		before = total
	}
}

// end reckons and prints the verdict.
func (p plan) end(ctx context.Context, w *world, clients []*client, m *memory, began time.Time) error {
	acted := time.Since(began)
	if err := w.settled(ctx); err != nil {
		return err
	}
	var people []*person
	for _, c := range clients {
		people = append(people, c.people...)
	}
	if err := w.reckon(ctx, people); err != nil {
		return err
	}
	w.ledger.Explain() // of the reckoning's own calls
	kinds, total, failed := w.tally.read()
	fmt.Printf("\n%d calls in %.0f s, %.0f/s: %s\n5xx %d; kills: %s; users %d; log lines %d\n", total, acted.Seconds(),
		float64(total)/acted.Seconds(), list(kinds), failed, list(w.ledger.Kills()), len(people), w.logs.Lines)
	if p.length >= judged {
		for _, said := range m.judge(w.ledger) {
			fmt.Println(" ", said)
		}
	} else {
		fmt.Printf("memory, not judged in so short a run: MB: %s\n", m.line())
	}
	if p.logs {
		for _, line := range w.logs.Tail() {
			fmt.Println("|", line)
		}
	}
	return verdict(w.ledger.Verdict())
}

// verdict prints every rule with how often it was applied, and fails if one is broken.
func verdict(findings []ledger.Finding) error {
	var failed error
	fmt.Println()
	for _, f := range findings {
		word := "held"
		switch {
		case f.Broken > 0:
			word, failed = "BROKEN", errBroken
		case f.Checked == 0:
			word = "not applied"
		}
		fmt.Printf("%-12s %-55s %7d checked, %d broken\n", word, f.Rule, f.Checked, f.Broken)
		for _, example := range f.Examples {
			fmt.Println("               ", example)
		}
	}
	return failed
}
