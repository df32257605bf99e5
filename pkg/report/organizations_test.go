package report_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"

	"twofold/pkg/access"
	"twofold/pkg/fault"
	"twofold/pkg/memstore"
	"twofold/pkg/org"
	"twofold/pkg/policy"
	"twofold/pkg/report"
	"twofold/pkg/storetest"
	"twofold/pkg/user"
)

func (v *vendor) organizations(t *testing.T, q report.OrganizationQuery) (ids []string, next string) {
	t.Helper()
	page, err := v.reports.Organizations(t.Context(), v.System, q)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range page.Rows {
		ids = append(ids, r.Organization.ID)
	}
	return ids, page.Next
}

func TestOrganizationsAreListedWithTheirNumbers(t *testing.T) {
	v := newVendor(t)
	v.register(t, "forced", "one")
	v.register(t, "forced", "two", org.TOTP)
	v.register(t, "forced", "three", org.Email)
	page, err := v.reports.Organizations(t.Context(), v.System, report.OrganizationQuery{})
	if err != nil || len(page.Rows) != 3 || page.Next != "" {
		t.Fatalf("%+v, %v", page, err)
	}
	forced, unpaid := page.Rows[1], page.Rows[2]
	if forced.Organization.ID != "forced" || forced.Users != 3 || forced.Enrolled != 2 || forced.Percent() != 66.6 || forced.Counting || forced.Organization.Policy.Status != org.Forced {
		t.Errorf("%+v", forced)
	}
	if unpaid.Organization.ID != "unpaid" || unpaid.Users != 0 || !unpaid.Counting || unpaid.Percent() != 0 {
		t.Errorf("nobody was counted: %+v", unpaid)
	}
}

func TestOrganizationsArePagedAndFound(t *testing.T) {
	v := newVendor(t)
	all := []string{storetest.Organization, "forced", "unpaid"}
	for i := range 7 {
		o := org.Organization{ID: fmt.Sprint("More", i), Rev: 1, Policy: org.DefaultOrganizationPolicy(v.Clock.Now())}
		if err := v.store.WriteOrganization(t.Context(), o.ID, policy.Change{Organization: &o}); err != nil {
			t.Fatal(err)
		}
		all = append(all, o.ID)
	}
	slices.Sort(all)
	var seen []string
	for after, pages := "", 0; ; pages++ {
		ids, next := v.organizations(t, report.OrganizationQuery{After: after, Limit: 4})
		if seen = append(seen, ids...); next == "" || pages > 3 {
			break
		}
		after = next
	}
	if !slices.Equal(seen, all) {
		t.Errorf("%v, want %v", seen, all)
	}
	for prefix, want := range map[string][]string{
		"more5": {"More5"}, "MORE5": {"More5"}, "f": {"forced"}, "unpaid": {"unpaid"}, "paid": nil, "nobody": nil, "<x>": nil, "mor#": nil,
	} {
		if got, next := v.organizations(t, report.OrganizationQuery{Prefix: prefix}); !slices.Equal(got, want) || next != "" {
			t.Errorf("%s: %v, want %v", prefix, got, want)
		}
	}
}

// unlisted does not have an organisation among those of all, as it is with one that was made before any was.
type unlisted struct {
	*memstore.Store
	id string
}

func (u unlisted) Tallies(ctx context.Context) ([]user.Tally, error) {
	all, err := u.Store.Tallies(ctx)
	return slices.DeleteFunc(all, func(t user.Tally) bool { return t.Organization == u.id }), err
}

func TestAnOrganizationOfOldIsFoundByItsID(t *testing.T) {
	v := newVendor(t)
	v.reports.Store = unlisted{v.store, "unpaid"}
	if got, _ := v.organizations(t, report.OrganizationQuery{}); slices.Contains(got, "unpaid") {
		t.Fatal("it is listed")
	}
	if got, _ := v.organizations(t, report.OrganizationQuery{Prefix: "unpaid"}); !slices.Equal(got, []string{"unpaid"}) {
		t.Errorf("found %v", got)
	}
}

func TestOrganizationsAreTheVendorsToSee(t *testing.T) {
	v := newVendor(t)
	for _, c := range []access.Caller{v.Administrator, v.Application} {
		if _, err := v.reports.Organizations(t.Context(), c, report.OrganizationQuery{}); !errors.Is(err, access.ErrRole) {
			t.Errorf("got %v", err)
		}
	}
	for _, op := range []memstore.Operation{memstore.ReadOrganization, memstore.Tallies, memstore.Organizations} {
		v.store.FailNext(op, false, errors.New("down"))
		_, err := v.reports.Organizations(t.Context(), v.System, report.OrganizationQuery{})
		if fault.As(err).Kind != fault.Unavailable {
			t.Errorf("without %s: %v", op, err)
		}
	}
}
