// Command announce sends an announcement to 100,000 users on the local stack (`make bench-announce`): the real mailer, which is killed at
// random moments, on DynamoDB Local, with the emulator of SES counting who was mailed. It checks that nobody is mailed twice, that
// everybody is accounted for, and that the mailer's memory does not grow; and it measures, in the same run, how long a code takes from being
// ordered to being handed to SES, beside the announcement and while that is paused, taking turns.
//
// Everything shares this machine, so seconds mean little and the ratio much. It is no part of the product and nothing may import it.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"strconv"
	"syscall"
	"time"

	"twofold/infra/local/stack"
	"twofold/infra/local/template"
)

// plan is what the flags say.
type plan struct {
	users  int
	rate   int           // mails a second, as the template's AnnouncementRate
	turns  int           // with and without, in which codes are ordered
	orders int           // of codes in each
	kills  time.Duration // from one to the next, on average; zero: none
	seed   uint64
}

// longest is how long everything may take, the compiling of the functions included.
const longest = 90 * time.Minute

func main() {
	var p plan
	flag.IntVar(&p.users, "users", 100_000, "`number` of users")
	flag.IntVar(&p.rate, "rate", 200, "mails a `second` that the announcement sends at most")
	flag.IntVar(&p.turns, "turns", 6, "how `often` codes are ordered with and without the announcement")
	flag.IntVar(&p.orders, "orders", 25, "`number` of codes in each of them")
	flag.DurationVar(&p.kills, "kills", 40*time.Second, "how `long` a mailer lives on average, once codes are measured; 0: none is killed")
	flag.Uint64Var(&p.seed, "seed", uint64(time.Now().UnixNano()), "`seed` of when the mailer is killed")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	ctx, cancel := context.WithTimeout(ctx, longest)
	defer cancel()
	if err := start(ctx, p); err != nil {
		fmt.Fprintln(os.Stderr, "bench-announce:", err)
		cancel()
		os.Exit(1)
	}
}

var errBroken = errors.New("what must hold does not; see above")

// start runs on a stack of its own, with binaries of its own, and stops it.
func start(ctx context.Context, p plan) error {
	root, err := template.Root()
	if err != nil {
		return err
	}
	folder, err := os.MkdirTemp("", "twofold-announce-*")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	s, err := stack.Start(ctx, stack.Options{
		Root: root, Bootstrap: "infra/bootstrap", Build: true, BinDir: filepath.Join(folder, "bin"), InMemory: true, DataDir: folder,
		Parameters: p.parameters(), Unread: unread,
	})
	if err != nil {
		return err
	}
	defer s.Stop()
	verdict, err := p.run(ctx, s)
	if err != nil {
		return err
	}
	fmt.Print(verdict)
	if len(verdict.broken)+len(verdict.slow) > 0 {
		return errBroken
	}
	return nil
}

// unread are the functions that read no stream in a run.
var unread = []string{"projector"}

func (p plan) parameters() map[string]string {
	return map[string]string{"AnnouncementRate": strconv.Itoa(p.rate)}
}
