package lambda

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

func TestAnswerIsTheFunctions(t *testing.T) {
	p := pool(t, nil)
	body, err := p.Invoke(t.Context(), []byte(`{"do":"","arg":"häh?\u0000"}`))
	if err != nil || string(body) != `{"do":"","arg":"häh?\u0000"}` {
		t.Errorf("got %s, %v", body, err)
	}
}

func TestAnInstanceServesOneAfterTheOther(t *testing.T) {
	p := pool(t, nil)
	first, second := who(t, p), who(t, p)
	if first.PID != second.PID || second.Invocations != 2 {
		t.Errorf("two processes for two calls in a row: %+v %+v", first.PID, second.PID)
	}
	if first.RequestID == second.RequestID || first.RequestID == "" {
		t.Errorf("request ids %q, %q", first.RequestID, second.RequestID)
	}
}

func TestWhatTheFunctionIsTold(t *testing.T) {
	t.Setenv("TWOFOLD_OF_THIS_MACHINE", "x")
	p := pool(t, func(f *Function) {
		f.Environment = map[string]string{"TABLE_NAME": "t", "AWS_REGION": "mars-1"}
	})
	before := time.Now()
	id := who(t, p)
	if want := "arn:aws:lambda:eu-west-1:000000000000:function:echo"; id.ARN != want {
		t.Errorf("arn %s", id.ARN)
	}
	if !strings.HasPrefix(id.Trace, "Root=1-") || !strings.HasSuffix(id.Trace, ";Sampled=0") {
		t.Errorf("trace %s", id.Trace)
	}
	if end := time.UnixMilli(id.Deadline); end.Before(before.Add(59*time.Second)) || end.After(time.Now().Add(time.Minute)) {
		t.Errorf("deadline %v", end)
	}
	vars := id.variables()
	for name, want := range map[string]string{
		"TABLE_NAME": "t", "AWS_REGION": "mars-1", "AWS_LAMBDA_FUNCTION_NAME": "echo", "TZ": ":UTC",
		"AWS_LAMBDA_FUNCTION_VERSION": "$LATEST", "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "256", "_HANDLER": "bootstrap",
		"AWS_LAMBDA_LOG_FORMAT": "JSON",
	} {
		if vars[name] != want {
			t.Errorf("%s is %q, want %q", name, vars[name], want)
		}
	}
	if _, leaked := vars["TWOFOLD_OF_THIS_MACHINE"]; leaked {
		t.Error("this machine's environment reaches the function")
	}
}

func TestScaleOut(t *testing.T) {
	p := pool(t, func(f *Function) { f.Instances = 3 })
	pids := map[int]bool{}
	for _, id := range meeting(t, p, 3)() {
		pids[id.PID] = true
	}
	if len(pids) != 3 || p.Instances() != 3 {
		t.Errorf("%d processes for three calls at once, %d instances", len(pids), p.Instances())
	}
}

func TestBeyondTheLimitCallsWait(t *testing.T) {
	p := pool(t, func(f *Function) { f.Instances = 1 })
	finish := meeting(t, p, 1)
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := p.Invoke(ctx, []byte(`{"do":"who"}`)); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("with the only instance busy: %v", err)
	}
	busy := finish()[0]
	if next := who(t, p); next.PID != busy.PID || next.Invocations != 2 {
		t.Errorf("the instance was not used again, or the call that gave up was run: %+v", next.Invocations)
	}
}

func TestFailures(t *testing.T) {
	for _, c := range []struct {
		name, payload, kind string
		again               bool // whether the instance survives
	}{
		{"error", `{"do":"fail","arg":"no"}`, "errorString", true},
		{"panic", `{"do":"panic","arg":"no"}`, "string", false},
		{"too large", `{"do":"large"}`, "Function.ResponseSizeTooLarge", false}, // aws-lambda-go exits when it is refused
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

func TestTimeout(t *testing.T) {
	p := pool(t, func(f *Function) { f.Timeout = 300 * time.Millisecond })
	pid := who(t, p).PID
	_, err := p.Invoke(t.Context(), []byte(`{"do":"meet","arg":"/nonexistent-but-never-mind"}`))
	var own *FunctionError
	if !errors.As(err, &own) {
		t.Fatalf("the folder does not exist: %v", err)
	}
	if _, err = p.Invoke(t.Context(), []byte(`{"do":"meet","arg":"`+t.TempDir()+`"}`)); !errors.Is(err, ErrTimeout) {
		t.Fatalf("got %v", err)
	}
	await(t, func() bool { return syscall.Kill(pid, 0) == syscall.ESRCH })
	if next := who(t, p); next.Invocations != 1 {
		t.Error("the instance that was too slow lives on")
	}
}

func TestInitFailures(t *testing.T) {
	for how, wait := range map[string]time.Duration{"exit": time.Minute, "hang": 200 * time.Millisecond} {
		p := pool(t, func(f *Function) { f.Environment = map[string]string{"ECHO_INIT": how} })
		p.inits = wait
		if _, err := p.Invoke(t.Context(), []byte(`{}`)); !errors.Is(err, ErrInit) {
			t.Errorf("%s: got %v", how, err)
		}
		if p.Instances() != 0 {
			t.Errorf("%s: an instance is left", how)
		}
	}
	p := pool(t, func(f *Function) { f.Binary = "/nonexistent/bootstrap" })
	if _, err := p.Invoke(t.Context(), []byte(`{}`)); !errors.Is(err, ErrInit) {
		t.Errorf("no binary: got %v", err)
	}
}

// TestClientHangsUp: an invocation under way goes on without the client.
func TestClientHangsUp(t *testing.T) {
	p := pool(t, func(f *Function) { f.Instances = 1 })
	pid := who(t, p).PID
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := p.Invoke(ctx, []byte(`{"do":"who"}`)); err != nil && !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	if next := who(t, p); next.PID != pid {
		t.Error("the instance was killed")
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

func TestLogsAreWholeLines(t *testing.T) {
	var logs recorder
	p := pool(t, func(f *Function) { f.Logs = &logs })
	if _, err := p.Invoke(t.Context(), []byte(`{"do":"print","arg":"one\ntwo"}`)); err != nil {
		t.Fatal(err)
	}
	p.Stop() // which flushes standard error's unfinished line
	await(t, func() bool { return len(logs.all()) >= 4 })
	got := logs.all()
	slices.Sort(got)
	if want := []string{"one\n", "one\n", "two\n", "two\n"}; !slices.Equal(got, want) {
		t.Errorf("got %q", got)
	}
}

// recorder keeps each Write apart.
type recorder struct {
	mu     sync.Mutex
	writes []string
}

func (r *recorder) Write(data []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.writes = append(r.writes, string(bytes.Clone(data)))
	return len(data), nil
}

func (r *recorder) all() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.writes)
}
