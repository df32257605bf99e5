package storetest

import (
	"errors"
	"slices"
	"testing"
	"time"

	"twofold/pkg/audit"
	"twofold/pkg/ledger"
	"twofold/pkg/user"
	"twofold/pkg/webhook"
)

func fullSubscription() webhook.Subscription {
	return webhook.Subscription{
		Organization: Organization, To: webhook.ToWebhook, Rev: 1, Position: 7, Ahead: []uint64{9, 12}, DeliveredAt: second(1).Add(time.Microsecond),
		Carrier: "message", BusyUntil: second(2), Tries: 3, FailingSince: second(3), RetryAt: second(4), Trouble: "status 503",
		Host: "siem.acme.example", URL: []byte("sealed url"), SetAt: second(5), DisabledAt: second(6), Attempt: []byte("attempt"),
		Secrets: []webhook.Secret{{Sealed: []byte("new"), MadeAt: second(7)}, {Sealed: []byte("old"), MadeAt: second(1), Until: second(8)}},
	}
}

func subscriptionsReturn(t *testing.T, s Contract) {
	ctx := t.Context()
	none, err := s.Subscription(ctx, Organization, webhook.ToWebhook)
	must(t, err)
	if none != nil {
		t.Error("a subscription that nobody wrote was read")
	}
	full := fullSubscription()
	e := audit.Event{ID: "e1", At: second(1), Kind: audit.WebhookSet, Organization: Organization, Role: "org_admin", Actor: "ann"}
	for range 3 { // repeated, it is the same write
		must(t, s.WriteSubscription(ctx, full, e))
	}
	got, err := s.Subscription(ctx, Organization, webhook.ToWebhook)
	must(t, err)
	same(t, "subscription", got, &full)
	events, err := s.EventsAt(ctx, Organization, []ledger.Place{ledger.PlaceOf(e)})
	must(t, err)
	if len(events) != 1 {
		t.Errorf("%d events were written with it", len(events))
	}
	both, head, err := s.Webhook(ctx, Organization)
	must(t, err)
	same(t, "the webhook", both, &full)
	same(t, "the head of an empty log", head, ledger.Head{Organization: Organization})
	next, leaves := extended(t, head, "first", stream(Organization, 0, 3))
	must(t, s.Extend(ctx, next, leaves))
	nobody, empty, err := s.Webhook(ctx, "other")
	must(t, err)
	same(t, "nobody's head", empty, ledger.Head{Organization: "other"})
	_, head, err = s.Webhook(ctx, Organization)
	must(t, err)
	if head.Size != 3 || nobody != nil {
		t.Errorf("a log of %d, a webhook of nobody's: %t", head.Size, nobody != nil)
	}
	bare := webhook.Subscription{Organization: Organization, To: webhook.ToWebhook, Rev: 2, Attempt: []byte("other")}
	must(t, s.WriteSubscription(ctx, bare)) // nothing of what was before stays
	got, err = s.Subscription(ctx, Organization, webhook.ToWebhook)
	must(t, err)
	same(t, "a bare subscription", got, &bare)
	for _, organization := range []string{Organization, ""} { // the bus's is another, and the system has one
		bus := webhook.Subscription{Organization: organization, To: webhook.ToBus, Rev: 1, Position: 1, Attempt: []byte("bus")}
		must(t, s.WriteSubscription(ctx, bus))
		got, err = s.Subscription(ctx, organization, webhook.ToBus)
		must(t, err)
		same(t, "the bus's", got, &bus)
	}
}

// subscriptionsConflict: a revision is written once, and with a stale one nothing is.
func subscriptionsConflict(t *testing.T, s Contract) {
	ctx := t.Context()
	full := fullSubscription()
	must(t, s.WriteSubscription(ctx, full))
	for _, rev := range []int64{1, 3} {
		late := fullSubscription()
		late.Rev, late.Position, late.Attempt = rev, 99, []byte("late")
		e := audit.Event{ID: "late", At: second(1), Kind: audit.WebhookSet, Organization: Organization, Role: "org_admin", Actor: "ann"}
		if err := s.WriteSubscription(ctx, late, e); !errors.Is(err, user.ErrConflict) {
			t.Errorf("revision %d behind 1: %v", rev, err)
		}
		if err := s.WriteSubscription(ctx, late); !errors.Is(err, user.ErrConflict) {
			t.Errorf("revision %d behind 1, alone: %v", rev, err)
		}
		events, err := s.EventsAt(ctx, Organization, []ledger.Place{ledger.PlaceOf(e)})
		must(t, err)
		if len(events) > 0 {
			t.Error("the event of a lost race was written")
		}
	}
	got, err := s.Subscription(ctx, Organization, webhook.ToWebhook)
	must(t, err)
	same(t, "afterwards", got, &full)
}

func openWebhooksAreFound(t *testing.T, s Contract) {
	ctx := t.Context()
	write := func(organization string, change func(*webhook.Subscription)) {
		w := webhook.Subscription{Organization: organization, To: webhook.ToWebhook, Rev: 1, URL: []byte("sealed"), Attempt: []byte("a")}
		change(&w)
		must(t, s.WriteSubscription(ctx, w))
	}
	write("open", func(*webhook.Subscription) {})
	write("failing", func(w *webhook.Subscription) { w.Tries, w.FailingSince = 2, second(1) })
	write("disabled", func(w *webhook.Subscription) { w.DisabledAt = second(1) })
	write("removed", func(w *webhook.Subscription) { w.URL = nil })
	write("unasked", func(*webhook.Subscription) {})
	write("bus", func(w *webhook.Subscription) { w.To = webhook.ToBus })
	found, err := s.Webhooks(ctx, []string{"open", "failing", "disabled", "removed", "bus", "never"})
	must(t, err)
	if slices.Sort(found); !slices.Equal(found, []string{"failing", "open"}) {
		t.Errorf("open: %v", found)
	}
}
