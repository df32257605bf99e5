// Command prompt measures how long the first page of the hosted prompt takes beside the bare call of the API that a page of the application's own
// would begin with (`make bench-prompt`): through the same local stack, turn by turn, so that the ratio means something and the times do not. It is
// no part of the product and nothing may import it.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"slices"
	"syscall"
	"time"
)

const longest = 9 * time.Minute // compiling included

// allowed is how much longer the page may take (issue 9).
const allowed = 1.3

func main() {
	turns := flag.Int("turns", 300, "how often both take turns")
	goal := flag.Bool("goal", false, "fail where the page takes more than 1.3 times as long")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	ctx, cancel := context.WithTimeout(ctx, longest)
	defer cancel()
	if err := run(ctx, max(10, *turns), *goal); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		cancel()
		os.Exit(1)
	}
}

func run(ctx context.Context, turns int, goal bool) error {
	v, err := arrive(ctx)
	if err != nil {
		return err
	}
	defer v.stack.Stop()
	var calls, entries, pages []time.Duration
	for turn := range turns + turns/10 {
		call, entry, page, err := v.turn(ctx)
		if err != nil {
			return err
		}
		if turn >= turns/10 { // before, instances and connections warm up
			calls, entries, pages = append(calls, call), append(entries, entry), append(pages, page)
		}
	}
	ratio := median(pages).Seconds() / median(calls).Seconds()
	fmt.Printf("%d turns, medians, beside POST /v1/logins (%v):\n  GET /prompt?login=…  %.2f (a redirect)\n  GET /prompt/{id}     %.2f\n",
		turns, median(calls).Round(10*time.Microsecond), median(entries).Seconds()/median(calls).Seconds(), ratio)
	if goal && ratio > allowed {
		return fmt.Errorf("the page takes %.2f times as long as the call, which is more than %.1f", ratio, allowed)
	}
	return nil
}

func median(all []time.Duration) time.Duration {
	sorted := slices.Sorted(slices.Values(all))
	return sorted[len(sorted)/2]
}
