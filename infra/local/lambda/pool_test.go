package lambda

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
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

// TestWhatTheFunctionIsTold: the reserved variables, and the headers of the Runtime API.
// https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html
// https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
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

// TestScaleOut: an instance has one invocation at a time, so two at once are two instances.
// https://docs.aws.amazon.com/lambda/latest/dg/lambda-concurrency.html
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

// TestBeyondTheLimitCallsWait: how many processes this machine runs is no limit of Lambda's, which would start another.
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
