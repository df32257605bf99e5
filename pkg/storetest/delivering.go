package storetest

import (
	"testing"
	"time"

	"twofold/pkg/access"
	"twofold/pkg/audit"
	"twofold/pkg/delivery"
	"twofold/pkg/mail"
	"twofold/pkg/user"
)

// deliveriesReturn: whoever reads a user can read how a delivery stands, in the same moment.
func deliveriesReturn(t *testing.T, s Contract) {
	now := NewClock().Now()
	ctx, id := t.Context(), delivery.OfCode(Organization, somebody, "00112233445566aa")
	standing := func() *delivery.Status {
		t.Helper()
		snap, err := s.ReadWithDelivery(ctx, access.Credential{ID: "0123456789abcdef0123"}, Organization, somebody, id)
		must(t, err)
		return snap.Delivery
	}
	stands := func(want delivery.State, at time.Time) {
		t.Helper()
		if got := standing(); got == nil || got.State != want || !got.At.Equal(at) {
			t.Errorf("it stands as %+v, want %s at %s", got, want, at)
		}
	}
	if got := standing(); got != nil {
		t.Errorf("what nobody has begun stands as %+v", got)
	}
	_, err := s.Claim(ctx, id, now)
	must(t, err)
	stands(delivery.Claimed, now)
	must(t, s.Mark(ctx, id, delivery.Failed, now.Add(time.Second)))
	stands(delivery.Failed, now.Add(time.Second))
	_, err = s.Spend(ctx, id, nil, now.Add(2*time.Second))
	must(t, err)
	stands(delivery.Claimed, now.Add(2*time.Second))
	for _, final := range []delivery.State{
		delivery.Sent, delivery.Refused, delivery.Obsolete, delivery.Capped, delivery.Suppressed, delivery.Bounced, delivery.Complained,
	} {
		id = delivery.OfCode(Organization, somebody, string(final))
		_, err = s.Claim(ctx, id, now)
		must(t, err)
		must(t, s.Mark(ctx, id, final, now.Add(time.Minute)))
		stands(final, now.Add(time.Minute))
	}
}

// toldAgain: what a notice is about is read again from no more than where it stands.
func toldAgain(t *testing.T, s Contract) {
	w := NewWorld(t, s)
	ctx, now := t.Context(), w.Clock.Now()
	e := audit.Event{
		ID: "0190c2d8-7f3e-4c1a-9b7e-0123456789ab", At: now, Kind: audit.UserReset, Organization: Organization, User: somebody,
		Role: "org_admin", Actor: "ann", Reason: "lost phone", Details: map[string]string{"a": "b"}, Notify: true,
	}
	silent := e
	silent.ID, silent.Notify = "0190c2d8-7f3e-4c1a-9b7e-0123456789ac", false
	named := silent
	named.ID = "0190c2d8-7f3e-4c1a-9b7e-0123456789ad"
	must(t, s.Write(ctx, user.Change{Events: []audit.Event{e, silent}, Notice: &user.Notice{
		Organization: Organization, User: somebody, Event: named, To: []byte("sealed"), ExpiresAt: second(30),
	}}))
	order := func(e audit.Event, named bool) mail.Order {
		return mail.Order{
			Kind: mail.NoticeOrder, Organization: Organization, User: somebody, Reference: e.ID, Event: audit.Event{ID: e.ID, At: e.At}, Named: named,
		}
	}
	got, there, err := s.Told(ctx, order(e, false))
	must(t, err)
	same(t, "a notice", got, mail.Order{Kind: mail.NoticeOrder, Organization: Organization, User: somebody, Reference: e.ID, Event: e})
	if !there {
		t.Error("what is there is said to be gone")
	}
	got, there, err = s.Told(ctx, order(named, true))
	must(t, err)
	if same(t, "the event", got.Event, named); string(got.To) != "sealed" || !got.Named || !there {
		t.Errorf("a notice with addresses of its own: %+v, %t", got, there)
	}
	elsewhere := order(e, false)
	elsewhere.Organization = "other"
	for name, o := range map[string]mail.Order{
		"of which nobody is told": order(silent, false), "of another organisation": elsewhere, "without addresses": order(e, true),
		"of another time": {Kind: mail.NoticeOrder, Organization: Organization, Reference: e.ID, Event: audit.Event{At: now.Add(time.Second)}},
	} {
		if _, there, err := s.Told(ctx, o); there || err != nil {
			t.Errorf("an event %s: %t, %v", name, there, err)
		}
	}
}
