package lambda

import (
	"errors"
	"fmt"
	"time"
)

// run carries an invocation to its end and notes in the function's log how it ended, if badly.
func (p *Pool) run(work *invocation) ([]byte, error) {
	body, err := p.place(work)
	if err == nil || errors.Is(err, ErrStopped) {
		return body, err
	}
	p.logs.emit(reportLine(work.id, err))
	return nil, &InvocationError{RequestID: work.id, Err: err}
}

// place gives the work to an idle instance, or to a new one. An idle one may turn out to be dying: a runtime reports
// a panic and exits afterwards. The work has not reached it then, so another may have it.
func (p *Pool) place(work *invocation) ([]byte, error) {
	for {
		i, fresh, err := p.take()
		if err != nil {
			return nil, err
		}
		body, err := p.hand(i, work, p.inits)
		if errors.Is(err, errNotDelivered) && !fresh {
			continue
		}
		if errors.Is(err, ErrInit) || errors.Is(err, errNotDelivered) {
			return p.placeAgain(work)
		}
		return body, err
	}
}

// placeAgain is Lambda's second attempt to initialize an instance for the same work, and the last. It is part of the
// invocation, whose time it takes:
// https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html#runtimes-lifecycle-ib
func (p *Pool) placeAgain(work *invocation) ([]byte, error) {
	i, err := p.start()
	if err != nil {
		return nil, err
	}
	work.deadline = time.Now().Add(work.timeout)
	body, err := p.hand(i, work, work.timeout)
	if errors.Is(err, errNotDelivered) {
		err = ErrInit
	}
	return body, err
}

// hand gives the work to one instance. One that is fit for more becomes idle again, any other is ended.
func (p *Pool) hand(i *instance, work *invocation, init time.Duration) ([]byte, error) {
	body, err := i.invoke(work, init)
	var own *FunctionError
	if err == nil || errors.As(err, &own) && !errors.Is(err, ErrInit) {
		p.giveBack(i)
	} else {
		p.discard(i)
	}
	return body, err
}

// take returns the instance that was idle for the shortest time, or a fresh one.
func (p *Pool) take() (i *instance, fresh bool, err error) {
	p.mu.Lock()
	if n := len(p.idle); n > 0 && !p.stopped {
		i, p.idle = p.idle[n-1], p.idle[:n-1]
		p.mu.Unlock()
		return i, false, nil
	}
	p.mu.Unlock()
	i, err = p.start()
	return i, true, err
}

func (p *Pool) start() (*instance, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.stopped {
		return nil, ErrStopped
	}
	i, err := startInstance(p.function, p.logs)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrInit, err)
	}
	p.all[i] = struct{}{}
	return i, nil
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
