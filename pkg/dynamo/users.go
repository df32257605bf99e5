package dynamo

import (
	"context"
	"errors"
	"slices"
	"strings"

	"twofold/pkg/report"
	"twofold/pkg/user"
)

var errSort = errors.New("dynamo: there is no index of this order")

// reported are the attributes of a profile that reports are made from. What is sealed does not travel.
var reported = slices.Concat([]string{
	"email", "registered_at", "enforcement", "exempt_until", "grace_until", "methods", "enrolled_at", "suspended_at", "codes_spent", "services",
	"marks", "deleted_at",
}, factsAttributes)

// Users gives a page of users. Where they stand is read from the index of the order, which holds keys and nothing else and is a moment behind; what they
// are, from the table. It is report.Store's.
func (s *Store) Users(ctx context.Context, organization string, q report.UserQuery) ([]report.Listed, string, error) {
	lanes := s.lanesOf(organization, q)
	if lanes == nil {
		return nil, "", errSort
	}
	places, err := s.merge(ctx, lanes, q.Descending, q.Limit+1)
	if err != nil {
		return nil, "", err
	}
	next := ""
	if len(places) > q.Limit {
		places = places[:q.Limit]
		next = places[q.Limit-1].value
	}
	found, err := s.listed(ctx, places)
	if err != nil {
		return nil, "", err
	}
	return found, next, nil
}

// listed reads who stands at places, and leaves out who is not there any more.
func (s *Store) listed(ctx context.Context, places []place) ([]report.Listed, error) {
	keys := make([]key, len(places))
	for at, p := range places {
		keys[at] = p.key
	}
	items, err := s.batches(ctx, reported, keys)
	if err != nil {
		return nil, err
	}
	var found []report.Listed
	for _, at := range places {
		i, there := items[at.key]
		if _, buried := i["deleted_at"]; !there || buried {
			continue
		}
		p, err := decodeFacts(i)
		if err != nil {
			return nil, err
		}
		found = append(found, report.Listed{Value: at.value, Profile: p})
	}
	return found, nil
}

// Facts gives a page of an organisation's users in the order of their ids, from an index that is a moment behind. It is
// policy.Store's and mail.AnnouncementStore's.
func (s *Store) Facts(ctx context.Context, organization, after string, limit int) ([]user.Profile, string, error) {
	found, next, err := s.Users(ctx, organization, report.UserQuery{Sort: report.ByUser, Limit: limit, After: after})
	return profiles(found), next, err
}

// Unenrolled is Facts of those without a second factor. next is the user that the next page begins behind; empty after the last. It is
// mail.AnnouncementStore's.
func (s *Store) Unenrolled(ctx context.Context, organization, after string, limit int) ([]user.Profile, string, error) {
	q := report.UserQuery{Sort: report.ByTwoFactor, Limit: limit, Span: report.Span{From: report.Without, To: report.With}}
	if after != "" {
		q.After = report.Without + after
	}
	found, next, err := s.Users(ctx, organization, q)
	found = slices.DeleteFunc(found, func(l report.Listed) bool { return !l.Profile.EnrolledAt.IsZero() }) // by now
	return profiles(found), strings.TrimPrefix(next, report.Without), err
}

func profiles(found []report.Listed) []user.Profile {
	var out []user.Profile
	for _, l := range found {
		out = append(out, l.Profile)
	}
	return out
}
