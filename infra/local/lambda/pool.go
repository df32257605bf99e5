// Package lambda runs a function's real binary the way Lambda does: processes that speak the Runtime API, one
// invocation at a time each, more of them when more arrive at once. It knows nothing of HTTP APIs or streams, and
// nothing of what the function does. It may not be imported by anything that is deployed.
package lambda

import (
	"context"
	"io"
	"sync"
	"time"
)

// Function says what runs.
type Function struct {
	Name        string
	Binary      string // absolute path of the executable
	Handler     string
	Timeout     time.Duration
	MemoryMB    int               // told to the function, not enforced
	LogFormat   string            // "JSON" or "Text", told to the function
	Region      string            // told to the function, and part of its ARN
	Environment map[string]string // the function's own; it wins over what Lambda sets
	Instances   int               // at most this many at once on this machine; zero means 4
	Reserved    int               // ReservedConcurrentExecutions: calls beyond it are refused; zero reserves nothing
	Logs        io.Writer         // receives whole lines, one Write each, never two at once; nil discards them
}

// Pool is one function with its instances. It is safe for concurrent use.
type Pool struct {
	function Function
	slots    chan struct{} // one for each instance that may be busy
	reserved chan struct{} // one for each call that may be under way; nil without a reservation
	logs     *lineSink
	inits    time.Duration // how long an instance may take to ask for work

	mu      sync.Mutex
	idle    []*instance // most recently used last
	all     map[*instance]struct{}
	stopped bool
	busy    sync.WaitGroup
}

// initTimeout is how long Lambda lets an instance initialize:
// https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html#runtimes-lifecycle-ib
const initTimeout = 10 * time.Second

// NewPool makes a pool without any instance; the first invocation starts one.
func NewPool(f Function) *Pool {
	if f.Instances == 0 {
		f.Instances = 4
	}
	p := &Pool{
		function: f,
		logs:     &lineSink{to: f.Logs},
		inits:    initTimeout,
		all:      map[*instance]struct{}{},
	}
	if f.Reserved > 0 {
		p.reserved = make(chan struct{}, f.Reserved)
	}
	p.slots = make(chan struct{}, max(f.Instances, f.Reserved))
	return p
}

// ARN is the function's name on AWS, in an account that does not exist.
func (p *Pool) ARN() string { return arn(p.function) }

// Invoke runs the function once and returns its answer: a JSON document. Errors are ErrTooLarge, ErrThrottled,
// ErrStopped, ctx's, or an *InvocationError, which wraps ErrTimeout, ErrCrashed, ErrInit or a *FunctionError. While
// all instances are busy that this machine may run, it waits for one: Lambda would start another. When ctx ends it
// returns, but an invocation under way goes on to its end, as it does on AWS when a client hangs up.
func (p *Pool) Invoke(ctx context.Context, payload []byte) ([]byte, error) {
	if len(payload) >= maxPayload {
		return nil, ErrTooLarge
	}
	if !p.reserve() {
		return nil, ErrThrottled
	}
	select {
	case p.slots <- struct{}{}:
	case <-ctx.Done():
		p.release()
		return nil, ctx.Err()
	}
	if !p.begin() {
		<-p.slots
		p.release()
		return nil, ErrStopped
	}
	type result struct {
		body []byte
		err  error
	}
	done := make(chan result, 1)
	go func() {
		defer p.busy.Done()
		defer p.release()
		defer func() { <-p.slots }()
		body, err := p.run(newInvocation(payload, p.function.Timeout))
		done <- result{body, err}
	}()
	select {
	case r := <-done:
		return r.body, r.err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// reserve takes one of the function's reserved executions, where it has a number of them.
func (p *Pool) reserve() bool {
	if p.reserved == nil {
		return true
	}
	select {
	case p.reserved <- struct{}{}:
		return true
	default:
		return false
	}
}

func (p *Pool) release() {
	if p.reserved != nil {
		<-p.reserved
	}
}

func (p *Pool) begin() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.stopped {
		return false
	}
	p.busy.Add(1)
	return true
}

// Stop ends every instance and waits until nothing of the pool is running.
func (p *Pool) Stop() {
	p.mu.Lock()
	p.stopped = true
	p.mu.Unlock()
	p.Kill()
	p.busy.Wait()
}
