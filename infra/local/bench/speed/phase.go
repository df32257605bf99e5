package main

import (
	"context"
	"runtime"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

const (
	one  = 1 // client
	many = 8 // clients
	// longestPhase bounds a phase that hangs; a usual one takes about a second.
	longestPhase = time.Minute
)

// reply is what a call gave.
type reply struct {
	status int
	body   []byte
}

// call is one piece of work, prepared outside of what is measured.
type call func(context.Context) (reply, error)

// phase is what a number of calls took.
type phase struct {
	calls   int
	elapsed time.Duration
	cpu     time.Duration // of this process, in user and kernel mode
	allocs  uint64
	bytes   uint64 // allocated
}

// rate is calls per second.
func (p phase) rate() float64 { return float64(p.calls) / p.elapsed.Seconds() }

// work does every call once, by so many clients at a time, and gives the replies in the order of the calls. The first
// error ends it.
func work(ctx context.Context, clients int, calls []call) (phase, []reply, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, longestPhase, context.DeadlineExceeded)
	defer cancel()
	replies := make([]reply, len(calls))
	var next atomic.Int64
	var failed error
	var once sync.Once
	var ready, done sync.WaitGroup
	start := make(chan struct{})
	ready.Add(clients)
	for range clients {
		done.Go(func() {
			ready.Done()
			<-start
			for at := next.Add(1) - 1; at < int64(len(calls)); at = next.Add(1) - 1 {
				r, err := calls[at](ctx)
				if err != nil {
					once.Do(func() { failed = err; cancel() })
					return
				}
				replies[at] = r
			}
		})
	}
	ready.Wait()
	runtime.GC() // what was allocated before is not this phase's to collect
	before := take()
	close(start)
	done.Wait()
	p := take().since(before)
	p.calls = len(calls)
	return p, replies, failed
}

// gauge is what this process has used up to a moment.
type gauge struct {
	at     time.Time
	cpu    time.Duration
	memory runtime.MemStats
}

func take() *gauge {
	g := &gauge{}
	runtime.ReadMemStats(&g.memory)
	g.cpu = processCPU()
	g.at = time.Now()
	return g
}

func (g *gauge) since(before *gauge) phase {
	return phase{
		elapsed: g.at.Sub(before.at), cpu: g.cpu - before.cpu,
		allocs: g.memory.Mallocs - before.memory.Mallocs, bytes: g.memory.TotalAlloc - before.memory.TotalAlloc,
	}
}

// processCPU is the CPU that this process has had, its children not included.
func processCPU() time.Duration {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		panic(err) // it fails on a bad argument only
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}
