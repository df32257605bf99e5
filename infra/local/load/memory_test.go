package main

import (
	"os"
	"testing"

	"twofold/infra/local/load/ledger"
)

func TestResident(t *testing.T) {
	if size, ok := resident(os.Getpid()); !ok || size < 1<<20 || size > 1<<36 {
		t.Errorf("this process has %d bytes, %v", size, ok)
	}
	if _, ok := resident(1 << 30); ok {
		t.Error("a process that cannot be has a size")
	}
}

func TestMemoryForgetsThoseWhoLivedShortly(t *testing.T) {
	self := os.Getpid()
	of := pools{"verify": {self}}
	m := &memory{of: of, instances: map[int]*life{}}
	m.sample()
	if len(m.instances) != 1 || len(m.self) != 1 || len(m.goroutines) != 1 {
		t.Fatalf("sampled: %+v", m)
	}
	of["verify"] = nil
	m.sample()
	if len(m.instances) != 0 {
		t.Error("an instance that lived for one sample is kept")
	}
	of["verify"] = []int{self}
	for range longLife {
		m.sample()
	}
	of["verify"] = nil
	m.sample()
	if len(m.instances) != 1 {
		t.Error("an instance that lived long is forgotten")
	}
	l := ledger.New()
	if said := m.judge(l); len(said) != 3 {
		t.Errorf("judged: %q", said)
	}
}

func TestJudgeNoticesALeak(t *testing.T) {
	leaking := make([]int64, longLife)
	for at := range leaking {
		leaking[at] = int64(20+at) << 20
	}
	m := &memory{instances: map[int]*life{1: {function: "verify", samples: leaking}, 2: {function: "enroll", samples: leaking[:longLife-1]}}}
	l := ledger.New()
	m.judge(l)
	for _, f := range l.Verdict() {
		if f.Rule == ledger.Flat && (f.Broken != 1 || f.Checked != 3) {
			t.Errorf("%+v", f)
		}
	}
}
