package memstore

import (
	"context"

	"twofold/pkg/audit"
	"twofold/pkg/ledger"
	"twofold/pkg/webhook"
)

// subscribed names a subscription.
type subscribed struct {
	organization string
	to           webhook.Destination
}

func settleSubscription(s webhook.Subscription) webhook.Subscription {
	s.DeliveredAt, s.BusyUntil, s.FailingSince, s.RetryAt = micro(s.DeliveredAt), micro(s.BusyUntil), micro(s.FailingSince), micro(s.RetryAt)
	s.SetAt, s.DisabledAt = micro(s.SetAt), micro(s.DisabledAt)
	s.URL, s.Attempt, s.Ahead = list(s.URL), list(s.Attempt), list(s.Ahead)
	s.Secrets = each(s.Secrets, func(secret webhook.Secret) webhook.Secret {
		secret.Sealed, secret.MadeAt, secret.Until = list(secret.Sealed), micro(secret.MadeAt), micro(secret.Until)
		return secret
	})
	return s
}

// Subscription implements webhook.Store.
func (s *Store) Subscription(_ context.Context, organization string, to webhook.Destination) (found *webhook.Subscription, err error) {
	err = s.do(Subscription, func() error {
		found = pointer(s.subscriptions, subscribed{organization, to}, settleSubscription)
		return nil
	})
	return found, err
}

// Webhook implements webhook.Store.
func (s *Store) Webhook(_ context.Context, organization string) (found *webhook.Subscription, head ledger.Head, err error) {
	err = s.do(Webhook, func() error {
		found = pointer(s.subscriptions, subscribed{organization, webhook.ToWebhook}, settleSubscription)
		head = settleHead(s.log(organization).head)
		return nil
	})
	return found, head, err
}

// WriteSubscription implements webhook.Store.
func (s *Store) WriteSubscription(_ context.Context, next webhook.Subscription, events ...audit.Event) error {
	return s.do(WriteSubscription, func() error {
		next = settleSubscription(next)
		name := subscribed{next.Organization, next.To}
		stored, present := s.subscriptions[name]
		return commit(append([]part{{
			holds: follows(next.Rev, stored.Rev, present), ours: sameAttempt(stored.Attempt, next.Attempt), proof: true,
			apply: func() { s.subscriptions[name] = next },
		}}, s.eventParts(events)...))
	})
}

// Webhooks implements webhook.WakerStore.
func (s *Store) Webhooks(_ context.Context, organizations []string) (open []string, err error) {
	err = s.do(Webhooks, func() error {
		for _, organization := range organizations {
			if w, there := s.subscriptions[subscribed{organization, webhook.ToWebhook}]; there && w.Open() {
				open = append(open, organization)
			}
		}
		return nil
	})
	return open, err
}
