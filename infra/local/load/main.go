// Command load drives the local stack with mixed traffic (logins, right and wrong answers, enrolments, resets, policy
// changes, reports) while instances of every function are killed at random, and holds what it was told against what
// must hold: no lost update, no double success, memory flat. It talks to this machine only, ends by itself, and
// exits with 1 if anything was broken. It may not be imported by anything.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"twofold/infra/local/load/ledger"
	"twofold/infra/local/stack"
	"twofold/infra/local/template"
)

// plan is what the flags say.
type plan struct {
	length   time.Duration
	clients  int
	people   int
	seed     uint64
	dynamodb string
	template string
	logs     bool
}

func main() {
	minutes := flag.Float64("minutes", 1, "how `long` to act; memory is judged from ten minutes on")
	var p plan
	flag.IntVar(&p.clients, "clients", 8, "`number` of clients that act at once")
	flag.IntVar(&p.people, "people", 50, "`number` of users of each client")
	flag.Uint64Var(&p.seed, "seed", uint64(time.Now().UnixNano()), "`seed` of what the clients choose; who overtakes whom does not follow from it")
	flag.StringVar(&p.dynamodb, "dynamodb", os.Getenv("TWOFOLD_DYNAMODB_ENDPOINT"), "`address` of a DynamoDB Local that is already running; empty starts one")
	flag.StringVar(&p.template, "template", "", "`file` to run instead of template.yaml")
	flag.BoolVar(&p.logs, "logs", false, "show the last lines of the functions' logs at the end")
	flag.Parse()
	p.length = time.Duration(*minutes * float64(time.Minute))
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, p); err != nil {
		fmt.Fprintln(os.Stderr, "load:", err)
		os.Exit(1)
	}
}

var errBroken = errors.New("what must hold does not; see the verdict")

// spare is what a run may last longer than it acts: for what was begun, and for the reckoning.
const spare = 15 * time.Minute

// run starts a stack of its own, with binaries of its own, and stops it.
func run(ctx context.Context, p plan) error {
	root, err := template.Root()
	if err != nil {
		return err
	}
	folder, err := os.MkdirTemp("", "twofold-load-*")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	logs := ledger.NewLogs()
	s, err := stack.Start(ctx, stack.Options{
		Root: root, Template: p.template, Bootstrap: "infra/bootstrap", Build: true, BinDir: filepath.Join(folder, "bin"), InMemory: true, DataDir: folder,
		DynamoDB: p.dynamodb, TableName: fmt.Sprintf("load-%d", os.Getpid()), Logs: logs,
	})
	if err != nil {
		return err
	}
	defer s.Stop()
	ctx, cancel := context.WithTimeout(ctx, p.length+spare)
	defer cancel()
	go func() {
		select {
		case <-s.Done():
			cancel()
		case <-ctx.Done():
		}
	}()
	fmt.Printf("load: %v, %d clients, seed %d\n", p.length, p.clients, p.seed)
	led := ledger.New()
	w := &world{
		announced: map[string]int{},
		api:       &api{base: s.APIURL, ledger: led, tally: newTally()}, stack: s, logs: logs, waiting: make(chan struct{}, (p.clients+1)/2),
	}
	if err := w.populate(ctx); err != nil {
		return err
	}
	return p.load(ctx, w)
}
