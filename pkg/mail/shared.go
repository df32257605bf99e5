package mail

import (
	"context"
	"strconv"
	"strings"
	"time"

	"twofold/pkg/delivery"
	"twofold/pkg/fault"
	"twofold/pkg/org"
)

// sharedLife outlives every round that is not paused for longer.
const sharedLife = 14 * 24 * time.Hour

// sparing leaves out of a batch whose mailbox has had its share of the round: an import of many users with one mailbox is no way to bury
// somebody. Only what stands behind a plus sign makes many addresses of a mailbox, so whoever has none costs no count. It counts a user once, however
// often the batch is tried, and before the batch is claimed: where the count is not to be had, nobody of the batch is mailed now.
func (n *Announcer) sparing(ctx context.Context, a org.Announcement, to []recipient, now time.Time) ([]recipient, error) {
	var spared []recipient
	for _, r := range to {
		fits, err := n.fits(ctx, a, r, now)
		if err != nil {
			return nil, err
		}
		if fits {
			spared = append(spared, r)
		}
	}
	return spared, nil
}

func (n *Announcer) fits(ctx context.Context, a org.Announcement, r recipient, now time.Time) (bool, error) {
	if Mailbox(r.profile.Email) == strings.ToLower(r.profile.Email) {
		return true, nil
	}
	mailbox, err := n.Mail.counted(r.profile.Email)
	if err != nil {
		return false, err
	}
	round := delivery.ID("round", a.Organization, a.ID, strconv.Itoa(a.Round))
	count := Spending{Name: a.RoundAt.UTC().Format(time.DateOnly) + "#" + round + "#" + mailbox, Limit: SharedMailbox, Until: now.Add(sharedLife)}
	claim, err := n.Mail.Store.Spend(ctx, delivery.ID(round, r.profile.User), []Spending{count}, now)
	if err != nil {
		return false, fault.Down(err)
	}
	return claim != Overspent, nil // one that is busy was counted when the batch was tried before
}
