package eventbridge

import (
	"github.com/aws/aws-sdk-go-v2/service/eventbridge/types"

	"twofold/pkg/webhook"
)

// The service's limits. All entries of a call must be below 1 MB together since January 2026, and were below 256 KB before; several
// go together below the old limit, so that a region in which it is still in force takes them.
// https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEvents.html
// https://aws.amazon.com/blogs/compute/more-room-to-build-serverless-services-now-support-payloads-up-to-1-mb
const (
	maxEntries  = 10
	maxTogether = 256<<10 - 1 // bytes
	maxEntry    = 1_000_000 - 1
)

// together is how many messages, at least one, go in the next call. No two of them are of one user: the service may take the second and
// not the first.
func together(messages []webhook.Message, entries []types.PutEventsRequestEntry) int {
	type about struct{ organization, user string }
	seen, total := map[about]bool{}, 0
	for i, m := range messages {
		total += size(entries[i])
		of := about{m.Organization, m.User}
		if i == maxEntries || seen[of] || i > 0 && total > maxTogether {
			return i
		}
		seen[of] = true
	}
	return len(messages)
}

// size is an entry's, in bytes, as the service counts it.
// https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-putevents.html#eb-putevent-size
func size(e types.PutEventsRequestEntry) int {
	const moment = 14
	return moment + len(*e.Source) + len(*e.DetailType) + len(*e.Detail)
}
