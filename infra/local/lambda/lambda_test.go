package lambda

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"twofold/infra/local/build"
	"twofold/infra/local/template"
)

var echo string // the binary of testdata/echo

func TestMain(m *testing.M) { os.Exit(runTests(m)) }

func runTests(m *testing.M) int {
	dir, err := os.MkdirTemp("", "twofold-lambda-*")
	if err == nil {
		defer os.RemoveAll(dir)
		echo = filepath.Join(dir, "bootstrap")
		var root string
		if root, err = template.Root(); err == nil {
			err = build.Function(context.Background(), root, "infra/local/lambda/testdata/echo", echo)
		}
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return m.Run()
}

// pool is a pool of echo functions; change adjusts the function before.
func pool(t *testing.T, change func(*Function)) *Pool {
	t.Helper()
	f := Function{
		Name: "echo", Binary: echo, Handler: "bootstrap", Timeout: time.Minute, MemoryMB: 256,
		LogFormat: "JSON", Region: "eu-west-1",
	}
	if change != nil {
		change(&f)
	}
	p := NewPool(f)
	t.Cleanup(p.Stop)
	return p
}

// identity is what echo's "who" and "meet" answer.
type identity struct {
	PID         int      `json:"pid"`
	Invocations int      `json:"invocations"`
	Environment []string `json:"environment"`
	RequestID   string   `json:"request_id"`
	ARN         string   `json:"arn"`
	Trace       string   `json:"trace"`
	Deadline    int64    `json:"deadline"`
}

func (i identity) variables() map[string]string {
	set := map[string]string{}
	for _, pair := range i.Environment {
		name, value, _ := strings.Cut(pair, "=")
		set[name] = value
	}
	return set
}

func who(t *testing.T, p *Pool) identity {
	t.Helper()
	body, err := p.Invoke(t.Context(), []byte(`{"do":"who"}`))
	if err != nil {
		t.Fatal(err)
	}
	return parse(t, body)
}

func parse(t *testing.T, body []byte) identity {
	t.Helper()
	var id identity
	if err := json.Unmarshal(body, &id); err != nil {
		t.Fatal(err)
	}
	return id
}

// meeting starts n invocations and returns when all of them are running, each in an instance of its own.
func meeting(t *testing.T, p *Pool, n int) (finish func() []identity) {
	t.Helper()
	folder := t.TempDir()
	bodies, errs := make([][]byte, n), make([]error, n)
	var all sync.WaitGroup
	for k := range n {
		all.Go(func() {
			bodies[k], errs[k] = p.Invoke(context.Background(), fmt.Appendf(nil, `{"do":"meet","arg":%q}`, folder))
		})
	}
	await(t, func() bool { return len(glob(t, folder, "arrived-*")) == n })
	return func() []identity {
		t.Helper()
		if err := os.WriteFile(filepath.Join(folder, "go"), nil, 0o644); err != nil {
			t.Fatal(err)
		}
		all.Wait()
		var ids []identity
		for k := range n {
			if errs[k] != nil {
				t.Fatal(errs[k])
			}
			ids = append(ids, parse(t, bodies[k]))
		}
		return ids
	}
}

func await(t *testing.T, holds func() bool) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); !holds(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("it did not happen")
		}
	}
}

func glob(t *testing.T, folder, pattern string) []string {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(folder, pattern))
	if err != nil {
		t.Fatal(err)
	}
	return names
}
