// Command pages measures what a page of the enrolment report costs as organisations grow (`make bench-pages`): read units and time of a first page
// and of one in the middle, in every order, of organisations of 1,000, 10,000 and 100,000 users, and of everybody in 1,000 organisations with as
// many users together. Each size has a table of its own on one DynamoDB Local; the sizes take turns, round by round, and what counts are ratios
// within this run. It is no part of the product and nothing may import it.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"syscall"
	"time"

	"twofold/infra/local/dynamodb"
)

const longest = 55 * time.Minute

func main() {
	sizes := flag.String("sizes", "1000,10000,100000", "how many users the organisations have, separated by commas; the first is what the others are compared with")
	organizations := flag.Int("organizations", 1000, "over how many organisations everybody is spread")
	rounds := flag.Int("rounds", 40, "how often the sizes take turns")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	ctx, cancel := context.WithTimeout(ctx, longest)
	defer cancel()
	if err := run(ctx, *sizes, *organizations, *rounds); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		cancel()
		os.Exit(1)
	}
}

func run(ctx context.Context, sizes string, organizations, rounds int) error {
	var all []int
	for _, written := range strings.Split(sizes, ",") {
		n, err := strconv.Atoi(written)
		if err != nil || n < 1 {
			return errors.New("-sizes are numbers of users, separated by commas")
		}
		all = append(all, n)
	}
	server, err := dynamodb.Start(ctx, dynamodb.Options{})
	if err != nil {
		return err
	}
	defer server.Stop()
	var tables []*table
	for _, n := range all {
		began := time.Now()
		t, err := newTable(ctx, server.Endpoint(), n, organizations)
		if err != nil {
			return err
		}
		fmt.Printf("%d users, and as many in %d organisations: written in %s\n", n, organizations, time.Since(began).Round(time.Second))
		tables = append(tables, t)
	}
	series, err := measure(ctx, tables, rounds)
	if err != nil {
		return err
	}
	for _, line := range lines(series, all) {
		fmt.Println(line)
	}
	return nil
}
