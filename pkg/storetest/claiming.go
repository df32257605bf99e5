package storetest

import (
	"testing"
	"time"

	"twofold/pkg/delivery"
	"twofold/pkg/mail"
)

const claimedID = "code#acme.example#00112233445566aa#user#1"

func claim(t *testing.T, s Contract, at time.Time, want mail.Claim) {
	t.Helper()
	got, err := s.Claim(t.Context(), claimedID, at)
	must(t, err)
	if got != want {
		t.Errorf("claim: got %d, want %d", got, want)
	}
}

func claims(t *testing.T, s Contract) {
	now := NewClock().Now()
	ctx := t.Context()
	if err := s.Mark(ctx, claimedID, delivery.Sent, now); err == nil {
		t.Error("what nobody claimed was marked")
	}
	claim(t, s, now, mail.Granted)
	claim(t, s, now.Add(mail.Lease-time.Microsecond), mail.Busy)
	must(t, s.Mark(ctx, claimedID, delivery.Failed, now))
	claim(t, s, now.Add(time.Second), mail.Granted)
	claim(t, s, now.Add(2*time.Second), mail.Busy)
	claim(t, s, now.Add(time.Second+mail.Lease), mail.Granted)
	must(t, s.Mark(ctx, claimedID, delivery.Sent, now.Add(40*time.Second)))
	must(t, s.Mark(ctx, claimedID, delivery.Sent, now.Add(40*time.Second)))
	claim(t, s, now.Add(time.Hour), mail.Done)
	must(t, s.Mark(ctx, claimedID, delivery.Failed, now.Add(time.Hour)))
	claim(t, s, now.Add(2*time.Hour), mail.Done)
	for _, final := range []delivery.State{delivery.Refused, delivery.Obsolete} {
		name := "notice#" + string(final)
		if got, err := s.Claim(ctx, name, now); err != nil || got != mail.Granted {
			t.Fatalf("claim: %d, %v", got, err)
		}
		must(t, s.Mark(ctx, name, final, now))
		if got, err := s.Claim(ctx, name, now.Add(time.Hour)); err != nil || got != mail.Done {
			t.Errorf("claim of what is %s: %d, %v", final, got, err)
		}
	}
}

func oneClaim(t *testing.T, s Contract) {
	now := NewClock().Now()
	granted := 0
	for _, c := range collect(20, func(int) mail.Claim {
		c, err := s.Claim(t.Context(), claimedID, now)
		if err != nil {
			t.Error(err)
		}
		return c
	}) {
		if c == mail.Granted {
			granted++
		}
	}
	if granted != 1 {
		t.Errorf("%d claims were granted, want 1", granted)
	}
}

// lapsedClaim: whoever comes back after its lease must not open what another is delivering.
func lapsedClaim(t *testing.T, s Contract) {
	now := NewClock().Now()
	claim(t, s, now, mail.Granted)
	claim(t, s, now.Add(mail.Lease), mail.Granted)
	must(t, s.Mark(t.Context(), claimedID, delivery.Failed, now))
	claim(t, s, now.Add(mail.Lease+time.Second), mail.Busy)
	must(t, s.Mark(t.Context(), claimedID, delivery.Sent, now.Add(mail.Lease)))
	claim(t, s, now.Add(time.Hour), mail.Done)
}
