package storetest

import (
	"sync"
	"time"
)

// Clock stands still until it is moved. It is safe for use by several goroutines at once.
type Clock struct {
	mu  sync.Mutex
	now time.Time
}

// NewClock makes one that stands in the middle of a second, as real ones do.
func NewClock() *Clock {
	return &Clock{now: time.Date(2026, 11, 22, 12, 0, 7, 123_456_000, time.UTC)}
}

// Now is where it stands.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// Advance moves it on.
func (c *Clock) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}
