package dynamo

import "twofold/pkg/throttle"

// throttle writes what limits tries, readable: the factors alone pack it.
func (i item) throttle(s throttle.State) {
	i.number("consecutive_failures", int64(s.Consecutive))
	i.moments("failures", s.Failures)
	i.moment("locked_until", s.LockedUntil)
}

func throttled(must, may fields) throttle.State {
	return throttle.State{
		Consecutive: int(must.number("consecutive_failures")), Failures: may.moments("failures"), LockedUntil: may.moment("locked_until"),
	}
}
