package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"

	"twofold/infra/local/stack"
)

// memory is how large mailers have been, in bytes: in the first tenth of the samples, and ever.
type memory struct {
	mu    sync.Mutex
	sizes []int64 // the largest of each second
}

func (m *memory) watch(ctx context.Context, s *stack.Stack) {
	for ; ctx.Err() == nil; sleep(ctx, time.Second) {
		var largest int64
		for _, pid := range s.Processes()["mailer"] {
			largest = max(largest, resident(pid))
		}
		if largest > 0 {
			m.mu.Lock()
			m.sizes = append(m.sizes, largest)
			m.mu.Unlock()
		}
	}
}

// largest are the largest sizes of the first minute, and of all the time, in megabytes.
func (m *memory) largest() (early, ever int64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for i, size := range m.sizes {
		if i < 60 {
			early = max(early, size)
		}
		ever = max(ever, size)
	}
	return early >> 20, ever >> 20
}

// resident reads VmRSS (proc_pid_status(5)) in bytes; zero where there is no such process any more.
func resident(pid int) int64 {
	text, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	for line := range bytes.Lines(text) {
		if rest, found := strings.CutPrefix(string(line), "VmRSS:"); found {
			kilobytes, _ := strconv.ParseInt(strings.TrimSuffix(strings.TrimSpace(rest), " kB"), 10, 64)
			return kilobytes << 10
		}
	}
	return 0
}
