package lambda

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"syscall"
	"testing"
)

func first(int) int { return 0 }

func TestProcesses(t *testing.T) {
	p := pool(t, nil)
	if got := p.Processes(); len(got) != 0 {
		t.Errorf("before any call: %v", got)
	}
	var want []int
	for _, id := range meeting(t, p, 2)() {
		want = append(want, id.PID)
	}
	slices.Sort(want)
	if got := p.Processes(); !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if err := syscall.Kill(want[0], syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	await(t, func() bool { return slices.Equal(p.Processes(), want[1:]) })
	p.Stop()
	if got := p.Processes(); len(got) != 0 {
		t.Errorf("after the end: %v", got)
	}
}

func TestKillOneOfTwoIdle(t *testing.T) {
	p := pool(t, nil)
	if p.KillOne(func(n int) int { t.Errorf("asked to choose among %d", n); return 0 }) {
		t.Error("there was none to kill")
	}
	meeting(t, p, 2)()
	before := p.Processes()
	if !p.KillOne(func(n int) int { return n - 1 }) {
		t.Fatal("none was killed")
	}
	if err := syscall.Kill(before[1], 0); err != syscall.ESRCH {
		t.Errorf("the process is there: %v", err)
	}
	if got := p.Processes(); !slices.Equal(got, before[:1]) {
		t.Errorf("left %v of %v", got, before)
	}
	for range 2 {
		if next := who(t, p); next.PID != before[0] {
			t.Error("the other one does not answer")
		}
	}
}

// TestKillOneInTheMiddle kills one of two instances that are at work: its call fails, the other's does not.
func TestKillOneInTheMiddle(t *testing.T) {
	p := pool(t, nil)
	folder := t.TempDir()
	failed := make(chan error, 2)
	for range 2 {
		go func() {
			_, err := p.Invoke(context.Background(), []byte(`{"do":"meet","arg":"`+folder+`"}`))
			failed <- err
		}()
	}
	await(t, func() bool { return len(glob(t, folder, "arrived-*")) == 2 })
	if !p.KillOne(first) {
		t.Fatal("none was killed")
	}
	if err := <-failed; !errors.Is(err, ErrCrashed) {
		t.Errorf("the killed: %v", err)
	}
	if err := os.WriteFile(filepath.Join(folder, "go"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := <-failed; err != nil {
		t.Errorf("the other: %v", err)
	}
}
