package main

import (
	"context"
	"net/http"
	"net/url"

	"twofold/infra/local/load/ledger"
)

// row is one user in a report; event is one of an audit.
type (
	row struct {
		User      string
		TwoFactor bool `json:"has_two_factor"`
	}
	event struct {
		ID, Kind, User string
	}
	page struct {
		Users         []row
		Events        []event
		PolicyVersion int64  `json:"policy_version"`
		NextCursor    string `json:"next_cursor"`
	}
)

// read looks at a page of a report or of an audit, as people do all day.
func (c *client) read(ctx context.Context) {
	o := c.orgs[c.random.IntN(len(c.orgs))]
	known := o.version.Load()
	if c.chance(50) {
		c.page(ctx, o, "audit", url.Values{"order": {"desc"}})
		return
	}
	sorts := []string{"user", "email", "enrolled_at"}
	p, ok := c.page(ctx, o, "report", url.Values{"sort": {sorts[c.random.IntN(len(sorts))]}})
	c.ledger.Check(ledger.Visible, !ok || p.PolicyVersion >= known, "the report of %s has version %d after %d", o.id, p.PolicyVersion, known)
}

// page reads one page of "report" or "audit".
func (w *world) page(ctx context.Context, o *organization, of string, query url.Values) (page, bool) {
	r := w.call(ctx, request{
		kind: of, method: http.MethodGet, path: "/v1/organizations/" + o.id + "/" + of + "?" + query.Encode(), key: o.admins[0].key,
	})
	w.ledger.Check(ledger.Expected, r.status == http.StatusOK || r.status == 0, "a page of the %s is answered %d %s", of, r.status, r.answer().Code)
	var p page
	r.into(&p)
	return p, r.status == http.StatusOK
}

// all reads every page.
func (w *world) all(ctx context.Context, o *organization, of string) (all page, ok bool) {
	query := url.Values{"limit": {"200"}}
	for {
		p, ok := w.page(ctx, o, of, query)
		if !ok {
			return all, false
		}
		all.Users, all.Events, all.PolicyVersion = append(all.Users, p.Users...), append(all.Events, p.Events...), p.PolicyVersion
		if p.NextCursor == "" {
			return all, true
		}
		query.Set("cursor", p.NextCursor)
	}
}
