package build

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

func TestFunction(t *testing.T) {
	root, output := module(t, `package main
func main() { println("hello") }`)
	if err := Function(t.Context(), root, "cmd/", output); err != nil {
		t.Fatal(err)
	}
	said, err := exec.Command(output).CombinedOutput()
	if err != nil || string(said) != "hello\n" {
		t.Errorf("it said %q, %v", said, err)
	}
	left, err := os.ReadDir(filepath.Dir(output))
	if err != nil || len(left) != 1 {
		t.Errorf("beside the output: %v, %v", left, err)
	}
}

func TestAFailureKeepsTheOldFile(t *testing.T) {
	root, output := module(t, "package main\nfunc main() { nonsense }")
	if err := os.MkdirAll(filepath.Dir(output), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(output, []byte("old"), 0o755); err != nil {
		t.Fatal(err)
	}
	err := Function(t.Context(), root, "cmd", output)
	if err == nil || !strings.Contains(err.Error(), "nonsense") {
		t.Errorf("the compiler's message is missing: %v", err)
	}
	if kept, err := os.ReadFile(output); err != nil || string(kept) != "old" {
		t.Errorf("the old file is %q, %v", kept, err)
	}
}

// module makes a module whose package cmd has the given source.
func module(t *testing.T, source string) (root, output string) {
	t.Helper()
	root = t.TempDir()
	for name, content := range map[string]string{"go.mod": "module m\n\ngo 1.26\n", "cmd/main.go": source} {
		path := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return root, filepath.Join(root, "out", "bootstrap")
}
