package policy

import (
	"context"

	"twofold/pkg/access"
	"twofold/pkg/fault"
	"twofold/pkg/org"
)

// MaxVersions is the length of the longest page of a history.
const MaxVersions = 100

// History is one page of an organisation's policies, the latest first: what held, since when, and who made it so.
type History struct {
	Versions []org.Policy
	More     bool // there are earlier ones
}

// History gives versions before one; zero: from the latest on. What a version says never changes.
func (s *Service) History(ctx context.Context, c access.Caller, organization string, before int64, limit int) (History, error) {
	snap, err := s.existing(ctx, c, ReadRule, organization, s.Now())
	if err != nil {
		return History{}, err
	}
	if before == 0 || before > snap.Organization.Policy.Version {
		before = snap.Organization.Policy.Version + 1
	}
	versions, err := s.Store.Policies(ctx, organization, before, limit)
	if err != nil {
		return History{}, fault.Down(err)
	}
	return History{Versions: versions, More: len(versions) > 0 && versions[len(versions)-1].Version > 1}, nil
}
