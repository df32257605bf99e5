package faults

import (
	"context"
	"sync"
	"time"
)

// Deadline is a context whose deadline passes when somebody says so, or at the first call that hangs: a test of a
// hanging service waits for no clock.
type Deadline struct {
	context.Context
	passed chan struct{}
	once   sync.Once
}

type deadlineKey struct{}

// WithDeadline makes one.
func WithDeadline(parent context.Context) *Deadline {
	return &Deadline{Context: parent, passed: make(chan struct{})}
}

// Pass lets the deadline pass. It may be called more than once.
func (d *Deadline) Pass() { d.once.Do(func() { close(d.passed) }) }

// Deadline is in the far future: only Pass ends it.
func (d *Deadline) Deadline() (time.Time, bool) {
	return time.Date(2126, 1, 1, 0, 0, 0, 0, time.UTC), true
}

// Done is closed by Pass.
func (d *Deadline) Done() <-chan struct{} { return d.passed }

// Err is what context.WithDeadline gives: nil, then context.DeadlineExceeded.
func (d *Deadline) Err() error {
	select {
	case <-d.passed:
		return context.DeadlineExceeded
	default:
		return nil
	}
}

// Value lets Hang find the deadline.
func (d *Deadline) Value(key any) any {
	if key == (deadlineKey{}) {
		return d
	}
	return d.Context.Value(key)
}
