// Command speed measures how fast logins are, as ratios in one run (`make bench`): what the whole Lambda handler of the
// function verify answers in a second, and what infra/local does, beside the bare ceiling: the same BatchGetItem and
// UpdateItem of the SDK, on items of the same size, with nothing around them.
//
// Clients, handler and DynamoDB Local share this machine, so seconds mean little and ratios much: the bare calls and
// the product take turns on the same running server, phase by phase, and each ratio is of two phases side by side. Work
// is fixed by count. Beside time it reports what does not wobble: allocations, CPU of this process, units. It is no part
// of the product and nothing may import it.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"

	"twofold/infra/local/dynamodb"
)

const (
	// longest is how long everything may take, the compiling of infra/local's functions included.
	longest = 12 * time.Minute
	// The times after which no further round begins: a machine that is busy gets fewer rounds, not a longer run.
	handlerTime = 2 * time.Minute
	localTime   = 45 * time.Second
	// mostRounds keeps every user below the cap of wrong answers within a day (throttle.Cap).
	mostRounds = 12
)

func main() {
	rounds := flag.Int("rounds", 9, fmt.Sprintf("how often the bare calls and the product take turns; at most %d", mostRounds))
	local := flag.Bool("local", true, "measure infra/local too")
	profile := flag.String("profile", "", "write a CPU profile of the handler at 8 clients to this `file`")
	goal := flag.Bool("goal", false, "fail where the handler at 8 clients does not reach what issue 4 asks for")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	ctx, cancel := context.WithTimeout(ctx, longest)
	defer cancel()
	if err := run(ctx, max(1, min(*rounds, mostRounds)), *local, *profile, *goal); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		cancel()
		os.Exit(1)
	}
}

func run(ctx context.Context, rounds int, local bool, profile string, goal bool) error {
	server, err := dynamodb.Start(ctx, dynamodb.Options{})
	if err != nil {
		return err
	}
	defer server.Stop()
	for name, value := range environment(server.Endpoint(), table) {
		if err := os.Setenv(name, value); err != nil {
			return err
		}
	}
	if err := makeTable(ctx, server.Endpoint(), table); err != nil {
		return err
	}
	bench, err := prepare(ctx, usual)
	if err != nil {
		return err
	}
	report := report{machine: machine(), size: usual}
	if err := bench.warm(ctx); err != nil {
		return err
	}
	// First, while DynamoDB Local's streams are short: the longer they are, the more the stack's readers cost.
	if local {
		if report.local, err = bench.throughStack(ctx, server.Endpoint(), limit{localRounds, localTime}); err != nil {
			return err
		}
	}
	if report.handler, err = bench.measure(ctx, limit{rounds, handlerTime}); err != nil {
		return err
	}
	if profile != "" {
		if err := bench.profile(ctx, profile); err != nil {
			return err
		}
	}
	report.units = bench.units
	fmt.Print(report)
	return errors.Join(report.costly(), missed(goal, report))
}

func missed(goal bool, r report) error {
	if !goal {
		return nil
	}
	return r.missed()
}
