package throttle_test

import (
	"math/rand/v2"
	"testing"
	"time"

	"twofold/pkg/throttle"
)

const (
	simulated = 30 * 24 * time.Hour
	// enough guesses to show a limit that does not hold; a right one allows 900 in the month.
	enough = 10_000
)

// attacker guesses for a month against one user. It never tries while locked: that is not evaluated.
type attacker struct {
	state   throttle.State
	now     time.Time
	guesses []time.Time // wrong ones that were evaluated
}

func (a *attacker) guess() {
	if until, locked := a.state.Locked(a.now); locked {
		a.now = until
	}
	a.state = a.state.Fail(a.now)
	a.guesses = append(a.guesses, a.now)
}

// goesOn reports whether the month is not over yet.
func (a *attacker) goesOn() bool {
	return a.now.Before(noon.Add(simulated)) && len(a.guesses) < enough
}

// busiest is the largest number of guesses in any 24 hours, half open.
func (a *attacker) busiest() int {
	most, first := 0, 0
	for last := range a.guesses {
		for a.guesses[last].Sub(a.guesses[first]) >= throttle.Window {
			first++
		}
		most = max(most, last-first+1)
	}
	return most
}

// However the attacker times the guesses, and however often the owner signs in
// between and ends the run, no 24 hours see more guesses than the cap.
func TestNoAttackerBeatsTheCap(t *testing.T) {
	strategies := map[string]func(*attacker, *rand.Rand){
		"as fast as it goes": func(a *attacker, _ *rand.Rand) { a.guess() },
		"four, then the owner signs in": func(a *attacker, _ *rand.Rand) {
			for range 4 {
				a.guess()
			}
			a.state = a.state.Succeed(a.now)
		},
		"patient": func(a *attacker, r *rand.Rand) {
			a.guess()
			a.now = a.now.Add(time.Duration(r.Int64N(int64(2 * time.Hour))))
		},
		"anyhow": func(a *attacker, r *rand.Rand) {
			for range r.IntN(40) {
				a.guess()
				a.now = a.now.Add(time.Duration(r.ExpFloat64() * float64(time.Minute)))
			}
			if r.IntN(2) == 0 {
				a.state = a.state.Succeed(a.now)
			}
			a.now = a.now.Add(time.Duration(r.ExpFloat64() * float64(3*time.Hour)))
		},
	}
	for name, move := range strategies {
		for seed := range uint64(20) {
			r := rand.New(rand.NewPCG(seed, 6238))
			a := &attacker{now: noon}
			for a.goesOn() {
				move(a, r)
			}
			if most := a.busiest(); most > throttle.Cap {
				t.Errorf("%s (seed %d): %d guesses within a day, the cap is %d", name, seed, most, throttle.Cap)
			}
			if len(a.state.Failures) > throttle.Cap {
				t.Errorf("%s (seed %d): %d failures are stored; the item must not grow", name, seed, len(a.state.Failures))
			}
		}
	}
}

// The fastest attacker does reach the cap, so the simulation above is not idle.
func TestTheFastestAttackerReachesTheCap(t *testing.T) {
	a := &attacker{now: noon}
	for a.goesOn() {
		a.guess()
	}
	if most := a.busiest(); most != throttle.Cap {
		t.Errorf("at most %d guesses a day, want exactly %d", most, throttle.Cap)
	}
	if !a.state.Suspended() {
		t.Error("a month of guesses does not suspend")
	}
}
