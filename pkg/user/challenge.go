package user

import (
	"slices"
	"time"

	"twofold/pkg/fault"
)

// ErrTooSoon refuses a further mailed code for now; RetryAfter says how long.
var ErrTooSoon = fault.New(fault.Throttled, "too_soon", "A code was sent a moment ago, or several within a short time. Wait before ordering another.")

// ResendAt is the earliest time for a further mailed code of a purpose: a minute after the one under way,
// and never more than SendLimit of all purposes within SendWindow.
func (f Factors) ResendAt(p Purpose, now time.Time) time.Time {
	at := now
	for _, c := range f.Challenges {
		if again := c.SentAt().Add(SendInterval); c.Purpose == p && again.After(at) {
			at = again
		}
	}
	if free := f.Sends.FreeAt(now); free.After(at) {
		at = free
	}
	return at
}

// Order puts a challenge under way and asks for its delivery, within the limits.
// The earlier challenge of the same purpose is void with it.
func (f *Factors) Order(c Challenge, now time.Time) error {
	if at := f.ResendAt(c.Purpose, now); now.Before(at) {
		return ErrTooSoon.After(at.Sub(now))
	}
	f.Drop(c.Purpose)
	f.Challenges = slices.DeleteFunc(f.Challenges, func(old Challenge) bool { return !now.Before(old.ExpiresAt) })
	f.open(c)
	f.Sends = append(f.Sends.Recent(now), now)
	f.Deliver = c.ID
	return nil
}

// open puts a challenge under way in the place of the oldest, where there are too many. An administrator's code gives way to none: who
// knows no more than a password could push it out.
func (f *Factors) open(c Challenge) {
	if len(f.Challenges) >= MaxChallenges {
		oldest := slices.IndexFunc(f.Challenges, func(old Challenge) bool { return !old.Given() })
		f.Challenges = slices.Delete(f.Challenges, oldest, oldest+1)
	}
	f.Challenges = append(f.Challenges, c)
}

// Admit puts an administrator's code under way: nothing is sent, and the one before is void.
func (f *Factors) Admit(c Challenge) {
	f.Drop(c.Purpose)
	f.open(c)
}

// Given reports whether an administrator gives the code to the user, and nothing is sent.
func (c Challenge) Given() bool { return c.Purpose == Bypass || c.Purpose == Ticket }

// Open finds the live challenge of a purpose that a login ordered.
func (f Factors) Open(p Purpose, login string, now time.Time) (Challenge, bool) {
	for _, c := range f.Challenges {
		if c.Purpose == p && c.Login == login && now.Before(c.ExpiresAt) && c.Tries < TriesPerCode {
			return c, true
		}
	}
	return Challenge{}, false
}

// Ordered is the id of the challenge of a purpose that is under way, whoever ordered it; empty: there is none.
func (f Factors) Ordered(p Purpose) string {
	for _, c := range f.Challenges {
		if c.Purpose == p {
			return c.ID
		}
	}
	return ""
}

// Drop voids the challenges of a purpose.
func (f *Factors) Drop(p Purpose) {
	f.Challenges = slices.DeleteFunc(f.Challenges, func(c Challenge) bool { return c.Purpose == p })
}

// Miss counts a wrong answer: against the user and, where it answered one, against the challenge. It records the try.
func (f *Factors) Miss(t Try, p Purpose, login string, now time.Time) {
	_, open := f.Open(p, login, now)
	f.Tried = t
	f.Tried.Right, f.Tried.Void, f.Tried.At = false, p.Sent() && !open, now
	for i, c := range f.Challenges {
		if c.Purpose == p && c.Login == login {
			f.Challenges[i].Tries++
		}
	}
	f.Throttle = f.Throttle.Fail(now)
}
