package policy_test

import (
	"errors"
	"testing"

	"twofold/pkg/access"
	"twofold/pkg/org"
	"twofold/pkg/policy"
	"twofold/pkg/user"
)

// versions confirms policies with 1, 2, … days of grace.
func (f *fixture) versions(n int) {
	f.t.Helper()
	for days := range n {
		id, code := f.proposed(f.forced(days + 1))
		_, err := f.confirm(id, code)
		f.must(err)
		f.Clock.Advance(user.SendWindow)
	}
}

func TestAHistoryIsReadBackwards(t *testing.T) {
	f := newFixture(t)
	f.versions(4)
	var seen []int64
	before, pages := int64(0), 0
	for more := true; more; pages++ {
		page, err := f.Policy.History(t.Context(), f.Administrator, acme, before, 2)
		f.must(err)
		for _, p := range page.Versions {
			seen = append(seen, p.Version)
			if p.Version > 1 && (p.ChangedBy != "ann" || p.ChangedAt.IsZero() || p.Status != org.Forced || p.GraceDays != int(p.Version)-1) {
				t.Errorf("version %d: %+v", p.Version, p)
			}
		}
		before, more = seen[len(seen)-1], page.More
	}
	if len(seen) != 5 || seen[0] != 5 || seen[4] != 1 || pages != 3 {
		t.Errorf("%v in %d pages", seen, pages)
	}
	beyond, err := f.Policy.History(t.Context(), f.System, acme, 1<<40, 1)
	f.must(err)
	if len(beyond.Versions) != 1 || beyond.Versions[0].Version != 5 {
		t.Errorf("before a version that is not there yet: %+v", beyond)
	}
	first, err := f.Policy.History(t.Context(), f.System, acme, 1, 10)
	f.must(err)
	if len(first.Versions) != 0 || first.More {
		t.Errorf("before the first: %+v", first)
	}
}

func TestWhoMayReadAHistory(t *testing.T) {
	f := newFixture(t)
	_, err := f.put(globex())
	f.must(err)
	_, err = f.Policy.History(t.Context(), f.Administrator, "globex", 0, 10)
	refused(t, "another's", err, access.ErrNotFound)
	_, err = f.Policy.History(t.Context(), f.Application, acme, 0, 10)
	refused(t, "an application", err, access.ErrRole)
	f.store.FailNext("Policies", false, errors.New("down"))
	_, err = f.Policy.History(t.Context(), f.Administrator, acme, 0, policy.MaxVersions)
	unavailable(t, "a read that failed", err)
}
