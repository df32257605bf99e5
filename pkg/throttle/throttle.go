// Package throttle limits guessing (design §9): a pure function of a user's
// failures and the time. It knows nothing of codes or stores. All methods and
// ways back of a user share one State, so switching method buys no further tries.
package throttle

import "time"

const (
	// FreeTries failures in a row cost nothing; from the last of them on, each doubles the wait.
	FreeTries = 5
	// FirstDelay is the wait after FreeTries failures.
	FirstDelay = time.Second
	// MaxDelay ends the doubling.
	MaxDelay = 15 * time.Minute
	// Cap failures within Window stop all tries until the oldest has left the
	// window, whatever succeeded in between (OWASP ASVS 5.0 6.3.5).
	Cap = 30
	// Window is the time that Cap is counted over.
	Window = 24 * time.Hour
	// AlarmAfter failures in a row are told to their owner. From there on the wait is longer than a minute: whoever mistypes has been
	// held up for a minute in all before it comes to that, and whoever guesses as fast as may be is there a minute after beginning.
	AlarmAfter = 11
	// SuspendAfter failures in a row suspend the authenticators (NIST SP 800-63B-4 §3.2.2: no more than 100).
	SuspendAfter = 100
)

// State is what is remembered of a user's failures. Its zero value is a user who never failed.
type State struct {
	Consecutive int         // since the last success
	Failures    []time.Time // the latest within Window, oldest first, at most Cap
	LockedUntil time.Time
}

// Suspended reports whether authenticators are out of use until a recovery or a reset.
func (s State) Suspended() bool { return s.Consecutive >= SuspendAfter }

// Locked reports whether a try at now must not be evaluated, and until when. A
// try made while locked is neither evaluated nor counted.
func (s State) Locked(now time.Time) (until time.Time, locked bool) {
	until = s.LockedUntil
	if recent := within(s.Failures, now); len(recent) >= Cap {
		if end := recent[0].Add(Window); end.After(until) {
			until = end
		}
	}
	return until, now.Before(until)
}

// Fail counts a wrong try that was evaluated at now.
func (s State) Fail(now time.Time) State {
	recent := append(within(s.Failures, now), now)
	if len(recent) > Cap {
		recent = recent[len(recent)-Cap:]
	}
	next := State{Consecutive: s.Consecutive + 1, Failures: recent}
	if next.Consecutive >= FreeTries {
		next.LockedUntil = now.Add(delay(next.Consecutive))
	}
	return next
}

// Alarms reports whether the failure that made next of s is one that the owner should hear of: the AlarmAfter-th in a row, which
// there is once until a success, or the one that fills the Cap. While that stays full, as it does for whoever goes on guessing, each
// further failure finds it full.
func (s State) Alarms(next State) bool {
	return next.Consecutive == AlarmAfter || len(next.Failures) == Cap && len(s.Failures) < Cap
}

// Succeed counts a right one: the run of failures ends, the cap's count stays.
func (s State) Succeed(now time.Time) State {
	return State{Failures: within(s.Failures, now)}
}

func delay(consecutive int) time.Duration {
	d := FirstDelay
	for range consecutive - FreeTries {
		if d *= 2; d >= MaxDelay {
			return MaxDelay
		}
	}
	return d
}

// within copies, so that a State can be shared by requests.
func within(failures []time.Time, now time.Time) []time.Time {
	kept := make([]time.Time, 0, len(failures)+1)
	for _, at := range failures {
		if now.Sub(at) < Window {
			kept = append(kept, at)
		}
	}
	return kept
}
