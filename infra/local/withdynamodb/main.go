// Command withdynamodb runs a command with one in-memory DynamoDB Local for all of its tests:
//
//	go run ./infra/local/withdynamodb -- go test ./...
//
// The command finds the server through the environment; see dynamodb.ForTest. The exit code is the command's.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"syscall"

	"twofold/infra/local/dynamodb"
)

func main() {
	code, err := run(os.Args[1:])
	if err != nil {
		fmt.Fprintln(os.Stderr, "withdynamodb:", err)
	}
	os.Exit(code)
}

// run returns the command's exit code, or 1 and an error where there is none.
func run(args []string) (int, error) {
	if len(args) > 0 && args[0] == "--" {
		args = args[1:]
	}
	if len(args) == 0 {
		return 1, errors.New("name the command to run")
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if missing := dynamodb.Missing(ctx); missing != nil {
		return 1, fmt.Errorf("missing: %v", missing)
	}
	server, err := dynamodb.Start(ctx, dynamodb.Options{})
	if err != nil {
		return 1, err
	}
	defer server.Stop()
	cmd := exec.CommandContext(ctx, args[0], args[1:]...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	cmd.Env = append(os.Environ(), dynamodb.EndpointVariable+"="+server.Endpoint())
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	err = cmd.Run()
	var exit *exec.ExitError
	if errors.As(err, &exit) && exit.ExitCode() > 0 {
		return exit.ExitCode(), nil
	} else if err != nil {
		return 1, err
	}
	return 0, nil
}
