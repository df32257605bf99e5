package report

import (
	"context"
	"time"

	"twofold/pkg/fault"
	"twofold/pkg/org"
)

// listing is a page of the users of an organisation, or of Everyone. It reads on until it shows enough or has looked at lookedAt
// users, so that a filter which shows few costs no more than that. known are organisations that were read already.
func (s *Service) listing(ctx context.Context, organization string, known map[string]org.Organization, q Query, now time.Time) (Page, error) {
	if err := q.Filter.check(); err != nil {
		return Page{}, err
	}
	after, err := q.after(organization)
	if err != nil {
		return Page{}, err
	}
	page := Page{}
	for seen := 0; seen < lookedAt; {
		uq := UserQuery{Sort: q.Sort, Descending: q.Descending, Limit: q.reads(seen), Span: q.Filter.Span(q.Sort), After: after}
		found, next, err := s.Store.Users(ctx, organization, uq)
		if err != nil {
			return Page{}, fault.Down(err)
		}
		if err := s.know(ctx, known, found); err != nil {
			return Page{}, err
		}
		for i, l := range found {
			r, there := judge(known, l, now)
			if !there || !q.Filter.Shows(r) {
				continue
			}
			page.Rows = append(page.Rows, r)
			if len(page.Rows) == q.Limit {
				if i < len(found)-1 || next != "" {
					page.Cursor = q.at(organization, l.Value).text()
				}
				return page, nil
			}
		}
		if after = next; after == "" {
			return page, nil
		}
		seen += uq.Limit
	}
	page.Cursor = q.at(organization, after).text()
	return page, nil
}

// reads is how many users are read at a time: as many as are shown where all of them may be, and all that a page looks at where a filter
// decides.
func (q Query) reads(seen int) int {
	if q.Filter.empty() {
		return min(q.Limit, lookedAt-seen)
	}
	return min(max(q.Limit, filteredAtATime), lookedAt-seen)
}

// filteredAtATime are how many users a filter judges at a time.
const filteredAtATime = 250

func judge(known map[string]org.Organization, l Listed, now time.Time) (Row, bool) {
	o, there := known[l.Profile.Organization]
	return row(o, l.Profile, now), there
}

// know reads the organisations of users that are not known yet. There is none without one.
func (s *Service) know(ctx context.Context, known map[string]org.Organization, found []Listed) error {
	var ids []string
	for _, l := range found {
		id := l.Profile.Organization
		if _, is := known[id]; !is {
			known[id] = org.Organization{}
			ids = append(ids, id)
		}
	}
	if len(ids) == 0 {
		return nil
	}
	read, err := s.Store.Organizations(ctx, ids...)
	if err != nil {
		return fault.Down(err)
	}
	for _, id := range ids {
		delete(known, id)
		if o, there := read[id]; there {
			known[id] = o
		}
	}
	return nil
}
