package retention_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"twofold/pkg/fault"
	"twofold/pkg/memstore"
	"twofold/pkg/org"
	"twofold/pkg/policy"
	"twofold/pkg/retention"
	"twofold/pkg/signin"
)

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

// tended are organisations that keep sign-ins for a day and have old ones, in a store.
func tended(t *testing.T, organizations, rows int) (*memstore.Store, []string) {
	t.Helper()
	store := memstore.New()
	var ids []string
	for n := range organizations {
		o := org.Organization{ID: fmt.Sprintf("org-%03d", n), Rev: 1, CreatedAt: noon, Policy: org.DefaultOrganizationPolicy(noon)}
		o.Policy.Retention.SignInDays = 1
		must(t, store.WriteOrganization(t.Context(), o.ID, policy.Change{Organization: &o, Sheds: o.Sheds()}))
		var old []signin.Entry
		for row := range rows {
			old = append(old, signin.Entry{Organization: o.ID, User: "u", At: noon.AddDate(0, 0, -2).Add(time.Duration(row) * time.Second), ID: "id"})
		}
		must(t, errors.Join(store.AddSignIns(t.Context(), old, nil)...))
		ids = append(ids, o.ID)
	}
	return store, ids
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// left is how many old rows an organisation has.
func left(t *testing.T, s *memstore.Store, organization string) int {
	t.Helper()
	places, _, err := s.Outdated(t.Context(), retention.SignIns, organization, noon, "", 100_000)
	must(t, err)
	return len(places)
}

// In the ticks of an hour, whatever minute they begin at, each organisation is looked after in one, and none in two.
func TestEachOrganizationHasItsTickInAnHour(t *testing.T) {
	store, ids := tended(t, 250, 1)
	at := map[string]int{}
	for tick := range 12 {
		now := noon.Add(3*time.Minute + 59*time.Second + time.Duration(tick)*5*time.Minute)
		sweeper := retention.Sweeper{Store: store, Now: func() time.Time { return now }}
		must(t, sweeper.Tick(t.Context(), now.Add(time.Second)))
		for _, id := range ids {
			if _, done := at[id]; !done && left(t, store, id) == 0 {
				at[id] = tick
			}
		}
	}
	ticks := map[int]int{}
	for id, tick := range at {
		if tick != retention.Slot(id) {
			t.Errorf("%s in tick %d, its slot is %d", id, tick, retention.Slot(id))
		}
		ticks[tick]++
	}
	if len(at) != len(ids) || len(ticks) != retention.Slots {
		t.Errorf("%d of %d organisations in %d ticks", len(at), len(ids), len(ticks))
	}
}

// sweeping is a sweeper at the time of an organisation's slot.
func sweeping(store retention.Store, organization string) (*retention.Sweeper, time.Time) {
	now := noon.Add(time.Duration(retention.Slot(organization)) * 5 * time.Minute)
	return &retention.Sweeper{Store: store, Now: func() time.Time { return now }}, now
}

// What is shown until a moment ago stays for an hour: another function's clock may be slow.
func TestRowsStayForAnHourLongerThanTheyAreShown(t *testing.T) {
	store, ids := tended(t, 1, 0)
	sweeper, now := sweeping(store, ids[0])
	outdated := now.AddDate(0, 0, -1)
	for n, at := range []time.Time{outdated.Add(-time.Hour - 1), outdated.Add(-time.Hour), outdated} {
		row := signin.Entry{Organization: ids[0], User: "u", At: at, ID: fmt.Sprint(n)}
		must(t, errors.Join(store.AddSignIns(t.Context(), []signin.Entry{row}, nil)...))
	}
	must(t, sweeper.Tick(t.Context(), now.Add(1)))
	if n := left(t, store, ids[0]); n != 2 {
		t.Errorf("%d rows are left, want 2", n)
	}
}

func TestATickIsBounded(t *testing.T) {
	store, ids := tended(t, 1, retention.MaxLooked+40)
	sweeper, now := sweeping(store, ids[0])
	for _, want := range []int{40, 0, 0} {
		must(t, sweeper.Tick(t.Context(), now.Add(time.Second)))
		if n := left(t, store, ids[0]); n != want {
			t.Errorf("%d rows are left, want %d", n, want)
		}
	}
}

func TestATickBeginsNothingTooLate(t *testing.T) {
	store, ids := tended(t, 1, 100)
	sweeper, now := sweeping(store, ids[0])
	must(t, sweeper.Tick(t.Context(), now))
	if n := left(t, store, ids[0]); n != 100 {
		t.Errorf("%d rows are left of 100", n)
	}
	calls := 0
	sweeper.Now = func() time.Time { // the time is up after a few looks at the clock
		if calls++; calls > 6 {
			return now.Add(time.Minute)
		}
		return now
	}
	must(t, sweeper.Tick(t.Context(), now.Add(time.Second)))
	if n := left(t, store, ids[0]); n == 0 || n == 100 || n%retention.MaxRemoved != 0 {
		t.Errorf("%d rows are left of 100", n)
	}
}

// Whatever call fails, before or after it did anything: it is said, other organisations are looked after, and the next tick does the rest.
func TestFailuresHoldNobodyUp(t *testing.T) {
	down := errors.New("down")
	for _, op := range []memstore.Operation{memstore.Shedding, memstore.Organizations, memstore.Outdated, memstore.Remove} {
		for _, persisted := range []bool{false, true} {
			store, ids := tended(t, 120, 3)
			sweeper, now := sweeping(store, ids[0])
			store.FailNext(op, persisted, down)
			err := sweeper.Tick(t.Context(), now.Add(time.Second))
			if fault.As(err).Kind != fault.Unavailable && !errors.Is(err, down) {
				t.Errorf("%s: %v", op, err)
			}
			if named := strings.Contains(err.Error(), ids[0]); named != (op != memstore.Shedding) {
				t.Errorf("%s: %v", op, err)
			}
			swept := 0
			for _, id := range ids {
				if left(t, store, id) == 0 {
					swept++
				}
			}
			if (swept > 2) != (op != memstore.Shedding) {
				t.Errorf("%s: %d organisations were looked after", op, swept)
			}
			must(t, sweeper.Tick(t.Context(), now.Add(time.Second)))
			if n := left(t, store, ids[0]); n != 0 {
				t.Errorf("%s: %d rows are left after the next tick", op, n)
			}
		}
	}
}

// gone is a store of an organisation that is listed and not there.
type gone struct{ *memstore.Store }

func (gone) Organizations(context.Context, ...string) (map[string]org.Organization, error) {
	return nil, nil
}

// Without a policy nothing is removed: an organisation that is not there says nothing of what it keeps.
func TestWithoutAnOrganizationNothingIsRemoved(t *testing.T) {
	store, ids := tended(t, 1, 3)
	ancient := signin.Entry{Organization: ids[0], User: "u", At: noon.AddDate(0, 0, -100), ID: "id"}
	must(t, errors.Join(store.AddSignIns(t.Context(), []signin.Entry{ancient}, nil)...))
	sweeper, now := sweeping(gone{store}, ids[0])
	must(t, sweeper.Tick(t.Context(), now.Add(time.Second)))
	if n := left(t, store, ids[0]); n != 4 {
		t.Errorf("%d rows are left of 4", n)
	}
}
