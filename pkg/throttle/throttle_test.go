package throttle_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"twofold/pkg/throttle"
)

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

// The numbers of design §9, written out.
func TestNumbers(t *testing.T) {
	got := fmt.Sprint(throttle.FreeTries, throttle.FirstDelay, throttle.MaxDelay, throttle.Cap, throttle.Window, throttle.SuspendAfter)
	if want := "5 1s 15m0s 30 24h0m0s 100"; got != want {
		t.Errorf("the numbers are %s, design §9 says %s", got, want)
	}
}

// A run is told of at its eleventh failure, where the wait is a minute for the first time, and when it fills the cap, which whoever
// guesses on for days does once a day; and not before somebody has been held up for a minute.
func TestAlarms(t *testing.T) {
	var alarms []int
	s, now, heldUp := throttle.State{}, noon, time.Duration(0)
	for n := 1; n <= 60; n++ {
		next := s.Fail(now)
		if s.Alarms(next) {
			if alarms = append(alarms, n); heldUp < time.Minute {
				t.Errorf("told after %v of waiting", heldUp)
			}
		}
		until, _ := next.Locked(now)
		s, now, heldUp = next, later(now, until), heldUp+max(0, until.Sub(now))
	}
	if !slices.Equal(alarms, []int{throttle.AlarmAfter, throttle.Cap, 2 * throttle.Cap}) || now.Sub(noon) < throttle.Window {
		t.Errorf("told of failures %v", alarms)
	}
	if s.Alarms(s.Succeed(now)) {
		t.Error("a success is told of")
	}
}

// Whoever keeps the cap full, guess by guess as the oldest leave it, is told of when it fills, and not at each guess.
func TestAFullCapAlarmsOnce(t *testing.T) {
	s, alarms := throttle.State{}, 0
	for n := range 4 * throttle.Cap {
		next := s.Fail(noon.Add(time.Duration(n) * throttle.Window / throttle.Cap))
		if s.Alarms(next) {
			alarms++
		}
		s = next
	}
	if alarms != 2 { // and the eleventh in a row
		t.Errorf("told %d times", alarms)
	}
}

// Whoever guesses between the owner's own sign-ins never has eleven in a row, and is told of when the cap is full.
func TestAlarmsBetweenSuccesses(t *testing.T) {
	s, alarms := throttle.State{}, 0
	for n := 1; n <= throttle.Cap; n++ {
		next := s.Fail(noon)
		if s.Alarms(next) {
			alarms++
		}
		if s = next; n%4 == 0 && n < throttle.Cap-1 {
			s = s.Succeed(noon)
		}
	}
	if alarms != 1 {
		t.Errorf("told %d times", alarms)
	}
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// failures in a row → the wait after the last of them.
func TestDelays(t *testing.T) {
	want := map[int]time.Duration{
		1: 0, 2: 0, 3: 0, 4: 0,
		5: time.Second, 6: 2 * time.Second, 7: 4 * time.Second, 8: 8 * time.Second, 9: 16 * time.Second,
		10: 32 * time.Second, 11: 64 * time.Second, 12: 128 * time.Second, 13: 256 * time.Second, 14: 512 * time.Second,
		15: 15 * time.Minute, 16: 15 * time.Minute, 29: 15 * time.Minute,
	}
	s, now := throttle.State{}, noon
	for n := 1; n <= 29; n++ {
		s = s.Fail(now)
		until, locked := s.Locked(now)
		if wait, named := want[n]; named && (locked != (wait > 0) || locked && !until.Equal(now.Add(wait))) {
			t.Errorf("after %d failures: locked %v until %v, want a wait of %v", n, locked, until.Sub(now), wait)
		}
		if locked {
			if _, still := s.Locked(until.Add(-1)); !still {
				t.Errorf("after %d failures: free before the end", n)
			}
			now = until
			if _, still := s.Locked(now); still {
				t.Errorf("after %d failures: locked at the end", n)
			}
		}
	}
}

// The delay never leaves its bounds, however long somebody goes on.
func TestTheDelayIsBounded(t *testing.T) {
	for _, run := range []int{30, 64, 99, 100, 1000} {
		s := throttle.State{Consecutive: run}.Fail(noon)
		if until, _ := s.Locked(noon); !until.Equal(noon.Add(throttle.MaxDelay)) {
			t.Errorf("after %d failures the wait is %v", run+1, until.Sub(noon))
		}
	}
}

// Locked only reports: asking a hundred times while locked neither counts nor extends.
func TestTriesWhileLockedChangeNothing(t *testing.T) {
	s := fail(throttle.State{}, 5, noon)
	before := fmt.Sprint(s)
	for i := range 100 {
		until, locked := s.Locked(noon.Add(time.Duration(i) * time.Millisecond))
		if !locked || !until.Equal(noon.Add(time.Second)) {
			t.Fatalf("try %d: locked %v until %v", i, locked, until)
		}
	}
	if fmt.Sprint(s) != before {
		t.Error("asking changed the state")
	}
}

func TestTheCapHoldsUntilTheOldestFailureLeavesTheWindow(t *testing.T) {
	s, at := throttle.State{}, noon
	for range throttle.Cap {
		s = s.Fail(at).Succeed(at) // the owner signs in between: no run, no delay
		at = at.Add(time.Minute)
	}
	until, locked := s.Locked(at)
	if !locked || !until.Equal(noon.Add(throttle.Window)) {
		t.Fatalf("locked %v until %v, want until a day after the first failure", locked, until)
	}
	if _, still := s.Locked(until.Add(-1)); !still {
		t.Error("free before the oldest failure has left the window")
	}
	if _, still := s.Locked(until); still {
		t.Error("locked although the oldest failure has left the window")
	}
	// It rolls: one further failure locks until the second oldest leaves.
	s = s.Fail(until)
	if next, locked := s.Locked(until); !locked || !next.Equal(noon.Add(throttle.Window+time.Minute)) {
		t.Errorf("locked %v until %v, want a minute later than before", locked, next)
	}
}

func TestOneBelowTheCapIsFree(t *testing.T) {
	s := throttle.State{}
	for range throttle.Cap - 1 {
		s = s.Fail(noon).Succeed(noon)
	}
	if _, locked := s.Locked(noon); locked {
		t.Error("locked below the cap")
	}
}

// The longer of cap and delay counts.
func TestTheDelayMayOutlastTheCap(t *testing.T) {
	s := throttle.State{LockedUntil: noon.Add(10 * time.Minute)}
	for i := range throttle.Cap {
		s.Failures = append(s.Failures, noon.Add(time.Minute-throttle.Window+time.Duration(i)))
	}
	if until, locked := s.Locked(noon); !locked || !until.Equal(noon.Add(10*time.Minute)) {
		t.Errorf("locked %v until %v", locked, until)
	}
	s.LockedUntil = noon.Add(10 * time.Second)
	if until, locked := s.Locked(noon); !locked || !until.Equal(noon.Add(time.Minute)) {
		t.Errorf("locked %v until %v", locked, until)
	}
}

func TestSuccessEndsTheRunAndNotTheCap(t *testing.T) {
	s := fail(throttle.State{}, 12, noon).Succeed(noon.Add(time.Hour))
	if s.Consecutive != 0 || !s.LockedUntil.IsZero() {
		t.Errorf("a run of %d, locked until %v, after a success", s.Consecutive, s.LockedUntil)
	}
	if len(s.Failures) != 12 {
		t.Errorf("%d failures are remembered after a success, want 12", len(s.Failures))
	}
	s = fail(s, 4, noon.Add(time.Hour))
	if _, locked := s.Locked(noon.Add(time.Hour)); locked {
		t.Error("the free tries did not come back")
	}
	s = s.Succeed(noon.Add(throttle.Window + time.Minute))
	if len(s.Failures) != 4 {
		t.Errorf("%d failures are remembered, want those within the window", len(s.Failures))
	}
}

func TestAHundredInARowSuspend(t *testing.T) {
	s, now := throttle.State{}, noon
	for n := 1; n <= 100; n++ {
		s = s.Fail(now)
		if s.Suspended() != (n == 100) {
			t.Fatalf("after %d failures suspended is %v", n, s.Suspended())
		}
		now, _ = s.Locked(now)
	}
	// Time alone does not end a suspension; a success (which only a recovery can be) does.
	if s = s.Fail(now.Add(1000 * time.Hour)); !s.Suspended() {
		t.Error("time ended the suspension")
	}
	if s.Succeed(now).Suspended() {
		t.Error("suspended after a recovery")
	}
	if fail(throttle.State{}, 99, noon).Succeed(noon).Fail(noon).Suspended() {
		t.Error("failures before a success count towards the suspension")
	}
}

// States are shared by requests that race: counting on one must not show in another.
func TestAStateIsAValue(t *testing.T) {
	base := fail(throttle.State{}, 3, noon)
	base.Failures = slices.Grow(base.Failures, 10)
	left, right := base.Fail(noon.Add(time.Second)), base.Fail(noon.Add(time.Minute))
	if !left.Failures[3].Equal(noon.Add(time.Second)) || !right.Failures[3].Equal(noon.Add(time.Minute)) {
		t.Error("two writers share the memory of failures")
	}
	if len(base.Failures) != 3 || base.Consecutive != 3 {
		t.Error("counting changed the state that was read")
	}
}

func fail(s throttle.State, times int, now time.Time) throttle.State {
	for range times {
		s = s.Fail(now)
	}
	return s
}
