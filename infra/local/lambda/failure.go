package lambda

import (
	"encoding/json"
	"errors"
	"time"
)

var (
	// ErrTimeout is the end of an invocation that took longer than the function may. Its instance is killed.
	ErrTimeout = errors.New("lambda: the function timed out")
	// ErrCrashed is the end of an invocation whose instance died before it answered.
	ErrCrashed = errors.New("lambda: the instance ended before it answered")
	// ErrInit is the failure of an instance to come up, twice. Nothing was invoked.
	ErrInit = errors.New("lambda: the instance did not initialize")
	// ErrTooLarge refuses an event above Lambda's limit. Nothing was invoked.
	ErrTooLarge = errors.New("lambda: the event is too large")
	// ErrThrottled refuses a call above the function's reserved concurrency. Nothing was invoked.
	ErrThrottled = errors.New("lambda: more calls at once than are reserved for the function")
	// ErrStopped answers every invocation after Stop.
	ErrStopped = errors.New("lambda: the pool is stopped")
)

// Limits of a synchronous invocation, in bytes. The quota is called 6 MB; the errors of the service say the number,
// "Request must be smaller than 6291556 bytes for the Invoke operation" and "Exceeded maximum allowed payload size
// (6291556 bytes)": https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html and, for the latter,
// github.com/anomalyco/console issue 63.
const (
	maxPayload = 6_291_556 // an event must be smaller
	maxAnswer  = 6_291_556 // an answer must not be larger
)

// FunctionError is an error that the function itself returned. Its text may say anything; do not log it where the
// function's own log is not kept.
type FunctionError struct {
	Type    string // Go type of the error, as the runtime reports it
	Message string
}

func (e *FunctionError) Error() string { return "lambda: the function returned " + e.Type }

// InvocationError is the bad end of an invocation that was accepted. Err is why.
type InvocationError struct {
	RequestID string
	Err       error
}

func (e *InvocationError) Error() string { return e.Err.Error() }

// Unwrap returns Err.
func (e *InvocationError) Unwrap() error { return e.Err }

// reportLine is what Lambda writes into the function's log when an invocation ends badly; without it a request that
// failed would leave nothing behind. It holds the type of an error and never its text.
// https://docs.aws.amazon.com/lambda/latest/dg/telemetry-schema-reference.html#platform-report
func reportLine(requestID string, err error) []byte {
	var line struct {
		Time   string `json:"time"`
		Type   string `json:"type"`
		Record struct {
			RequestID string `json:"requestId"`
			Status    string `json:"status"`
			ErrorType string `json:"errorType"`
		} `json:"record"`
	}
	line.Time, line.Type = time.Now().UTC().Format("2006-01-02T15:04:05.000Z"), "platform.report"
	line.Record.RequestID, line.Record.Status, line.Record.ErrorType = requestID, "error", "Runtime.ExitError"
	var own *FunctionError
	if errors.Is(err, ErrTimeout) {
		line.Record.Status, line.Record.ErrorType = "timeout", "Sandbox.Timedout"
	} else if errors.As(err, &own) {
		line.Record.ErrorType = own.Type
	}
	text, _ := json.Marshal(line) // texts only: it cannot fail
	return append(text, '\n')
}
