package main

import (
	"context"
	"math/rand/v2"
	"slices"
	"time"

	"twofold/infra/local/load/ledger"
)

// instances is what is needed of *stack.Stack to kill: Processes lists the process ids by function, and KillInstance
// chooses among them in the same order.
type instances interface {
	Processes() map[string][]int
	KillInstance(function string, pick func(n int) int) (bool, error)
}

// killer ends instances at random moments, in mid-invocation too.
type killer struct {
	*world
	of     instances
	random *rand.Rand
	// sparing leaves one instance of each function alone, and the stream's readers, which have one only, altogether: so
	// that some live long enough to show what they leak.
	sparing func() bool
	spared  map[string]int // process id, by function
	mailer  time.Time      // of its last kill
}

// mailerLife is how long the mailer is left alone after a kill: one that dies holding a claim holds all mail up for the
// thirty seconds of mail.Lease, and dying all the time it would send nothing at all.
const mailerLife = 30 * time.Second

// victims are the functions, the busiest most often.
var victims = []string{
	"verify", "verify", "verify", "verify", "verify", "verify", "verify", "verify",
	"enroll", "enroll", "enroll", "enroll", "enroll", "policy", "policy", "report", "projector", "mailer",
}

// act kills until ctx ends.
func (k *killer) act(ctx context.Context) {
	for ctx.Err() == nil {
		sleep(ctx, time.Duration(150+k.random.IntN(350))*time.Millisecond)
		k.gate.RLock()
		if ctx.Err() == nil {
			k.kill(victims[k.random.IntN(len(victims))])
		}
		k.gate.RUnlock()
	}
}

func (k *killer) kill(function string) {
	if function == "mailer" && time.Since(k.mailer) < mailerLife {
		return
	}
	running := k.of.Processes()[function]
	not := -1
	if k.sparing() {
		if function == "mailer" || function == "projector" || len(running) < 2 {
			return
		}
		if not = slices.Index(running, k.spared[function]); not < 0 {
			not = 0
			k.spared[function] = running[0]
		}
	}
	from := time.Now()
	killed, err := k.of.KillInstance(function, func(n int) int { return choose(k.random, n, not) })
	k.ledger.Check(ledger.Expected, err == nil, "killing an instance of %s failed", function)
	if killed && function == "mailer" {
		k.mailer = time.Now()
	}
	if killed {
		k.ledger.Killed(ledger.Kill{Function: function, From: from, To: time.Now()})
	}
}

// choose picks one of n, but not the one named, where there is another.
func choose(random *rand.Rand, n, not int) int {
	if not < 0 || not >= n || n == 1 {
		return random.IntN(n)
	}
	at := random.IntN(n - 1)
	if at >= not {
		at++
	}
	return at
}
