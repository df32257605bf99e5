package lambda

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestFailures: an error that the function returns leaves the instance as it is; one that ends the process, as a panic
// does with aws-lambda-go, is followed by a new one.
// https://docs.aws.amazon.com/lambda/latest/dg/golang-exceptions.html
func TestFailures(t *testing.T) {
	for _, c := range []struct {
		name, payload, kind string
		again               bool // whether the instance survives
	}{
		{"error", `{"do":"fail","arg":"no"}`, "errorString", true},
		{"panic", `{"do":"panic","arg":"no"}`, "string", false},
		{"too large", `{"do":"large","arg":"6291557"}`, "Function.ResponseSizeTooLarge", false}, // aws-lambda-go exits when it is refused
	} {
		t.Run(c.name, func(t *testing.T) {
			p := pool(t, nil)
			before := who(t, p)
			_, err := p.Invoke(t.Context(), []byte(c.payload))
			var own *FunctionError
			if !errors.As(err, &own) || own.Type != c.kind {
				t.Fatalf("got %v", err)
			}
			after := who(t, p) // works in any case
			if (after.PID == before.PID) != c.again {
				t.Errorf("same process: %v", after.PID == before.PID)
			}
		})
	}
}

func TestErrorTextSaysNothingOfTheFunctions(t *testing.T) {
	_, err := pool(t, nil).Invoke(t.Context(), []byte(`{"do":"fail","arg":"secret 12345678"}`))
	if err == nil || strings.Contains(err.Error(), "12345678") {
		t.Errorf("got %v", err)
	}
}

func TestCrash(t *testing.T) {
	p := pool(t, nil)
	before := who(t, p)
	if _, err := p.Invoke(t.Context(), []byte(`{"do":"exit"}`)); !errors.Is(err, ErrCrashed) {
		t.Fatalf("got %v", err)
	}
	if after := who(t, p); after.PID == before.PID || after.Invocations != 1 {
		t.Errorf("after a crash: %+v", after.Invocations)
	}
}

// TestDeathWhileIdle kills an instance that has nothing to do: the next call must not suffer.
func TestDeathWhileIdle(t *testing.T) {
	p := pool(t, nil)
	pid := who(t, p).PID
	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	await(t, func() bool { return syscall.Kill(pid, 0) == syscall.ESRCH })
	if next := who(t, p); next.PID == pid {
		t.Error("the dead answer")
	}
}

// TestTimeout: an invocation that takes too long ends, and so does its instance.
// https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html#runtimes-lifecycle-invoke-with-errors
func TestTimeout(t *testing.T) {
	p := pool(t, nil)
	pid := who(t, p).PID
	p.function.Timeout = 100 * time.Millisecond // only now: nothing that must succeed runs against so short a time
	if _, err := p.Invoke(t.Context(), []byte(`{"do":"meet","arg":"`+t.TempDir()+`"}`)); !errors.Is(err, ErrTimeout) {
		t.Fatalf("got %v", err)
	}
	await(t, func() bool { return syscall.Kill(pid, 0) == syscall.ESRCH })
	p.function.Timeout = time.Minute
	if next := who(t, p); next.Invocations != 1 {
		t.Error("the instance that was too slow lives on")
	}
}

// TestClientHangsUp: an invocation under way goes on to its end without the client.
func TestClientHangsUp(t *testing.T) {
	p := pool(t, func(f *Function) { f.Instances = 1 })
	pid := who(t, p).PID
	folder := t.TempDir()
	ctx, cancel := context.WithCancel(t.Context())
	answer := make(chan error, 1)
	go func() {
		_, err := p.Invoke(ctx, []byte(`{"do":"meet","arg":"`+folder+`"}`))
		answer <- err
	}()
	arrive(t, folder)
	cancel()
	if err := <-answer; !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	if err := os.WriteFile(filepath.Join(folder, "go"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if next := who(t, p); next.PID != pid || next.Invocations != 3 {
		t.Errorf("invocation %d, in the same process: %v", next.Invocations, next.PID == pid)
	}
}

func TestKillInTheMiddle(t *testing.T) {
	p := pool(t, nil)
	pid := who(t, p).PID
	failed := make(chan error, 1)
	folder := t.TempDir()
	go func() {
		_, err := p.Invoke(context.Background(), []byte(`{"do":"meet","arg":"`+folder+`"}`))
		failed <- err
	}()
	arrive(t, folder)
	p.Kill()
	if err := <-failed; !errors.Is(err, ErrCrashed) {
		t.Errorf("got %v", err)
	}
	if who(t, p).PID == pid {
		t.Error("the killed answer")
	}
}

func arrive(t *testing.T, folder string) {
	t.Helper()
	await(t, func() bool { return len(glob(t, folder, "arrived-*")) == 1 })
}

func TestStop(t *testing.T) {
	p := pool(t, nil)
	pid := who(t, p).PID
	failed := make(chan error, 1)
	folder := t.TempDir()
	go func() {
		_, err := p.Invoke(context.Background(), []byte(`{"do":"meet","arg":"`+folder+`"}`))
		failed <- err
	}()
	arrive(t, folder)
	p.Stop()
	if err := <-failed; !errors.Is(err, ErrCrashed) {
		t.Errorf("under way: %v", err)
	}
	if err := syscall.Kill(pid, 0); err != syscall.ESRCH {
		t.Errorf("the process is there: %v", err)
	}
	if _, err := p.Invoke(t.Context(), []byte(`{}`)); !errors.Is(err, ErrStopped) {
		t.Errorf("afterwards: %v", err)
	}
	p.Stop()
}
