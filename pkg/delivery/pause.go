package delivery

import "time"

// Pause is how long to wait after so many tries in vain, the first of which is 1: twice as long each time, from first to last. jitter, of [0, 1),
// spreads it over the second half of its time: whoever failed together must not come back together.
func Pause(first, last time.Duration, tries int, jitter float64) time.Duration {
	wait := last
	if shift := max(tries, 1) - 1; shift < 20 {
		wait = min(first<<shift, last)
	}
	return wait/2 + time.Duration(jitter*float64(wait/2))
}
