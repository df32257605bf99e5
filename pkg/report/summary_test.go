package report_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"testing"
	"time"

	"twofold/pkg/access"
	"twofold/pkg/memstore"
	"twofold/pkg/org"
	"twofold/pkg/policy"
	"twofold/pkg/report"
	"twofold/pkg/storetest"
	"twofold/pkg/user"
)

// vendor is a store with a system administrator and two organisations more: one that forces with ten days of grace, and one that is not
// entitled.
type vendor struct {
	*storetest.World
	store   *memstore.Store
	reports *report.Service
	counter *report.Counter
}

func newVendor(t *testing.T) *vendor {
	store := memstore.New()
	w := storetest.NewWorld(t, store)
	v := &vendor{
		World: w, store: store, reports: &report.Service{Store: store, Now: w.Clock.Now}, counter: &report.Counter{Store: store, Now: w.Clock.Now},
	}
	forced := org.Organization{ID: "forced", Rev: 1, Entitlements: org.Entitlements{TwoFactor: true}, Policy: org.DefaultOrganizationPolicy(w.Clock.Now())}
	forced.Policy.Status, forced.Policy.GraceDays = org.Forced, 10
	unpaid := org.Organization{ID: "unpaid", Rev: 1, Policy: org.DefaultOrganizationPolicy(w.Clock.Now())}
	for _, o := range []org.Organization{forced, unpaid} {
		if err := store.WriteOrganization(t.Context(), o.ID, policy.Change{Organization: &o}); err != nil {
			t.Fatal(err)
		}
	}
	return v
}

func (v *vendor) register(t *testing.T, organization, id string, methods ...org.Method) {
	t.Helper()
	p := user.Profile{Organization: organization, User: id, Rev: 1, RegisteredAt: v.Clock.Now(), Methods: methods}
	if err := v.store.Write(t.Context(), user.Change{Profile: &p}); err != nil {
		t.Fatal(err)
	}
	if err := v.counter.Observe(t.Context(), p); err != nil {
		t.Fatal(err)
	}
}

// The numbers of all organisations, each by its own policy, and how they came about.
func TestTheSummaryOfAll(t *testing.T) {
	v := newVendor(t)
	v.register(t, "forced", "late")
	v.register(t, storetest.Organization, "free")
	v.Clock.Advance(14 * 24 * time.Hour)
	v.register(t, "forced", "new")
	v.register(t, "forced", "safe", org.TOTP)
	v.register(t, "unpaid", "nobody")
	yesterday := user.On(v.Clock.Now())
	v.Clock.Advance(24 * time.Hour)
	v.register(t, storetest.Organization, "both", org.Email, org.TOTP)
	sum, err := v.reports.SystemSummary(t.Context(), v.System, 3)
	if err != nil {
		t.Fatal(err)
	}
	want := map[report.Status]int64{report.Overdue: 1, report.Pending: 1, report.NotObliged: 1, report.Enrolled: 2, report.NotAvailable: 1}
	maps.DeleteFunc(sum.Statuses, func(_ report.Status, n int64) bool { return n == 0 })
	if sum.Users != 6 || sum.Enrolled != 2 || sum.Percent() != 33.3 || sum.Policy != 0 || !sum.AsOf.Equal(v.Clock.Now()) || !maps.Equal(sum.Statuses, want) {
		t.Errorf("%+v, want %v", sum, want)
	}
	if !maps.Equal(sum.Methods, map[org.Method]int64{org.TOTP: 2, org.Email: 1}) {
		t.Errorf("methods %v", sum.Methods)
	}
	trend := []report.TrendDay{{user.On(v.Clock.Now().AddDate(0, 0, -2)), 2, 0}, {yesterday, 5, 1}, {user.On(v.Clock.Now()), 6, 2}}
	if fmt.Sprint(sum.Trend) != fmt.Sprint(trend) {
		t.Errorf("trend %v, want %v", sum.Trend, trend)
	}
}

func TestASummaryOfNobody(t *testing.T) {
	v := newVendor(t)
	sum, err := v.reports.Summary(t.Context(), v.Administrator, storetest.Organization, 1)
	if err != nil || sum.Users != 0 || sum.Percent() != 0 || !sum.AsOf.IsZero() || len(sum.Trend) != 1 {
		t.Errorf("%+v, %v", sum, err)
	}
}

// What is of all organisations is for the vendor's own people whose keys are good for all of them.
func TestWhoMayReadOfAll(t *testing.T) {
	v := newVendor(t)
	for name, c := range map[string]struct {
		key  func(*access.Key)
		want error
	}{
		"the vendor's reader":                     {func(k *access.Key) { k.Vendor, k.Everywhere = true, true }, nil},
		"the vendor's reader of one organisation": {func(k *access.Key) { k.Vendor, k.Organizations = true, []string{"forced"} }, access.ErrRole},
		"an organisation's reader":                {func(k *access.Key) { k.Organizations = []string{"forced"} }, access.ErrRole},
		"a reader of everything that is not ours": {func(k *access.Key) { k.Everywhere = true }, access.ErrRole},
	} {
		key, text := access.NewKey(access.Reader, v.Clock.Now())
		c.key(&key)
		if err := v.store.WriteOrganization(t.Context(), "forced", policy.Change{Keys: []access.Key{key}}); err != nil {
			t.Fatal(err)
		}
		credential, err := access.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		caller := access.Caller{Credential: credential}
		_, summary := v.reports.SystemSummary(t.Context(), caller, 1)
		_, listing := v.reports.SystemEnrollment(t.Context(), caller, report.Query{Sort: report.ByUser, Limit: 1})
		_, events := v.reports.Events(t.Context(), caller, access.VendorHome, report.EventQuery{Limit: 1}, "")
		for _, err := range []error{summary, listing, events} {
			if !errors.Is(err, c.want) || (err == nil) != (c.want == nil) {
				t.Errorf("%s: %v, want %v", name, err, c.want)
			}
		}
	}
}

// A store that fails makes a summary fail, never a wrong one.
func TestASummaryInAnOutage(t *testing.T) {
	for _, o := range []memstore.Operation{memstore.Tallies, memstore.Days, memstore.Organizations, memstore.Counts} {
		v := newVendor(t)
		v.register(t, "forced", "new")
		v.store.FailNext(o, false, errors.New("a fault"))
		_, of := v.reports.Summary(t.Context(), v.Administrator, storetest.Organization, 1)
		_, all := v.reports.SystemSummary(t.Context(), v.System, 1)
		if of == nil && all == nil {
			t.Errorf("%s fails, and nothing is said of it", o)
		}
	}
}

// A recount that holds the counts no longer gives up: somebody may have counted meanwhile.
func TestARecountThatTakesTooLong(t *testing.T) {
	v := newVendor(t)
	v.register(t, "forced", "new")
	r := &report.Recounter{Store: v.store, Now: v.Clock.Now, Wait: func(ctx context.Context) error {
		v.Clock.Advance(10 * time.Minute)
		return nil
	}}
	if _, err := r.Recount(t.Context(), "forced", "slow"); !errors.Is(err, report.ErrLost) {
		t.Errorf("%v", err)
	}
	r.Wait = func(context.Context) error {
		_, err := (&report.Recounter{Store: v.store, Now: v.Clock.Now, Wait: r.Wait}).Recount(t.Context(), "forced", "second")
		if !errors.Is(err, report.ErrHeld) {
			t.Errorf("two at once: %v", err)
		}
		return nil
	}
	if got, err := r.Recount(t.Context(), "forced", "first"); err != nil || got.Users != 1 || got.Differs {
		t.Errorf("%+v, %v", got, err)
	}
}
