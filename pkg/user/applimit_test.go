package user_test

import (
	"fmt"
	"testing"
	"time"

	"twofold/pkg/throttle"
	"twofold/pkg/user"
)

func TestSourcesOfGuesses(t *testing.T) {
	for claimed, want := range map[string]string{
		"198.51.100.7": "198.51.100.7", "::ffff:198.51.100.7": "198.51.100.7", "2001:db8:1:2:3:4:5:6": "2001:db8:1:2::/64",
		"2001:db8:1:2::9": "2001:db8:1:2::/64", "fe80::1%eth0": "fe80::/64", "": "key 0123", "nobody": "key 0123",
	} {
		if got := user.AppSource(claimed, "0123"); got != want {
			t.Errorf("%q is the source %q, want %q", claimed, got, want)
		}
	}
}

func miss(n int) []byte { return fmt.Append(nil, "miss ", n) }

// Five different wrong passwords are free, then each doubles the wait, and thirty are all that a day has.
func TestGuessesFromASourceAreLimited(t *testing.T) {
	l, now := user.AppLimit{}, noon
	tried := 0
	for end := noon.Add(throttle.Window); now.Before(end); now = now.Add(time.Second) {
		if !l.Locked(now) {
			l = l.Miss(miss(tried), now)
			tried++
		}
	}
	if tried != throttle.Cap {
		t.Errorf("%d guesses in a day, want %d", tried, throttle.Cap)
	}
	if l.Rev != throttle.Cap || len(l.Attempt) == 0 || len(l.Misses) > 5 || !l.EndsAt().After(now) {
		t.Errorf("left %+v", l)
	}
	five := user.AppLimit{}
	for i := range throttle.FreeTries {
		if five.Locked(noon) {
			t.Errorf("locked after %d", i)
		}
		five = five.Miss(miss(i), noon)
	}
	if !five.Locked(noon) || five.Locked(noon.Add(throttle.FirstDelay)) {
		t.Error("the fifth brings no wait of a second")
	}
}

// An old program asks with the same password for ever: that is one guess. After a day it is forgotten, and so is the run.
func TestTheSameWrongPasswordIsOneGuess(t *testing.T) {
	l := user.AppLimit{}
	if l.Knows(miss(0), noon) || l.EndsAt() != (time.Time{}) {
		t.Error("something is known of nothing")
	}
	l = l.Miss(miss(0), noon).Miss(miss(1), noon)
	if !l.Knows(miss(0), noon) || !l.Knows(miss(1), noon.Add(throttle.Window-1)) || l.Knows(miss(2), noon) {
		t.Error("not what was tried is known")
	}
	later := noon.Add(throttle.Window)
	if l.Knows(miss(0), later) || l.EndsAt() != later {
		t.Error("it is known for longer than the window")
	}
	again := l.Miss(miss(2), later)
	if again.Throttle.Consecutive != 1 || again.Knows(miss(0), later) || !again.Knows(miss(2), later) || again.Rev != 3 {
		t.Errorf("after a day: %+v", again)
	}
	if len(l.Misses) != 2 {
		t.Error("what was read has changed")
	}
	many := user.AppLimit{}
	for i := range 7 {
		many = many.Miss(miss(i), noon)
	}
	if many.Knows(miss(1), noon) || !many.Knows(miss(2), noon) {
		t.Errorf("known are %q", many.Misses)
	}
}
