package main

import (
	"sync/atomic"
	"time"
)

// clock stands still until it is moved, so that a login, its order and its answer need no waiting for the next code.
type clock struct{ nanoseconds atomic.Int64 }

func newClock(at time.Time) *clock {
	c := &clock{}
	c.nanoseconds.Store(at.UnixNano())
	return c
}

// Now is where it stands.
func (c *clock) Now() time.Time { return time.Unix(0, c.nanoseconds.Load()).UTC() }

func (c *clock) advance(d time.Duration) { c.nanoseconds.Add(int64(d)) }
