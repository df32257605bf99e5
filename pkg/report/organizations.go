package report

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"twofold/pkg/access"
	"twofold/pkg/fault"
	"twofold/pkg/org"
	"twofold/pkg/user"
)

// OrganizationQuery asks for one page of all organisations, by their ids.
type OrganizationQuery struct {
	Prefix string // of the id, in capitals or not; empty: all
	After  string // an id that a page ended with; empty: from the beginning
	Limit  int
}

// OrganizationRow is an organisation with the numbers of its users, a moment old.
type OrganizationRow struct {
	Organization org.Organization
	Counting     bool // nobody was counted in it yet
	Users        int64
	Enrolled     int64
}

// Percent is the share of users who have a second factor, as that of a Summary.
func (r OrganizationRow) Percent() float64 { return percent(r.Enrolled, r.Users) }

// OrganizationPage is a page of organisations. Next is the id that the following one begins behind; empty after the last.
type OrganizationPage struct {
	Rows []OrganizationRow
	Next string
}

// Organizations are all that there are. It reads the counts of all and the organisations of the page, whatever their users. One that was made before
// organisations were listed, and in which nobody was counted since, is found by its whole id alone.
func (s *Service) Organizations(ctx context.Context, c access.Caller, q OrganizationQuery) (OrganizationPage, error) {
	if err := s.vendor(ctx, c, SystemRule); err != nil {
		return OrganizationPage{}, err
	}
	tallies, err := s.Store.Tallies(ctx)
	if err != nil {
		return OrganizationPage{}, fault.Down(err)
	}
	tallies = q.of(tallies)
	page := OrganizationPage{}
	if limit := clamped(q.Limit); len(tallies) > limit {
		tallies = tallies[:limit]
		page.Next = tallies[limit-1].Organization
	}
	page.Rows, err = s.organizationRows(ctx, tallies)
	return page, err
}

func clamped(limit int) int {
	if limit <= 0 {
		return DefaultLimit
	}
	return min(limit, MaxLimit)
}

// of are the organisations that are asked for, in their order.
func (q OrganizationQuery) of(tallies []user.Tally) []user.Tally {
	byID := func(t user.Tally, id string) int { return cmp.Compare(t.Organization, id) }
	slices.SortFunc(tallies, func(a, b user.Tally) int { return byID(a, b.Organization) })
	if at, listed := slices.BinarySearchFunc(tallies, q.Prefix, byID); !listed && org.ID(q.Prefix) {
		tallies = slices.Insert(tallies, at, user.Tally{Organization: q.Prefix})
	}
	prefix := strings.ToLower(q.Prefix)
	return slices.DeleteFunc(tallies, func(t user.Tally) bool {
		return t.Organization <= q.After || !strings.HasPrefix(strings.ToLower(t.Organization), prefix)
	})
}

func (s *Service) organizationRows(ctx context.Context, tallies []user.Tally) ([]OrganizationRow, error) {
	if len(tallies) == 0 {
		return nil, nil
	}
	ids := make([]string, len(tallies))
	for i, t := range tallies {
		ids[i] = t.Organization
	}
	known, err := s.Store.Organizations(ctx, ids...)
	if err != nil {
		return nil, fault.Down(err)
	}
	var rows []OrganizationRow
	for _, t := range tallies {
		o, there := known[t.Organization]
		if !there {
			continue
		}
		r := OrganizationRow{Organization: o, Counting: t.AsOf.IsZero(), Enrolled: t.Enrolled()}
		for _, n := range t.ByClass {
			r.Users += n
		}
		rows = append(rows, r)
	}
	return rows, nil
}
