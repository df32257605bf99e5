package memstore

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"time"

	"twofold/pkg/audit"
	"twofold/pkg/org"
	"twofold/pkg/report"
	"twofold/pkg/user"
)

const maxKeyBytes = 1024 // of a sort key, the table's limit

var errSort = errors.New("memstore: there is no index of this order")

// Users implements report.Store.
func (s *Store) Users(_ context.Context, organization string, q report.UserQuery) (found []report.Listed, next string, err error) {
	err = s.do(Users, func() error {
		sorts, value := report.Sorts(), report.Sort.Value
		if organization == report.Everyone {
			sorts, value = report.SystemSorts(), report.Sort.SystemValue
		}
		if !slices.Contains(sorts, q.Sort) {
			return errSort
		}
		rows := map[string]report.Listed{}
		for at, p := range s.profiles {
			if p.Deleted() || organization != report.Everyone && at.organization != organization {
				continue
			}
			if v := value(q.Sort, p); q.Span.Holds(v) {
				rows[v] = report.Listed{Value: v, Profile: facts(p)}
			}
		}
		found, next = pageOf(rows, q.After, q.Descending, q.Limit)
		return nil
	})
	return found, next, err
}

// Organizations implements report.Store.
func (s *Store) Organizations(_ context.Context, ids ...string) (found map[string]org.Organization, err error) {
	err = s.do(Organizations, func() error {
		found = map[string]org.Organization{}
		for _, id := range ids {
			if o, there := s.organizations[id]; there {
				found[id] = settleOrganization(o)
			}
		}
		return nil
	})
	return found, err
}

// Facts implements policy.Store.
func (s *Store) Facts(ctx context.Context, organization, after string, limit int) ([]user.Profile, string, error) {
	found, next, err := s.Users(ctx, organization, report.UserQuery{Sort: report.ByUser, Limit: limit, After: after})
	return profiles(found), next, err
}

// Unenrolled implements mail.AnnouncementStore.
func (s *Store) Unenrolled(ctx context.Context, organization, after string, limit int) ([]user.Profile, string, error) {
	q := report.UserQuery{Sort: report.ByTwoFactor, Limit: limit, Span: report.Span{From: report.Without, To: report.With}}
	if after != "" {
		q.After = report.Without + after
	}
	found, next, err := s.Users(ctx, organization, q)
	return profiles(found), strings.TrimPrefix(next, report.Without), err
}

func profiles(found []report.Listed) []user.Profile {
	var out []user.Profile
	for _, l := range found {
		out = append(out, l.Profile)
	}
	return out
}

func facts(p user.Profile) user.Profile {
	p = settleProfile(p)
	p.Language = ""
	p.Rev, p.RecoveryEmail, p.RecoveryDigest, p.NextRecovery, p.Names = 0, nil, nil, user.NextContact{}, nil
	p.OptedOutAt = time.Time{}
	p.Enforcement = user.Enforcement{Kind: p.Enforcement.Kind, Until: p.Enforcement.Until}
	p.Grace = user.Grace{Until: p.Grace.Until}
	return p
}

// Events implements report.Store.
func (s *Store) Events(_ context.Context, organization string, q report.EventQuery) (page []audit.Event, after string, err error) {
	err = s.do(Events, func() error {
		if len(q.After) > maxKeyBytes {
			return report.ErrCursor
		}
		var more string
		page, more = pageOf(s.keyed(organization, q), q.After, q.Descending, report.MaxLooked)
		fitting, needed := q.Sift(page)
		switch {
		case needed < len(page):
			after = eventKey(page[needed-1])
		case more != "":
			after = more
		}
		page = each(fitting, settleEvent)
		return nil
	})
	return page, after, err
}

// keyed are the events that a key gives of a query.
func (s *Store) keyed(organization string, q report.EventQuery) map[string]audit.Event {
	q.Kinds = nil
	if q.User != "" {
		q.Actor = ""
	}
	some := maps.Clone(s.events[organization])
	maps.DeleteFunc(some, func(_ string, e audit.Event) bool { return !q.Matches(e) })
	return some
}

// pageOf gives up to limit rows beyond from, in the order of their keys, and the last one's key if there are more.
func pageOf[T any](rows map[string]T, from string, descending bool, limit int) (page []T, last string) {
	order := cmp.Compare[string]
	if descending {
		order = func(a, b string) int { return cmp.Compare(b, a) }
	}
	for _, key := range slices.SortedFunc(maps.Keys(rows), order) {
		switch {
		case from != "" && order(key, from) <= 0:
			continue
		case len(page) == limit:
			return page, last
		}
		page, last = append(page, rows[key]), key
	}
	return page, ""
}

// Activity implements enroll.Store.
func (s *Store) Activity(_ context.Context, organization, id string, limit int) (page []audit.Event, err error) {
	err = s.do(Activity, func() error {
		about := maps.Clone(s.events[organization])
		maps.DeleteFunc(about, func(_ string, e audit.Event) bool { return e.User != id })
		page, _ = pageOf(about, "", true, limit)
		page = each(page, settleEvent)
		return nil
	})
	return page, err
}
