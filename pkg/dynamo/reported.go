package dynamo

import (
	"context"
	"time"

	"twofold/pkg/delivery"
)

// Report writes what a provider said later of a delivery. A delivery that nobody knows, or of which something final was said before,
// stays as it is; one that is not marked as sent yet never will be. It is mail.Store's.
func (s *Store) Report(ctx context.Context, id string, state delivery.State, now time.Time) error {
	_, err := s.deliver(ctx, id,
		"SET #state = :state, #ended_at = :now",
		"#state IN (:claimed, :failed, :sent)",
		map[string]string{"#state": "state", "#ended_at": "ended_at"},
		item{
			":state": text(string(state)), ":claimed": text(string(delivery.Claimed)), ":failed": text(string(delivery.Failed)),
			":sent": text(string(delivery.Sent)), ":now": moment(now),
		})
	return err
}
