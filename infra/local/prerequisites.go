package main

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"strings"
	"syscall"

	"twofold/infra/local/dynamodb"
)

// advised adds to a failure to start what to do about it, where that is known.
func advised(err error) error {
	if errors.Is(err, syscall.EADDRINUSE) {
		return fmt.Errorf("%w\nSomething else listens there; perhaps another `make run`. With other ports:\n"+
			"  go run ./infra/local -port 9787 -mail-port 9788 -sample-port 9789\n"+
			"  go run ./infra/local/demo -api http://127.0.0.1:9787 -mailbox http://127.0.0.1:9788", err)
	}
	return err
}

// prerequisites names everything that is missing at once.
func prerequisites(ctx context.Context, endpoint string) error {
	var missing []string
	if _, err := exec.LookPath("go"); err != nil {
		missing = append(missing, "go, as go.mod wants it")
	}
	if endpoint == "" {
		missing = append(missing, dynamodb.Missing(ctx)...)
	}
	if missing == nil {
		return nil
	}
	return fmt.Errorf("missing:\n  %s\nInstead of java and mvn, a container will do:\n"+
		"  docker run --rm -p 127.0.0.1:8000:8000 amazon/dynamodb-local\n"+
		"and then: go run ./infra/local -dynamodb http://127.0.0.1:8000", strings.Join(missing, "\n  "))
}
