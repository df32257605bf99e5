package lambda

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
)

// sized is an event of n bytes that echo gives back.
func sized(n int) []byte {
	const frame = `{"arg":""}`
	return []byte(strings.Replace(frame, `""`, `"`+strings.Repeat("x", n-len(frame))+`"`, 1))
}

// TestEventLimit: "Request must be smaller than 6291556 bytes for the Invoke operation".
// https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html#function-configuration-deployment-and-execution
func TestEventLimit(t *testing.T) {
	p := pool(t, nil)
	if _, err := p.Invoke(t.Context(), sized(6291556)); !errors.Is(err, ErrTooLarge) || p.Instances() != 0 {
		t.Errorf("got %v, %d instances", err, p.Instances())
	}
	if body, err := p.Invoke(t.Context(), sized(6291555)); err != nil || len(body) != 6291555 {
		t.Errorf("below the limit: %d bytes, %v", len(body), err)
	}
}

// TestAnswerLimit: "Exceeded maximum allowed payload size (6291556 bytes)", as recorded in
// github.com/anomalyco/console issue 63.
func TestAnswerLimit(t *testing.T) {
	p := pool(t, nil)
	ask := func(size int) (int, error) {
		body, err := p.Invoke(t.Context(), fmt.Appendf(nil, `{"do":"large","arg":"%d"}`, size))
		return len(body), err
	}
	if n, err := ask(6291556); n != 6291556 || err != nil {
		t.Errorf("at the limit: %d bytes, %v", n, err)
	}
	var own *FunctionError
	if _, err := ask(6291557); !errors.As(err, &own) || own.Type != "Function.ResponseSizeTooLarge" {
		t.Errorf("above the limit: %v", err)
	}
}

// TestReservedConcurrency: a call above it is refused at once, whatever the machine could run.
// https://docs.aws.amazon.com/lambda/latest/dg/configuration-concurrency.html
func TestReservedConcurrency(t *testing.T) {
	p := pool(t, func(f *Function) { f.Instances, f.Reserved = 1, 2 })
	finish := meeting(t, p, 2)
	if _, err := p.Invoke(t.Context(), []byte(`{}`)); !errors.Is(err, ErrThrottled) {
		t.Errorf("a third call: %v", err)
	}
	if ids := finish(); ids[0].PID == ids[1].PID {
		t.Error("two calls at once in one process")
	}
	for range 3 {
		who(t, p)
	}
	p.Stop()
	for range 3 { // what is refused for another reason gives its place back
		if _, err := p.Invoke(t.Context(), []byte(`{}`)); !errors.Is(err, ErrStopped) {
			t.Errorf("after the end: %v", err)
		}
	}
}

// TestBadEndsAreLogged: a platform.report with the error's type, and nothing of what the error says.
// https://docs.aws.amazon.com/lambda/latest/dg/telemetry-schema-reference.html#platform-report
func TestBadEndsAreLogged(t *testing.T) {
	var logs recorder
	p := pool(t, func(f *Function) { f.Logs = &logs })
	who(t, p)
	for _, payload := range []string{`{"do":"fail","arg":"secret 12345678"}`, `{"do":"exit"}`} {
		_, err := p.Invoke(t.Context(), []byte(payload))
		var ended *InvocationError
		if !errors.As(err, &ended) || ended.RequestID == "" {
			t.Fatalf("got %v", err)
		}
		all := strings.Join(logs.all(), "")
		if !strings.Contains(all, `"type":"platform.report"`) || !strings.Contains(all, `"requestId":"`+ended.RequestID+`"`) {
			t.Errorf("%s: the log says %s", payload, all)
		}
	}
	reports := slices.DeleteFunc(logs.all(), func(line string) bool { return !strings.Contains(line, "platform.report") })
	all := strings.Join(reports, "") // without what the function's own runtime prints
	if len(reports) != 2 || strings.Contains(all, "12345678") || !strings.Contains(all, `"Runtime.ExitError"`) {
		t.Errorf("the log says %s", all)
	}
}
