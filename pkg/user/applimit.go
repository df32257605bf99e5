package user

import (
	"bytes"
	"net/netip"
	"slices"
	"time"

	"twofold/pkg/throttle"
)

// maxMisses are how many wrong app passwords are known again: one for each of the programs that a household has forgotten.
const maxMisses = 5

// AppLimit limits guesses at a user's app passwords from one source. It is nobody else's: what fails here counts neither
// against the user's factors nor against other sources. A right password does not reset it, because it writes nothing; after
// throttle.Window without a failure it is as if it were not there. The zero value (with the three names) has no failure.
type AppLimit struct {
	Organization string
	User         string
	Source       string
	Rev          int64
	Attempt      []byte // id of the write
	Throttle     throttle.State
	Misses       [][]byte // the latest wrong passwords, by factor.AppPasswordMiss
}

// AppSource names where a guess comes from: the address of whoever typed it, as the application claims it, or else the application's
// key. Of an IPv6 address its network of 64 bits is the source, which is what one household has.
func AppSource(claimed, key string) string {
	address, err := netip.ParseAddr(claimed)
	if err != nil {
		return "key " + key
	}
	address = address.Unmap().WithZone("")
	if address.Is6() {
		if network, err := address.Prefix(64); err == nil {
			return network.String()
		}
	}
	return address.String()
}

// Locked reports whether nothing from here is evaluated now.
func (l AppLimit) Locked(now time.Time) bool {
	_, locked := l.Throttle.Locked(now)
	return locked
}

// Knows reports whether a wrong password is one that was counted within the window: an old program that goes on asking makes no
// further guess.
func (l AppLimit) Knows(miss []byte, now time.Time) bool {
	return len(l.Throttle.Succeed(now).Failures) > 0 && slices.ContainsFunc(l.Misses, func(m []byte) bool { return bytes.Equal(m, miss) })
}

// Miss begins the write that counts a wrong password.
func (l AppLimit) Miss(miss []byte, now time.Time) AppLimit {
	recent := l.Throttle.Succeed(now).Failures
	if len(recent) == 0 {
		l.Misses = nil
	}
	l.Rev++
	l.Attempt = NewAttempt()
	// Nothing ends a run here but time, so the run is what has failed within the window.
	l.Throttle = throttle.State{Consecutive: len(recent), Failures: recent, LockedUntil: l.Throttle.LockedUntil}.Fail(now)
	l.Misses = append(slices.Clone(l.Misses), miss)
	if extra := len(l.Misses) - maxMisses; extra > 0 {
		l.Misses = l.Misses[extra:]
	}
	return l
}

// EndsAt is when nothing of it matters any more.
func (l AppLimit) EndsAt() time.Time {
	if len(l.Throttle.Failures) == 0 {
		return time.Time{}
	}
	return l.Throttle.Failures[len(l.Throttle.Failures)-1].Add(throttle.Window)
}
