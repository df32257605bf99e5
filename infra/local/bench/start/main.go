// Command start measures how functions start, as ratios in one run (`make bench-start`):
//
//   - exec → first request for work, beside a Go function that says hello;
//   - exec → first answer, which needs DynamoDB over TLS, beside the same function built with the SDK's default
//     set-up ("defaults"), and with that and nothing done before the first invocation ("lazy"); at full processor,
//     and with the first invocation at the share that 256 MB buy (the init phase has the full processor on Lambda too).
//
// The functions are the real binaries; DynamoDB Local and the local KMS stand behind TLS with a certificate of this
// run's own, whose authority is added to this machine's roots. Variants take turns, so that what else the machine
// does falls on all of them. It proves nothing about seconds on Lambda and much about what costs what.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"
)

// longest is how long everything may take.
const longest = 15 * time.Minute

func main() {
	runs := flag.Int("runs", 15, "starts of each function, each variant and each share; at most 200")
	only := flag.String("only", "", "measure this `function` alone")
	goal := flag.Bool("goal", false, "fail where a ratio is not what issue 4 asks for")
	listed := flag.Bool("libraries", false, "say what each library costs instead")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	ctx, cancel := context.WithTimeout(ctx, longest)
	defer cancel()
	measure := func() error { return run(ctx, min(*runs, 200), *only, *goal) }
	if *listed {
		measure = func() error { return libraries(ctx, []string{"verify", "report", "mailer", "projector"}) }
	}
	if err := measure(); err != nil {
		fmt.Fprintln(os.Stderr, "bench-start:", err)
		stop()
		os.Exit(1)
	}
}

func run(ctx context.Context, runs int, only string, goal bool) error {
	bench, err := prepare(ctx)
	if err != nil {
		return err
	}
	defer bench.close()
	var all table
	for _, f := range bench.functions {
		if only != "" && only != f.name {
			continue
		}
		measured, err := bench.measure(ctx, f, runs)
		if err != nil {
			return fmt.Errorf("%s: %w", f.name, err)
		}
		all = append(all, measured)
	}
	fmt.Print(all)
	if goal {
		return all.missed()
	}
	return nil
}
