package main

import (
	"math/rand/v2"
	"slices"
	"testing"

	"twofold/infra/local/load/ledger"
)

// pools are functions with process ids; the killed are removed.
type pools map[string][]int

func (p pools) Processes() map[string][]int {
	all := map[string][]int{}
	for name, pids := range p {
		all[name] = slices.Clone(pids)
	}
	return all
}

func (p pools) KillInstance(function string, pick func(n int) int) (bool, error) {
	if len(p[function]) == 0 {
		return false, nil
	}
	at := pick(len(p[function]))
	p[function] = slices.Delete(p[function], at, at+1)
	return true, nil
}

func killing(of pools, sparing bool) *killer {
	w := &world{api: &api{ledger: ledger.New()}}
	return &killer{
		world: w, of: of, random: rand.New(rand.NewPCG(1, 1)), sparing: func() bool { return sparing }, spared: map[string]int{},
	}
}

func TestKillerSparesOneInstanceOfEach(t *testing.T) {
	of := pools{"verify": {10, 11, 12, 13}, "mailer": {20}, "projector": {30, 31}}
	k := killing(of, true)
	for range 50 {
		k.kill("verify")
		k.kill("mailer")
		k.kill("projector")
	}
	if !slices.Equal(of["verify"], []int{10}) || len(of["mailer"]) != 1 || len(of["projector"]) != 2 {
		t.Errorf("left are %v", of)
	}
	of["verify"] = []int{7, 10, 14} // process ids may begin anew
	for range 50 {
		k.kill("verify")
	}
	if !slices.Equal(of["verify"], []int{10}) || k.ledger.Kills()["verify"] != 5 {
		t.Errorf("left are %v, after %v", of, k.ledger.Kills())
	}
}

func TestKillerSparesNobodyAtFirst(t *testing.T) {
	of := pools{"verify": {10, 11}, "projector": {30}, "mailer": {20, 21}}
	k := killing(of, false)
	for range 10 {
		k.kill("verify")
		k.kill("projector")
		k.kill("mailer")
	}
	if len(of["verify"]) != 0 || len(of["projector"]) != 0 {
		t.Errorf("left are %v", of)
	}
	if len(of["mailer"]) != 1 {
		t.Errorf("the mailer is left alone for a while after a kill: left are %v", of["mailer"])
	}
	if kills := k.ledger.Kills(); kills["verify"] != 2 || kills["projector"] != 1 || kills["mailer"] != 1 {
		t.Errorf("noted are %v", kills)
	}
}

func TestEveryFunctionIsAVictim(t *testing.T) {
	for _, f := range []string{"policy", "enroll", "verify", "report", "mailer", "projector"} {
		if !slices.Contains(victims, f) {
			t.Errorf("%s is never killed", f)
		}
	}
}

func TestChoose(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 1))
	for n := 1; n <= 4; n++ {
		for not := -1; not <= n; not++ {
			seen := map[int]bool{}
			for range 200 {
				at := choose(random, n, not)
				if at < 0 || at >= n || at == not && n > 1 {
					t.Fatalf("of %d, not %d: %d", n, not, at)
				}
				seen[at] = true
			}
			want := n
			if not >= 0 && not < n && n > 1 {
				want--
			}
			if len(seen) != want {
				t.Errorf("of %d, not %d: only %d are ever chosen", n, not, len(seen))
			}
		}
	}
}
