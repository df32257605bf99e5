package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
)

// tally counts calls for the lines of progress.
type tally struct {
	mu     sync.Mutex
	kinds  map[string]int
	total  int
	failed int // 5xx, and no reply
}

func newTally() *tally { return &tally{kinds: map[string]int{}} }

func (t *tally) count(kind string, status int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.kinds[kind]++
	t.total++
	if status == 0 || status >= 500 {
		t.failed++
	}
}

// read gives all counts so far.
func (t *tally) read() (kinds map[string]int, total, failed int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return maps.Clone(t.kinds), t.total, t.failed
}

// list writes counts in order of their names.
func list(counts map[string]int) string {
	var parts []string
	for _, name := range slices.Sorted(maps.Keys(counts)) {
		parts = append(parts, fmt.Sprintf("%s %d", name, counts[name]))
	}
	return strings.Join(parts, ", ")
}
