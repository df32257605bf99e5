package main

import (
	"context"
	"fmt"
	"os/exec"
	"strings"

	"twofold/infra/local/dynamodb"
)

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
