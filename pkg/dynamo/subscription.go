package dynamo

import (
	"context"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"twofold/pkg/audit"
	"twofold/pkg/ledger"
	"twofold/pkg/webhook"
)

// subscriptionAttributes are all that this version knows: one that a write does not set is removed by it.
var subscriptionAttributes = []string{
	"rev", "position", "ahead", "delivered_at", "carrier", "busy_until", "tries", "failing_since", "retry_at", "trouble", "host", "url", "secrets",
	"set_at", "disabled_at", "attempt",
}

func encodeSubscription(s webhook.Subscription) item {
	i := subscriptionKey(s.Organization, s.To).item()
	i.number("rev", s.Rev)
	i.number("position", int64(s.Position))
	var ahead []types.AttributeValue
	for _, leaf := range s.Ahead {
		ahead = append(ahead, number(int64(leaf)))
	}
	i.list("ahead", ahead)
	i.moment("delivered_at", s.DeliveredAt)
	i.text("carrier", s.Carrier)
	i.moment("busy_until", s.BusyUntil)
	i.number("tries", int64(s.Tries))
	i.moment("failing_since", s.FailingSince)
	i.moment("retry_at", s.RetryAt)
	i.text("trouble", s.Trouble)
	i.text("host", s.Host)
	i.bytes("url", s.URL)
	var secrets []types.AttributeValue
	for _, secret := range s.Secrets {
		one := item{}
		one.bytes("sealed", secret.Sealed)
		one.moment("made_at", secret.MadeAt)
		one.moment("until", secret.Until)
		secrets = append(secrets, &types.AttributeValueMemberM{Value: one})
	}
	i.list("secrets", secrets)
	i.moment("set_at", s.SetAt)
	i.moment("disabled_at", s.DisabledAt)
	i.bytes("attempt", s.Attempt)
	return i
}

func decodeSubscription(i item) (webhook.Subscription, error) {
	must, may, err := read("SUBSCRIPTION", i)
	to, ok := strings.CutPrefix(i.key().sk, subscriptionPrefix)
	if !ok {
		must.fail("sk", "is not a subscription's")
	}
	s := webhook.Subscription{
		Organization: logOf(must), To: webhook.Destination(to), Rev: must.number("rev"), Position: uint64(must.number("position")),
		DeliveredAt: may.moment("delivered_at"), Carrier: may.text("carrier"), BusyUntil: may.moment("busy_until"),
		Tries: int(must.number("tries")), FailingSince: may.moment("failing_since"), RetryAt: may.moment("retry_at"), Trouble: may.text("trouble"),
		Host: may.text("host"), URL: may.bytes("url"), SetAt: may.moment("set_at"), DisabledAt: may.moment("disabled_at"),
		Attempt: may.bytes("attempt"), Ahead: elements(may, "ahead", func(m *types.AttributeValueMemberN) uint64 {
			n, failed := strconv.ParseUint(m.Value, 10, 64)
			if failed != nil {
				must.fail("ahead", "holds what is not a whole number")
			}
			return n
		}),
		Secrets: elements(may, "secrets", func(m *types.AttributeValueMemberM) webhook.Secret {
			must, may := fields{of: "SUBSCRIPTION", item: m.Value, err: err}, fields{of: "SUBSCRIPTION", item: m.Value, lax: true, err: err}
			return webhook.Secret{Sealed: must.bytes("sealed"), MadeAt: must.moment("made_at"), Until: may.moment("until")}
		}),
	}
	return s, *err
}

// Subscription is how far a destination has got, strongly consistent; nil where there never was one. It is webhook.Store's.
func (s *Store) Subscription(ctx context.Context, organization string, to webhook.Destination) (*webhook.Subscription, error) {
	return one(ctx, s, subscriptionKey(organization, to), decodeSubscription)
}

// Webhook is an organisation's, with the head of its log. It is webhook.Store's.
func (s *Store) Webhook(ctx context.Context, organization string) (*webhook.Subscription, ledger.Head, error) {
	hook, top := subscriptionKey(organization, webhook.ToWebhook), headKey(organization)
	found, err := s.batch(ctx, hook, top)
	if err != nil {
		return nil, ledger.Head{}, err
	}
	w, err := decoded(found[hook], decodeSubscription)
	if err != nil {
		return nil, ledger.Head{}, err
	}
	head, err := decoded(found[top], decodeHead)
	if err != nil || head == nil {
		return w, ledger.Head{Organization: organization}, err
	}
	return w, *head, nil
}

// WriteSubscription writes the next revision of one with its events. It is webhook.Store's.
func (s *Store) WriteSubscription(ctx context.Context, next webhook.Subscription, events ...audit.Event) error {
	i := encodeSubscription(next)
	return s.commit(ctx, append([]part{s.attempted(i, next.Rev, subscriptionAttributes, next.Attempt)}, s.events(events)...))
}

// Webhooks are those of the organisations whose webhook is open. It is webhook.WakerStore's.
func (s *Store) Webhooks(ctx context.Context, organizations []string) ([]string, error) {
	keys := make([]key, len(organizations))
	for at, organization := range organizations {
		keys[at] = subscriptionKey(organization, webhook.ToWebhook)
	}
	found, err := s.batches(ctx, nil, distinct(keys))
	if err != nil {
		return nil, err
	}
	var open []string
	for _, i := range found {
		w, err := decodeSubscription(i)
		if err != nil {
			return nil, err
		}
		if w.Open() {
			open = append(open, w.Organization)
		}
	}
	return open, nil
}
