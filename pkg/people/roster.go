package people

import (
	"context"
	"errors"
	"slices"

	"twofold/pkg/access"
	"twofold/pkg/fault"
	"twofold/pkg/org"
)

// ErrLast refuses to leave an organisation without anybody who can change its policy (design §8.11).
var ErrLast = fault.New(fault.Conflict, "last_administrator", "This is the last administrator who can change the policy. Raise another first.")

// seat puts into a change who can change the policy when this administrator has or has not a say in it. The roster is one item
// that all who join or leave must write, so two who leave at once do not both find the other there.
func (s *Service) seat(ctx context.Context, a org.Administrator, has bool, c *Change) error {
	roster, err := s.roster(ctx, a.Organization)
	if err != nil {
		return err
	}
	next, err := seated(roster, a.ID, has)
	if errors.Is(err, ErrLast) && a.Organization == access.VendorHome {
		return ErrLastColleague
	}
	if err != nil || next.Rev == roster.Rev {
		return err
	}
	c.Roster = &next
	return nil
}

// seated is the roster with somebody on it or off it: the same where that changes nothing, ErrLast where nobody would be left.
func seated(r org.Roster, id string, has bool) (org.Roster, error) {
	if slices.Contains(r.Writers, id) == has {
		return r, nil
	}
	r.Writers = slices.DeleteFunc(slices.Clone(r.Writers), func(other string) bool { return other == id })
	if has {
		r.Writers = append(r.Writers, id)
	}
	if len(r.Writers) == 0 {
		return r, ErrLast
	}
	r.Rev++
	return r, nil
}

// decides reports whether an administrator has a say that somebody must always have: to change the policy or, among system
// administrators, any.
func decides(a org.Administrator) bool {
	return a.Active() && (a.Organization == access.VendorHome || slices.Contains(a.Permissions, string(access.PolicyWrite)))
}
