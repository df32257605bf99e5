// Package lambda runs a function's real binary the way Lambda does: processes that speak the Runtime API, one
// invocation at a time each, more of them when more arrive at once. It knows nothing of HTTP APIs or streams, and
// nothing of what the function does. It may not be imported by anything that is deployed.
package lambda

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"
)

var (
	// ErrTimeout is the end of an invocation that took longer than the function may. Its instance is killed.
	ErrTimeout = errors.New("lambda: the function timed out")
	// ErrCrashed is the end of an invocation whose instance died before it answered.
	ErrCrashed = errors.New("lambda: the instance ended before it answered")
	// ErrInit is the failure of an instance to come up. Nothing was invoked.
	ErrInit = errors.New("lambda: the instance did not initialize")
	// ErrStopped answers every invocation after Stop.
	ErrStopped = errors.New("lambda: the pool is stopped")
)

// FunctionError is an error that the function itself returned. Its text may say anything; do not log it where the
// function's own log is not kept.
type FunctionError struct {
	Type    string // Go type of the error, as the runtime reports it
	Message string
}

func (e *FunctionError) Error() string { return "lambda: the function returned " + e.Type }

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
	Instances   int               // at most this many at once; zero means 4
	Logs        io.Writer         // receives whole lines, one Write each, never two at once; nil discards them
}

// Pool is one function with its instances. It is safe for concurrent use.
type Pool struct {
	function Function
	slots    chan struct{} // one for each instance that may be busy
	logs     *lineSink
	inits    time.Duration // how long an instance may take to ask for work

	mu      sync.Mutex
	idle    []*instance // most recently used last
	all     map[*instance]struct{}
	stopped bool
	busy    sync.WaitGroup
}

// NewPool makes a pool without any instance; the first invocation starts one.
func NewPool(f Function) *Pool {
	if f.Instances == 0 {
		f.Instances = 4
	}
	return &Pool{
		function: f,
		slots:    make(chan struct{}, f.Instances),
		logs:     &lineSink{to: f.Logs},
		inits:    time.Minute, // Lambda allows 10 s; a machine that builds at the same time needs more
		all:      map[*instance]struct{}{},
	}
}

// Invoke runs the function once and returns its answer: a JSON document. Errors are ErrTimeout, ErrCrashed, ErrInit,
// ErrStopped, a *FunctionError, or ctx's. While all instances are busy it waits for one. When ctx ends it returns, but
// an invocation under way goes on to its end, as it does on AWS when a client hangs up.
func (p *Pool) Invoke(ctx context.Context, payload []byte) ([]byte, error) {
	select {
	case p.slots <- struct{}{}:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	if !p.begin() {
		<-p.slots
		return nil, ErrStopped
	}
	type result struct {
		body []byte
		err  error
	}
	done := make(chan result, 1)
	go func() {
		defer p.busy.Done()
		defer func() { <-p.slots }()
		body, err := p.run(payload)
		done <- result{body, err}
	}()
	select {
	case r := <-done:
		return r.body, r.err
	case <-ctx.Done():
		return nil, ctx.Err()
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

// run gives the payload to an idle instance, or to a new one. An idle one may turn out to be dying: a runtime reports
// a panic and exits afterwards. The payload has not reached it then, so another may have it.
func (p *Pool) run(payload []byte) ([]byte, error) {
	for {
		i, fresh, err := p.take()
		if err != nil {
			return nil, err
		}
		body, err := i.invoke(payload, p.function.Timeout, p.inits)
		var own *FunctionError
		if err == nil || errors.As(err, &own) {
			p.giveBack(i)
			return body, err
		}
		p.discard(i)
		if errors.Is(err, errNotDelivered) && !fresh {
			continue
		} else if errors.Is(err, errNotDelivered) {
			return nil, ErrInit
		}
		return nil, err
	}
}

func (p *Pool) take() (i *instance, fresh bool, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.stopped {
		return nil, false, ErrStopped
	}
	if n := len(p.idle); n > 0 {
		i, p.idle = p.idle[n-1], p.idle[:n-1]
		return i, false, nil
	}
	if i, err = startInstance(p.function, p.logs); err != nil {
		return nil, false, fmt.Errorf("%w: %w", ErrInit, err)
	}
	p.all[i] = struct{}{}
	return i, true, nil
}

// giveBack makes the instance available again, unless Kill has had it meanwhile.
func (p *Pool) giveBack(i *instance) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if _, ours := p.all[i]; ours {
		p.idle = append(p.idle, i)
	}
}

func (p *Pool) discard(i *instance) {
	p.mu.Lock()
	delete(p.all, i)
	p.mu.Unlock()
	i.stop()
}

// Kill ends every instance at once, in mid-invocation too, as a machine that fails does. Later invocations start new
// ones. It returns when the processes are gone.
func (p *Pool) Kill() {
	p.mu.Lock()
	p.idle = nil
	victims := p.all
	p.all = map[*instance]struct{}{}
	p.mu.Unlock()
	for i := range victims {
		i.stop()
	}
}

// Stop ends every instance and waits until nothing of the pool is running.
func (p *Pool) Stop() {
	p.mu.Lock()
	p.stopped = true
	p.mu.Unlock()
	p.Kill()
	p.busy.Wait()
}

// Instances is the number of instances that exist now.
func (p *Pool) Instances() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.all)
}
