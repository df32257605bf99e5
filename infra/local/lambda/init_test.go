package lambda

import (
	"errors"
	"strings"
	"testing"
	"time"
)

// broken is a pool whose instances go wrong when they initialize, and the folder in which each start leaves a file.
func broken(t *testing.T, how string) (p *Pool, folder string) {
	t.Helper()
	folder = t.TempDir()
	return pool(t, func(f *Function) {
		f.Environment = map[string]string{"ECHO_INIT": how, "ECHO_FOLDER": folder}
	}), folder
}

// TestInitFails: Lambda tries once more as part of the invocation, and then the invocation has failed. The next one
// begins anew.
// https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html#runtimes-lifecycle-ib
func TestInitFails(t *testing.T) {
	p, folder := broken(t, "exit")
	for calls := 1; calls <= 2; calls++ {
		if _, err := p.Invoke(t.Context(), []byte(`{}`)); !errors.Is(err, ErrInit) {
			t.Errorf("got %v", err)
		}
		if n := len(glob(t, folder, "started-*")); n != 2*calls {
			t.Errorf("%d starts for %d calls", n, calls)
		}
		if p.Instances() != 0 {
			t.Error("an instance is left")
		}
	}
}

// TestInitFailsOnce: a function that comes up at the second attempt answers the call that it was started for.
func TestInitFailsOnce(t *testing.T) {
	for _, how := range []string{"first-exit", "first-report"} {
		p, folder := broken(t, how)
		if id := who(t, p); id.Invocations != 1 {
			t.Errorf("%s: invocation %d", how, id.Invocations)
		}
		who(t, p)
		if n := len(glob(t, folder, "started-*")); n != 2 {
			t.Errorf("%s: %d starts", how, n)
		}
	}
}

// TestInitIsLimited: what does not come up in ten seconds is killed, and has the function's own time for the second
// attempt.
func TestInitIsLimited(t *testing.T) {
	if p := pool(t, nil); p.inits != 10*time.Second {
		t.Errorf("the limit is %v", p.inits)
	}
	p, folder := broken(t, "first-hang")
	p.inits = 2 * time.Second // the second attempt has a minute
	if id := who(t, p); id.Invocations != 1 || len(glob(t, folder, "started-*")) != 2 {
		t.Errorf("invocation %d", id.Invocations)
	}
	p, folder = broken(t, "hang")
	p.inits, p.function.Timeout = 100*time.Millisecond, 100*time.Millisecond
	if _, err := p.Invoke(t.Context(), []byte(`{}`)); !errors.Is(err, ErrInit) {
		t.Errorf("got %v", err)
	}
	if n := len(glob(t, folder, "started-*")); n > 2 || p.Instances() != 0 {
		t.Errorf("%d starts, %d instances left", n, p.Instances())
	}
}

// TestInitErrorIsReported: what a runtime says of its failure reaches the log by its type, and nobody takes the
// instance for one that has merely returned an error.
func TestInitErrorIsReported(t *testing.T) {
	var logs recorder
	p, _ := broken(t, "report")
	p.logs.to = &logs
	_, err := p.Invoke(t.Context(), []byte(`{}`))
	var own *FunctionError
	if !errors.Is(err, ErrInit) || !errors.As(err, &own) || own.Type != "Init.Broken" || p.Instances() != 0 {
		t.Errorf("got %v, %d instances", err, p.Instances())
	}
	if all := strings.Join(logs.all(), ""); !strings.Contains(all, `"errorType":"Init.Broken"`) || strings.Contains(all, "secret") {
		t.Errorf("the log says %s", all)
	}
}

func TestNoBinary(t *testing.T) {
	p := pool(t, func(f *Function) { f.Binary = "/nonexistent/bootstrap" })
	if _, err := p.Invoke(t.Context(), []byte(`{}`)); !errors.Is(err, ErrInit) {
		t.Errorf("got %v", err)
	}
}
