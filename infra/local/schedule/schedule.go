// Package schedule stands in for EventBridge's scheduled rules and for EventBridge Scheduler in front of one function:
// it invokes the function at a fixed rate, with the payload that the service would send, and tries again as Lambda does
// with an asynchronous invocation that failed. It knows nothing of what the function does and may not be imported by
// anything that is deployed.
//
// A rate counts from the start of the process, and the first invocation comes after one period. What was missed while
// the process did not run is not made up for. An event is at most delivered once here; the real services may do so twice.
package schedule

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"twofold/infra/local/lambda"
	"twofold/infra/local/template"
)

// Options says what is invoked, and when. All fields but GivenUp must be set.
type Options struct {
	Source   template.Schedule
	Function lambda.Invoker
	Reader   string // the function's name, in logs and in the ARN of the schedule: "mailer"
	Region   string
	Account  string
	Now      func() time.Time
	// Wait returns after d, or earlier when ctx ends. Sleep is one.
	Wait func(ctx context.Context, d time.Duration)
	Log  *slog.Logger
	// GivenUp is told of an event that was tried often enough; nil tells nobody.
	GivenUp func(payload []byte, attempts int, err error)
}

// Sleep waits by the machine's clock.
func Sleep(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	}
}

// Timer is one running schedule. Make it with Start.
type Timer struct {
	o       Options
	ctx     context.Context
	cancel  context.CancelFunc
	workers sync.WaitGroup
}

// Start begins to count. A schedule that is disabled never fires by itself.
func Start(o Options) *Timer {
	t := &Timer{o: o}
	t.ctx, t.cancel = context.WithCancel(context.Background())
	if !o.Source.Disabled {
		first := o.Now().Add(o.Source.Every)
		t.workers.Go(func() { t.run(first) })
	}
	return t
}

// Stop ends the schedule and returns when none of its invocations is waited for any more.
func (t *Timer) Stop() {
	t.cancel()
	t.workers.Wait()
}

// look is how often the clock is looked at, at least: it may be one that a test moves.
const look = time.Second

// run fires at due and at every period from then on. An invocation that takes longer than a period does not hold up the
// next one.
func (t *Timer) run(due time.Time) {
	for t.ctx.Err() == nil {
		now := t.o.Now()
		if now.Before(due) {
			t.o.Wait(t.ctx, min(due.Sub(now), look))
			continue
		}
		at := due
		t.workers.Go(func() { _ = t.deliver(t.ctx, at) }) // which has been logged
		for !due.After(now) {
			due = due.Add(t.o.Source.Every)
		}
	}
}

// Fire invokes the function now, as if its time had come, and returns when Lambda would have done with the event: nil, or
// the error of the last attempt. It works on a schedule that is disabled, too.
func (t *Timer) Fire(ctx context.Context) error { return t.deliver(ctx, t.o.Now()) }

// deliver hands one event to the function; one that is given up is logged, and goes where the function's events do.
func (t *Timer) deliver(ctx context.Context, at time.Time) error {
	return lambda.Asynchronous{
		Function: t.o.Function, Now: t.o.Now, Wait: t.o.Wait,
		GivenUp: func(payload []byte, attempts int, err error) {
			t.o.Log.Error("schedule: an event was given up", "reader", t.o.Reader, "schedule", t.o.Source.Name, "attempts", attempts, "error", err)
			if t.o.GivenUp != nil {
				t.o.GivenUp(payload, attempts, err)
			}
		},
	}.Deliver(ctx, t.event(at), at)
}
