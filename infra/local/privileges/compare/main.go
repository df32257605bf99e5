// Command compare fails unless the roles of template.yaml equal the calls that were recorded in a folder:
//
//	TWOFOLD_CALLS=$PWD/.build/calls go test ./... && go run ./infra/local/privileges/compare .build/calls
//
// It is for whole runs: in a part of one, what only the other tests call looks needless.
package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"twofold/infra/local/iam"
	"twofold/infra/local/privileges"
	"twofold/infra/local/template"
)

func main() {
	if err := run(os.Stdout, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "compare:", err)
		os.Exit(1)
	}
}

func run(out io.Writer, args []string) error {
	if len(args) != 1 {
		return errors.New("name the folder of the recorded calls")
	}
	root, err := template.Root()
	if err != nil {
		return err
	}
	grants, err := privileges.ReadGrants(filepath.Join(root, "template.yaml"))
	if err != nil {
		return err
	}
	calls, err := iam.ReadCalls(args[0])
	if err != nil {
		return err
	}
	if len(calls) == 0 {
		return fmt.Errorf("no call is recorded in %s: it must be a full path in %s while the tests run", args[0], iam.CallsVariable)
	}
	complaints := privileges.Compare(grants, calls, privileges.Exceptions)
	for _, sentence := range complaints {
		fmt.Fprintln(out, "- "+sentence)
	}
	if len(complaints) > 0 {
		return errors.New("the roles in template.yaml are not what the functions need")
	}
	fmt.Fprintf(out, "the %d grants in template.yaml are what the functions need\n", len(grants))
	return nil
}
