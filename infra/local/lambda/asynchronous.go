package lambda

import (
	"context"
	"errors"
	"time"
)

// Invoker runs a function once. *Pool is one.
type Invoker interface {
	Invoke(ctx context.Context, payload []byte) ([]byte, error)
}

// Asynchronous invokes a function as Lambda does for a service that does not wait for the answer, such as EventBridge or SNS. All
// fields but GivenUp must be set.
type Asynchronous struct {
	Function Invoker
	Now      func() time.Time
	// Wait returns after d, or earlier when ctx ends.
	Wait func(ctx context.Context, d time.Duration)
	// GivenUp is told of an event that was tried often enough, or became too old, with the last error; nil tells nobody.
	GivenUp func(payload []byte, attempts int, err error)
}

// Lambda's rules where a function states none of its own:
// https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html
const (
	attempts        = 3
	longestAge      = 6 * time.Hour
	firstThrottle   = time.Second
	longestThrottle = 5 * time.Minute
)

// Deliver tries up to three times, with a minute and then two between, and answers nil or the error of the last attempt. A function
// that has no concurrency left is tried again for six hours, which costs no attempt. at is when the event came.
func (a Asynchronous) Deliver(ctx context.Context, payload []byte, at time.Time) error {
	throttle := firstThrottle
	for tried := 0; ; {
		_, err := a.Function.Invoke(ctx, payload)
		if err == nil || ctx.Err() != nil || errors.Is(err, ErrStopped) {
			return err
		}
		wait := throttle
		if errors.Is(err, ErrThrottled) {
			throttle = min(2*throttle, longestThrottle)
		} else {
			tried++
			wait = time.Duration(tried) * time.Minute
		}
		if tried == attempts || a.Now().Add(wait).Sub(at) > longestAge {
			if a.GivenUp != nil {
				a.GivenUp(payload, tried, err)
			}
			return err
		}
		if a.Wait(ctx, wait); ctx.Err() != nil {
			return err
		}
	}
}
