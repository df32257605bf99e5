// Package build compiles functions for this machine with the flags of a deployment, so that what runs locally is
// what would be uploaded, architecture apart. It may not be imported by anything that is deployed.
package build

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// Flags are those of `sam build`, which takes them from GOFLAGS (see the Makefile).
var Flags = []string{"-tags", "lambda.norpc", "-trimpath", "-ldflags", "-s -w"}

// Function compiles the main package in folder, relative to the repository's root, into the executable output. The
// output appears only when it is complete, and a function that is running keeps its old file. flags are further ones of
// `go build`.
func Function(ctx context.Context, root, folder, output string, flags ...string) error {
	if err := os.MkdirAll(filepath.Dir(output), 0o755); err != nil {
		return fmt.Errorf("build: %w", err)
	}
	work, err := os.MkdirTemp(filepath.Dir(output), ".build-*")
	if err != nil {
		return fmt.Errorf("build: %w", err)
	}
	defer os.RemoveAll(work)
	made := filepath.Join(work, filepath.Base(output))
	pkg := "./" + strings.TrimPrefix(filepath.ToSlash(filepath.Clean(folder)), "./")
	arguments := slices.Concat([]string{"build"}, Flags, flags, []string{"-o", made, pkg})
	cmd := exec.CommandContext(ctx, "go", arguments...)
	cmd.Dir = root
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("build: %s: %w\n%s", folder, err, out)
	}
	if err := os.Rename(made, output); err != nil {
		return fmt.Errorf("build: %w", err)
	}
	return nil
}
