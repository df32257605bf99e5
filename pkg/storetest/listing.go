package storetest

import (
	"cmp"
	"slices"
	"testing"

	"twofold/pkg/org"
	"twofold/pkg/policy"
	"twofold/pkg/report"
	"twofold/pkg/user"
)

// listsOrganizations: an organisation stands among those of all from the write on that makes it, with nothing counted; what is counted later stands in the same place, and
// a later write of the organisation leaves it alone.
func listsOrganizations(t *testing.T, s Contract) {
	clock := NewClock()
	for _, id := range []string{"alpha", "beta"} {
		o := org.Organization{ID: id, Rev: 1, Name: id, Policy: org.DefaultOrganizationPolicy(clock.Now()), CreatedAt: clock.Now()}
		must(t, s.WriteOrganization(t.Context(), id, policy.Change{Organization: &o}))
		counts, err := s.Counts(t.Context(), id)
		must(t, err)
		same(t, "counts of "+id, counts, user.Counts{})
	}
	profile := history(somebody)[0]
	profile.Organization = "beta"
	must(t, (&report.Counter{Store: s, Now: clock.Now}).Observe(t.Context(), profile))
	later := org.Organization{ID: "beta", Rev: 2, Name: "Beta", Policy: org.DefaultOrganizationPolicy(clock.Now()), CreatedAt: clock.Now()}
	must(t, s.WriteOrganization(t.Context(), "beta", policy.Change{Organization: &later}))
	want := []user.Tally{{Organization: "alpha"}, {Organization: "beta", Counts: user.Counts{AsOf: clock.Now(), ByClass: map[user.Class]int64{{}: 1}}}}
	eventually(t, "the organisations", func() bool {
		all, err := s.Tallies(t.Context())
		must(t, err)
		all = slices.DeleteFunc(all, func(t user.Tally) bool { return t.Organization != "alpha" && t.Organization != "beta" })
		slices.SortFunc(all, func(a, b user.Tally) int { return cmp.Compare(a.Organization, b.Organization) })
		return equalTallies(all, want)
	})
}

func equalTallies(a, b []user.Tally) bool {
	return slices.EqualFunc(a, b, func(a, b user.Tally) bool {
		return a.Organization == b.Organization && a.AsOf.Equal(b.AsOf) && len(a.ByClass) == len(b.ByClass) && a.ByClass[user.Class{}] == b.ByClass[user.Class{}]
	})
}
