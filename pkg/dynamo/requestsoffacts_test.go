package dynamo_test

import (
	"maps"
	"testing"

	"twofold/pkg/report"
	"twofold/pkg/storetest"
	"twofold/pkg/user"
)

// TestRequestsOfFacts: one write a user and day, however often the user signs in, and another one only where records come late.
func TestRequestsOfFacts(t *testing.T) {
	store, wire := wired(t)
	w := storetest.NewWorld(t, store)
	w.Enrolled(t, "user")
	witness := report.Witness{Store: store}
	none, once, twice := map[string]int{}, map[string]int{"UpdateItem": 1}, map[string]int{"UpdateItem": 2}
	day := user.On(w.Clock.Now())
	first := user.Facts{VerifiedOn: day, CodesGeneration: 1, CodesLeft: 9}
	late := user.Facts{VerifiedOn: "2030-01-01", CodesGeneration: 1, CodesLeft: 10}
	for _, c := range []struct {
		name          string
		before, after user.Facts
		want          map[string]int
	}{
		{"the first sign-in of a day", user.Facts{}, first, once},
		{"the second", first, first, none},
		{"the first, again", user.Facts{}, first, once},
		{"of a later day, with codes of before", user.Facts{}, late, twice},
	} {
		got := wire.requests(func() {
			seen := report.FactsSeen{Organization: storetest.Organization, User: "user", Before: c.before, After: c.after}
			if err := witness.Observe(t.Context(), seen); err != nil {
				t.Error(err)
			}
		})
		if !maps.Equal(got, c.want) {
			t.Errorf("%s: sent %v, want %v", c.name, got, c.want)
		}
	}
}
