package faults

import (
	"context"
	"errors"
	"slices"
	"sync"

	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// Wire lies between clients of the SDK and their service: it notes every call and can make some fail. Put its Install
// into the APIOptions of each client. It is safe for concurrent use; its zero value lets everything pass.
type Wire struct {
	mu      sync.Mutex
	calls   []string
	arm     func(n int, operation string) (Fault, bool)
	tamper  func(parameters any) int
	altered int
	met     int
	late    []func() error
}

// Record forgets what was called and armed before.
func (w *Wire) Record() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.calls, w.arm, w.tamper, w.altered, w.met, w.late = nil, nil, nil, 0, 0, nil
}

// Arm makes the n-th call from now on fail, counted from 0.
func (w *Wire) Arm(n int, f Fault) {
	w.ArmEach(func(at int, _ string) (Fault, bool) { return f, at == n })
}

// ArmEach asks for the fault of every call from now on. The function is called for one call at a time.
func (w *Wire) ArmEach(arm func(n int, operation string) (Fault, bool)) {
	w.Record()
	w.mu.Lock()
	defer w.mu.Unlock()
	w.arm = arm
}

// Disarm lets every call from now on pass. What was noted stays, and so does what Late holds back.
func (w *Wire) Disarm() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.arm, w.tamper = nil, nil
}

// Tamper lets a function change the parameters of every call from now on; it reports how many places it changed.
func (w *Wire) Tamper(tamper func(parameters any) (changed int)) {
	w.Record()
	w.mu.Lock()
	defer w.mu.Unlock()
	w.tamper = tamper
}

// Tampered is how many places were changed.
func (w *Wire) Tampered() int { return locked(w, func() int { return w.altered }) }

// Calls are the operations called since the last Record, each call once, whatever the SDK repeated.
func (w *Wire) Calls() []string { return locked(w, func() []string { return slices.Clone(w.calls) }) }

// Met is how many tries met a fault since the last Record. A test of a fault that nothing met proves nothing.
func (w *Wire) Met() int { return locked(w, func() int { return w.met }) }

// Deliver lets the service have what Late held back, in the order in which it was sent, and returns how much that was.
// The service's own answers go nowhere: whoever asked is gone. An error is one of the connection.
func (w *Wire) Deliver() (int, error) {
	late := locked(w, func() []func() error { l := w.late; w.late = nil; return l })
	var failed error
	for _, send := range late {
		failed = errors.Join(failed, send())
	}
	return len(late), failed
}

func locked[T any](w *Wire, read func() T) T {
	w.mu.Lock()
	defer w.mu.Unlock()
	return read()
}

// call is one call under way, over all its tries.
type call struct {
	fault Fault
	tries int
}

type callKey struct{}

// Install puts the wire into a client's middleware: each call is numbered before the SDK's first try, and each try is
// met as close to the network as there is a place, so that everything above it is the SDK's own.
func (w *Wire) Install(stack *middleware.Stack) error {
	note := middleware.InitializeMiddlewareFunc("faults: note the call",
		func(ctx context.Context, in middleware.InitializeInput, next middleware.InitializeHandler) (middleware.InitializeOutput, middleware.Metadata, error) {
			return next.HandleInitialize(middleware.WithStackValue(ctx, callKey{}, w.note(ctx, in.Parameters)), in)
		})
	meet := middleware.DeserializeMiddlewareFunc("faults: meet the fault", w.meet)
	if err := stack.Initialize.Add(note, middleware.After); err != nil {
		return err
	}
	return stack.Deserialize.Add(meet, middleware.After)
}

func (w *Wire) note(ctx context.Context, parameters any) *call {
	w.mu.Lock()
	defer w.mu.Unlock()
	operation := awsmiddleware.GetOperationName(ctx)
	c := &call{}
	if w.arm != nil {
		if f, armed := w.arm(len(w.calls), operation); armed {
			c.fault = f
		}
	}
	w.calls = append(w.calls, operation)
	if w.tamper != nil {
		w.altered += w.tamper(parameters)
	}
	return c
}

func (w *Wire) meet(ctx context.Context, in middleware.DeserializeInput, next middleware.DeserializeHandler) (
	out middleware.DeserializeOutput, meta middleware.Metadata, err error,
) {
	c := middleware.GetStackValue(ctx, callKey{}).(*call)
	reaction := c.fault.at(c.tries)
	c.tries++
	request, known := in.Request.(*smithyhttp.Request)
	if reaction == nil || !known {
		return next.HandleDeserialize(ctx, in)
	}
	locked(w, func() int { w.met++; return w.met })
	response, err := reaction(&Try{ctx: ctx, wire: w, next: next, Request: request})
	if response != nil {
		out.RawResponse = response
	}
	return out, meta, err
}
