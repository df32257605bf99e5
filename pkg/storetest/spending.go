package storetest

import (
	"strconv"
	"testing"
	"time"

	"twofold/pkg/delivery"
	"twofold/pkg/mail"
)

func spend(t *testing.T, s Contract, id string, at time.Time, want mail.Claim, on ...mail.Spending) {
	t.Helper()
	got, err := s.Spend(t.Context(), id, on, at)
	must(t, err)
	if got != want {
		t.Errorf("spend for %s: got %d, want %d", id, got, want)
	}
}

// spends: a delivery is counted once, however often it is tried, and a count never goes beyond its limit.
func spends(t *testing.T, s Contract) {
	now := NewClock().Now()
	ctx := t.Context()
	small, large := mail.Spending{Name: "day#a", Limit: 2, Until: now.Add(time.Hour)}, mail.Spending{Name: "day#b", Limit: 3, Until: now.Add(time.Hour)}
	spend(t, s, "one", now, mail.Granted, small, large)
	spend(t, s, "one", now, mail.Busy, small, large)
	must(t, s.Mark(ctx, "one", delivery.Failed, now))
	spend(t, s, "one", now, mail.Granted, small, large)
	spend(t, s, "one", now.Add(mail.Lease), mail.Granted, small, large) // a crash in between
	must(t, s.Mark(ctx, "one", delivery.Sent, now.Add(mail.Lease)))
	spend(t, s, "one", now.Add(time.Hour), mail.Done, small, large)
	spend(t, s, "two", now, mail.Granted, small, large)
	spend(t, s, "three", now, mail.Overspent, small, large)
	spend(t, s, "three", now, mail.Overspent, large, small)
	spend(t, s, "three", now, mail.Granted, large) // of which nothing was counted for the refused ones
	spend(t, s, "four", now, mail.Overspent, large)
	spend(t, s, "four", now, mail.Overspent, mail.Spending{Name: "day#c", Until: now})
	spend(t, s, "two", now, mail.Busy, small) // it was counted before the limit was reached
	must(t, s.Mark(ctx, "two", delivery.Failed, now))
	spend(t, s, "two", now, mail.Granted, small)
}

// cappedDelivery: what ended beyond a budget stays so, even if whoever ended it crashed in the middle.
func cappedDelivery(t *testing.T, s Contract) {
	now := NewClock().Now()
	full := mail.Spending{Name: "day#a", Limit: 1, Until: now.Add(time.Hour)}
	spend(t, s, "one", now, mail.Granted, full)
	spend(t, s, "two", now, mail.Overspent, full)
	if c, err := s.Claim(t.Context(), "two", now); err != nil || c != mail.Granted {
		t.Fatalf("claim: %d, %v", c, err)
	}
	spend(t, s, "two", now, mail.Busy, full)
	spend(t, s, "two", now.Add(mail.Lease), mail.Overspent, full) // claimed, but never counted
	must(t, s.Mark(t.Context(), "two", delivery.Capped, now))
	spend(t, s, "two", now.Add(time.Hour), mail.Done, full)
	spend(t, s, "two", now.Add(time.Hour), mail.Done)
}

// budgetOfMany: 30 deliveries at once, within one limit.
func budgetOfMany(t *testing.T, s Contract) {
	now := NewClock().Now()
	on := []mail.Spending{{Name: "day#a", Limit: 5, Until: now.Add(time.Hour)}, {Name: "day#b", Limit: 100, Until: now.Add(time.Hour)}}
	granted := 0
	for _, c := range collect(30, func(i int) mail.Claim {
		for {
			if c, err := s.Spend(t.Context(), "delivery "+strconv.Itoa(i), on, now); err == nil {
				return c
			} // transactions in the way of each other: the record would be given again
		}
	}) {
		if c == mail.Granted {
			granted++
		}
	}
	if granted != 5 {
		t.Errorf("%d of 30 were granted, want 5", granted)
	}
}
