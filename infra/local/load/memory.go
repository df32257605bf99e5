package main

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"os"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"twofold/infra/local/load/ledger"
)

// memory samples the resident size of every instance and of this process, which is the rest of the stack: gateway,
// stream readers, KMS, SES, and the clients with their ledger. DynamoDB Local is left out: it keeps its tables in
// memory, so it grows with what is stored.
type memory struct {
	of instances

	mu         sync.Mutex
	instances  map[int]*life
	self       []int64
	goroutines []int64
}

// life is one instance with its samples, in bytes.
type life struct {
	function string
	samples  []int64
}

// act samples until ctx ends.
func (m *memory) act(ctx context.Context, every time.Duration) {
	for ctx.Err() == nil {
		m.sample()
		sleep(ctx, every)
	}
}

func (m *memory) sample() {
	running := m.of.Processes()
	m.mu.Lock()
	defer m.mu.Unlock()
	alive := map[int]bool{}
	for function, pids := range running {
		for _, pid := range pids {
			size, ok := resident(pid)
			if !ok {
				continue // gone between
			}
			alive[pid] = true
			if m.instances[pid] == nil {
				m.instances[pid] = &life{function: function}
			}
			m.instances[pid].samples = append(m.instances[pid].samples, size)
		}
	}
	maps.DeleteFunc(m.instances, func(pid int, l *life) bool { return !alive[pid] && len(l.samples) < longLife })
	if size, ok := resident(os.Getpid()); ok {
		m.self = append(m.self, size)
	}
	m.goroutines = append(m.goroutines, int64(runtime.NumGoroutine()))
}

// longLife is the number of samples that an instance must have to be judged.
const longLife = 60

// resident reads VmRSS (proc_pid_status(5)) in bytes; false where there is no such process any more.
func resident(pid int) (int64, bool) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0, false
	}
	for line := range bytes.Lines(text) {
		if rest, found := strings.CutPrefix(string(line), "VmRSS:"); found {
			kilobytes, err := strconv.ParseInt(strings.TrimSuffix(strings.TrimSpace(rest), " kB"), 10, 64)
			return kilobytes << 10, err == nil
		}
	}
	return 0, false
}

// line shows the latest sizes in megabytes.
func (m *memory) line() string {
	m.mu.Lock()
	defer m.mu.Unlock()
	sizes := map[string][]int64{}
	for _, l := range m.instances {
		sizes[l.function] = append(sizes[l.function], l.samples[len(l.samples)-1]>>20)
	}
	var parts []string
	for _, function := range slices.Sorted(maps.Keys(sizes)) {
		parts = append(parts, fmt.Sprintf("%s %d–%d", function, slices.Min(sizes[function]), slices.Max(sizes[function])))
	}
	if n := len(m.self); n > 0 {
		parts = append(parts, fmt.Sprintf("stack %d (%d goroutines)", m.self[n-1]>>20, m.goroutines[n-1]))
	}
	return strings.Join(parts, ", ")
}

// judge checks every instance that lived long, and this process; it says what it found.
func (m *memory) judge(led *ledger.Ledger) []string {
	m.mu.Lock()
	defer m.mu.Unlock()
	var said []string
	for _, pid := range slices.Sorted(maps.Keys(m.instances)) {
		l := m.instances[pid]
		if len(l.samples) < longLife {
			continue
		}
		before, after := led.Steady(l.function, l.samples, 0)
		said = append(said, fmt.Sprintf("%s: %d samples, %.1f → %.1f MB", l.function, len(l.samples), megabytes(before), megabytes(after)))
	}
	before, after := led.Steady("the stack's process", m.self, 0)
	said = append(said, fmt.Sprintf("stack: %d samples, %.1f → %.1f MB", len(m.self), megabytes(before), megabytes(after)))
	before, after = led.Steady("the number of the stack's goroutines", m.goroutines, fewGoroutines)
	return append(said, fmt.Sprintf("goroutines: %d → %d", before, after))
}

// fewGoroutines is how many more there may be, a quarter aside.
const fewGoroutines = 20

func megabytes(n int64) float64 { return float64(n) / (1 << 20) }
