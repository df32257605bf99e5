package policy

import (
	"context"
	"time"

	"twofold/pkg/fault"
	"twofold/pkg/org"
)

// sender has the organisation's own sender follow its entitlement, for the same write: from the next mail on the system's
// sender stands in, or no longer does. It is nil where nothing of it changes, and costs a read only where the entitlement does. The
// event of the entitlements tells all administrators.
func (s *Service) sender(ctx context.Context, before *org.Organization, after org.Entitlements, now time.Time) (*org.Sender, error) {
	if before == nil || before.Entitlements.Sender == after.Sender {
		return nil, nil
	}
	known, err := s.Store.Sender(ctx, before.ID)
	if err != nil {
		return nil, fault.Down(err)
	}
	if known == nil {
		return nil, nil
	}
	if next, changed := known.Entitle(after.Sender, now); changed {
		return &next, nil
	}
	return nil, nil
}
