package ledger

import (
	"slices"
)

// The bound of what counts as flat: an instance may grow by a quarter and eight megabytes from the second fifth of its
// samples to the last. The first fifth is warming up: caches, pools, the collector's idea of a heap.
const (
	growthShare = 4
	growthRoom  = 8 << 20
)

// Growth gives the medians, in bytes, of the second and of the last fifth of samples in order of time; zeros for
// fewer than five.
func Growth(samples []int64) (second, last int64) {
	fifth := len(samples) / 5
	if fifth == 0 {
		return 0, 0
	}
	return median(samples[fifth : 2*fifth]), median(samples[len(samples)-fifth:])
}

func median(samples []int64) int64 {
	sorted := slices.Sorted(slices.Values(samples))
	return sorted[len(sorted)/2]
}

// Steady checks that something did not grow: the samples of one process, in bytes. room is what it may grow by besides
// the quarter that all may; zero is the usual room.
func (l *Ledger) Steady(what string, samples []int64, room int64) (second, last int64) {
	if room == 0 {
		room = growthRoom
	}
	second, last = Growth(samples)
	l.Check(Flat, last <= second+second/growthShare+room, "%s grew from %d to %d", what, second, last)
	return second, last
}
