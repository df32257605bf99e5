package stack

import (
	"slices"
	"syscall"
	"testing"
)

func TestKillInstance(t *testing.T) {
	s := startForTest(t, fixture(t))
	if got := s.Processes(); len(got) != 2 || len(got["api"]) != 0 {
		t.Errorf("before any call: %v", got)
	}
	if killed, err := s.KillInstance("api", func(int) int { return 0 }); killed || err != nil {
		t.Errorf("without an instance: %v, %v", killed, err)
	}
	if _, err := s.KillInstance("nobody", func(int) int { return 0 }); err == nil {
		t.Error("an unknown function has an instance")
	}
	order(t, s, "first", "a@example.com")
	before := s.Processes()["api"]
	if len(before) != 1 {
		t.Fatalf("%d instances after one call", len(before))
	}
	if killed, err := s.KillInstance("api", func(n int) int { return n - 1 }); !killed || err != nil {
		t.Errorf("got %v, %v", killed, err)
	}
	if err := syscall.Kill(before[0], 0); err != syscall.ESRCH {
		t.Errorf("the process is there: %v", err)
	}
	order(t, s, "second", "b@example.com")
	if after := s.Processes()["api"]; len(after) != 1 || slices.Equal(after, before) {
		t.Errorf("after it %v, before %v", after, before)
	}
}
