package storetest

import (
	"errors"
	"reflect"
	"testing"
	"time"

	"twofold/pkg/access"
	"twofold/pkg/audit"
	"twofold/pkg/delivery"
	"twofold/pkg/mail"
	"twofold/pkg/report"
	"twofold/pkg/user"
)

// reports: what a provider says of a delivery stands, whether it comes before the mark or after it, and the first word of it.
func reports(t *testing.T, s Contract) {
	now, ctx := NewClock().Now(), t.Context()
	must(t, s.Report(ctx, "nobody's", delivery.Bounced, now))
	if got, err := s.Claim(ctx, "nobody's", now); err != nil || got != mail.Granted {
		t.Fatalf("a report made a delivery: %d, %v", got, err)
	}
	for name, before := range map[string][]delivery.State{
		"claimed": nil, "failed": {delivery.Failed}, "sent": {delivery.Sent}, "complained": {delivery.Sent, delivery.Complained},
	} {
		if got, err := s.Claim(ctx, name, now); err != nil || got != mail.Granted {
			t.Fatalf("%s: %d, %v", name, got, err)
		}
		for _, state := range before {
			if state == delivery.Complained {
				must(t, s.Report(ctx, name, state, now))
				continue
			}
			must(t, s.Mark(ctx, name, state, now))
		}
		for range 2 {
			must(t, s.Report(ctx, name, delivery.Bounced, now.Add(time.Second)))
		}
		must(t, s.Mark(ctx, name, delivery.Sent, now.Add(2*time.Second))) // late, and to no effect
		want := delivery.Bounced
		if name == "complained" {
			want = delivery.Complained
		}
		snap, err := s.ReadWithDelivery(ctx, access.Credential{ID: "0123456789abcdef0123"}, Organization, somebody, name)
		must(t, err)
		if snap.Delivery == nil || snap.Delivery.State != want {
			t.Errorf("%s became %+v, want %s", name, snap.Delivery, want)
		}
		if got, err := s.Claim(ctx, name, now.Add(time.Hour)); err != nil || got != mail.Done {
			t.Errorf("%s can be delivered again: %d, %v", name, got, err)
		}
	}
}

// marksReturn: marks come back with the profile and with the rows of reports, but for those of addresses that are others now.
func marksReturn(t *testing.T, s Contract) {
	w := NewWorld(t, s)
	p := user.Profile{
		Organization: Organization, User: "marked", Rev: 1, Email: "Marked#1@Example.com", RegisteredAt: second(1),
		RecoveryEmail: []byte("sealed"), RecoveryDigest: []byte{0, 0, 0, 1, 0xff, '#'},
	}
	p.Set(user.Mark{Why: user.Bounced, Since: second(2), Email: "marked#1@example.com"})
	p.Set(user.Mark{Why: user.Complained, Since: second(3), Digest: p.RecoveryDigest})
	want := p.Marks
	p.Set(user.Mark{Why: user.Bounced, Since: second(4), Email: "before@example.com"})
	must(t, s.Write(t.Context(), user.Change{Profile: &p, Events: []audit.Event{w.Event(audit.UserUndeliverable, "marked")}}))
	_, got, _, err := s.Recipient(t.Context(), Organization, "marked")
	must(t, err)
	if !reflect.DeepEqual(got.Marks, want) {
		t.Errorf("marks %+v", got.Marks)
	}
	for _, sort := range report.Sorts() {
		rows, _, err := s.Users(t.Context(), Organization, report.UserQuery{Sort: sort, Limit: 10})
		must(t, err)
		found := false
		for _, l := range rows {
			row := l.Profile
			if row.User == "marked" {
				found = true
				if all := row.Troubles(second(5)); len(all) != 2 || all[0].Why != user.Bounced || !all[0].Since.Equal(second(2)) || all[1].Why != user.Complained {
					t.Errorf("%s: %+v", sort, row.Marks)
				}
			}
		}
		if !found {
			t.Errorf("%s: no row", sort)
		}
	}
	stale := p.Next()
	must(t, s.Write(t.Context(), user.Change{Profile: &stale}))
	if err := s.Write(t.Context(), user.Change{Profile: &stale, Events: []audit.Event{w.Event(audit.UserUndeliverable, "marked")}}); !errors.Is(err, user.ErrConflict) {
		t.Errorf("a mark on a profile that is another by now: %v", err)
	}
	moved := stale.Next()
	moved.Email, moved.RecoveryEmail, moved.RecoveryDigest = "other@example.com", nil, nil
	must(t, s.Write(t.Context(), user.Change{Profile: &moved}))
	_, got, _, err = s.Recipient(t.Context(), Organization, "marked")
	must(t, err)
	if len(got.Marks) != 0 {
		t.Errorf("other addresses have marks: %+v", got.Marks)
	}
}
