// Command local runs Twofold on this machine: the real binaries behind template.yaml's routes, DynamoDB Local, a
// mailbox in the browser instead of SES, and an application to sign in to. It keeps its data between runs and stops with Ctrl-C, or when the process
// that started it is gone.
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

	"twofold/infra/local/stack"
	"twofold/infra/local/template"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "local:", err)
		os.Exit(1)
	}
}

func run() error {
	port := flag.Int("port", 8787, "`port` of the API on 127.0.0.1")
	mailPort := flag.Int("mail-port", 8788, "`port` of the mailbox page on 127.0.0.1")
	samplePort := flag.Int("sample-port", 8789, "`port` of the sample application on 127.0.0.1")
	data := flag.String("data", ".local", "`folder` for what is kept between runs, relative to the repository")
	build := flag.Bool("build", true, "compile the functions before starting them")
	endpoint := flag.String("dynamodb", "", "`address` of a DynamoDB Local that is already running, such as http://127.0.0.1:8000")
	flag.Parse()
	root, err := template.Root()
	if err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	go stopWithParent(stop)
	if err := prerequisites(ctx, *endpoint); err != nil {
		return err
	}
	if !filepath.IsAbs(*data) {
		*data = filepath.Join(root, *data)
	}
	fmt.Println("Starting. The first time, this fetches DynamoDB Local (50 MB) and compiles everything.")
	s, err := stack.Start(ctx, stack.Options{
		Root: root, Bootstrap: "infra/bootstrap", Build: *build, DataDir: *data, DynamoDB: *endpoint, Logs: os.Stderr, LogAccess: true,
		APIAddr: fmt.Sprintf("127.0.0.1:%d", *port), MailAddr: fmt.Sprintf("127.0.0.1:%d", *mailPort),
	})
	if ctx.Err() != nil && err != nil {
		return nil // stopped while it was starting, which is no failure
	} else if err != nil {
		return advised(err)
	}
	defer s.Stop()
	keys, err := s.ReadyMade(ctx)
	if err != nil {
		return err
	}
	sample, err := s.Sample(ctx, fmt.Sprintf("127.0.0.1:%d", *samplePort), keys)
	if err != nil {
		return advised(err)
	}
	greet(s, sample, keys)
	select {
	case <-ctx.Done():
		return nil
	case <-s.Done():
		return errors.New("a part of the stack has ended by itself; its last words are above")
	}
}
