package main

import (
	"errors"
	"testing"

	"twofold/infra/local/load/ledger"
)

func TestVerdictFailsOnABreach(t *testing.T) {
	l := ledger.New()
	l.Check(ledger.OneSuccess, true, "")
	if err := verdict(l.Verdict()); err != nil {
		t.Errorf("nothing is broken: %v", err)
	}
	l.Check(ledger.OneSuccess, false, "two assertions")
	if err := verdict(l.Verdict()); !errors.Is(err, errBroken) {
		t.Errorf("a breach is told as %v", err)
	}
}

func TestChoicesFollowFromTheSeed(t *testing.T) {
	w := &world{orgs: []*organization{{id: "a"}, {id: "b"}}}
	one, same, another := newClient(w, 1, 5, 7), newClient(w, 1, 5, 7), newClient(w, 2, 5, 7)
	differs := false
	for range 100 {
		a, b, c := one.random.IntN(1000), same.random.IntN(1000), another.random.IntN(1000)
		if a != b {
			t.Fatal("the same client chooses otherwise")
		}
		differs = differs || a != c
	}
	if !differs {
		t.Error("two clients choose alike")
	}
}
