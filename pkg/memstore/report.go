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
	"twofold/pkg/report"
	"twofold/pkg/user"
)

const maxKeyBytes = 1024 // of a sort key, the table's limit

var errSort = errors.New("memstore: there is no index of this order")

// value is what an order sorts a user by. It ends with the user, so that no two are the same.
func value(by report.Sort, p user.Profile) string {
	switch {
	case by == report.ByUser:
		return p.User
	case by == report.ByEmail:
		return strings.ToLower(p.Email) + "#" + p.User
	case p.EnrolledAt.IsZero():
		return "0#" + p.User
	}
	return "1#" + moment(p.EnrolledAt) + "#" + p.User
}

// Users implements report.Store.
func (s *Store) Users(_ context.Context, organization string, q report.UserQuery) (page []user.Profile, after *report.Position, err error) {
	err = s.do(Users, func() error {
		switch {
		case q.Sort != report.ByUser && q.Sort != report.ByEmail && q.Sort != report.ByEnrolled:
			return errSort
		case q.After != nil && !holds(q.Sort, *q.After):
			return report.ErrCursor
		}
		rows := map[string]user.Profile{}
		for at, p := range s.profiles {
			if at.organization == organization && !p.Deleted() {
				rows[value(q.Sort, p)] = facts(p)
			}
		}
		from := ""
		if q.After != nil {
			from = q.After.Value
		}
		var last string
		if page, last = pageOf(rows, from, q.Descending, q.Limit); last != "" {
			after = &report.Position{Value: last, User: page[len(page)-1].User}
		}
		return nil
	})
	return page, after, err
}

// Facts implements policy.Store.
func (s *Store) Facts(ctx context.Context, organization, after string, limit int) ([]user.Profile, string, error) {
	q := report.UserQuery{Sort: report.ByUser, Limit: limit}
	if after != "" {
		q.After = &report.Position{Value: after, User: after}
	}
	found, next, err := s.Users(ctx, organization, q)
	if err != nil || next == nil {
		return found, "", err
	}
	return found, next.User, nil
}

// holds reports whether a position can be one of an order.
func holds(by report.Sort, at report.Position) bool {
	if at.User == "" || len(at.Value) > maxKeyBytes || len(at.User) > maxKeyBytes {
		return false
	}
	if by == report.ByUser {
		return at.Value == at.User
	}
	return strings.HasSuffix(at.Value, "#"+at.User)
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
