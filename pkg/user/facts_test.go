package user_test

import (
	"math/rand/v2"
	"testing"
	"time"

	"twofold/pkg/user"
)

func TestFactsOfFactors(t *testing.T) {
	midnight := time.Date(2026, 11, 22, 0, 0, 0, 0, time.FixedZone("", 3600)) // the 21st in UTC
	for name, c := range map[string]struct {
		of   user.Factors
		want user.Facts
	}{
		"nothing": {user.Factors{}, user.Facts{}},
		"the later of two proofs": {
			user.Factors{Successes: []user.Success{{At: noon}, {At: noon.AddDate(0, 0, -1)}}}, user.Facts{VerifiedOn: "2026-11-22"},
		},
		"what is remembered by the try alone": {
			user.Factors{Tried: user.Try{Right: true, At: noon}, Successes: []user.Success{{At: noon.AddDate(0, 0, -1)}}}, user.Facts{VerifiedOn: "2026-11-22"},
		},
		"a wrong one":         {user.Factors{Tried: user.Try{At: noon, Way: "totp"}}, user.Facts{}},
		"a day is one of UTC": {user.Factors{Successes: []user.Success{{At: midnight}}}, user.Facts{VerifiedOn: "2026-11-21"}},
		"two codes used":      {user.Factors{RecoveryCodes: user.RecoveryCodes{Generation: 3, Used: 0b101}}, user.Facts{CodesGeneration: 3, CodesLeft: 8}},
		"none left":           {user.Factors{RecoveryCodes: user.RecoveryCodes{Generation: 3}.Exhaust()}, user.Facts{CodesGeneration: 3}},
	} {
		if got := c.of.Facts(); got != c.want {
			t.Errorf("%s: %+v, want %+v", name, got, c.want)
		}
	}
}

// Whatever the order and however often, all facts together are the latest day and the last state of the codes.
func TestFactsAreLearnedInAnyOrder(t *testing.T) {
	var all []user.Facts
	for generation := range int64(4) {
		for left := range 4 {
			if generation == 0 && left > 0 {
				continue
			}
			all = append(all, user.Facts{VerifiedOn: user.On(noon.AddDate(0, 0, rand.IntN(9))), CodesGeneration: generation, CodesLeft: left})
		}
	}
	all = append(all, user.Facts{VerifiedOn: "2026-12-09"}, user.Facts{})
	for range 200 {
		var known user.Facts
		for _, at := range append(rand.Perm(len(all)), rand.Perm(len(all))...) {
			before := known
			known = known.With(all[at])
			if known.With(before) != known || known.With(all[at]) != known || all[at].With(before) != known {
				t.Fatalf("%+v with %+v is %+v: something was forgotten", before, all[at], known)
			}
		}
		if want := (user.Facts{VerifiedOn: "2026-12-09", CodesGeneration: 3}); known != want {
			t.Fatalf("%+v, want %+v", known, want)
		}
	}
}

func TestFactsOfSomebodyBefore(t *testing.T) {
	p := user.Profile{RegisteredAt: noon}
	for name, c := range map[string]struct {
		of   user.Profile
		day  user.Day
		want bool
	}{
		"on the day of the registration": {p, "2026-11-22", true}, "later": {p, "2026-11-23", true}, "before": {p, "2026-11-21", false},
		"no day": {p, "", true}, "a tombstone": {p.Bury(noon), "2026-11-23", false}, "a tombstone, no day": {p.Bury(noon), "", false},
	} {
		if got := c.of.Told(user.Facts{VerifiedOn: c.day}); got != c.want {
			t.Errorf("%s: %t", name, got)
		}
	}
}
