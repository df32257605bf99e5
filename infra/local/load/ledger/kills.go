package ledger

import (
	"cmp"
	"slices"
	"time"
)

// Kill is the end of one instance, somewhere between two times.
type Kill struct {
	Function string
	From, To time.Time
}

// Failure is a call of a function that ended in a 5xx or without any reply.
type Failure struct {
	Function string
	Status   int // 0: the connection was cut
	From, To time.Time
	Call     string // what it was, without values
}

// Killed notes a kill.
func (l *Ledger) Killed(k Kill) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.kills = append(l.kills, k)
}

// Failed notes a failure.
func (l *Ledger) Failed(f Failure) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.failures = append(l.failures, f)
}

// Explain checks that each failure has a kill of its own: of the same function, while the call was under way. An
// instance serves one call at a time, so no kill explains two. It ends these notes.
func (l *Ledger) Explain() {
	l.mu.Lock()
	defer l.mu.Unlock()
	slices.SortFunc(l.failures, func(a, b Failure) int { return a.To.Compare(b.To) })
	kills := slices.Clone(l.kills)
	slices.SortFunc(kills, func(a, b Kill) int { return cmp.Or(a.To.Compare(b.To), a.From.Compare(b.From)) })
	used := make([]bool, len(kills))
	for _, f := range l.failures {
		// The earliest possible: whatever ends later can still have a later one.
		at := 0
		for at < len(kills) && (used[at] || !explains(kills[at], f)) {
			at++
		}
		found := at < len(kills)
		if found {
			used[at] = true
		}
		l.check(Explained, found, "%s: %d at %s, and no instance of %s was killed", f.Call, f.Status, f.To.Format(time.TimeOnly), f.Function)
	}
	l.failures = nil
}

func explains(k Kill, f Failure) bool {
	return k.Function == f.Function && !k.To.Before(f.From) && !k.From.After(f.To)
}

// Kills counts the kills so far, by function.
func (l *Ledger) Kills() map[string]int {
	l.mu.Lock()
	defer l.mu.Unlock()
	counts := map[string]int{}
	for _, k := range l.kills {
		counts[k.Function]++
	}
	return counts
}
