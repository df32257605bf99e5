package enroll_test

import (
	"errors"
	"testing"
	"time"

	"twofold/pkg/access"
	"twofold/pkg/delivery"
	"twofold/pkg/enroll"
	"twofold/pkg/login"
	"twofold/pkg/mail"
	"twofold/pkg/memstore"
	"twofold/pkg/user"
)

func (f *fixture) order(id string) (enroll.Order, error) {
	return f.Enroll.Order(f.t.Context(), f.Application, subject(eve), id)
}

// ordered is an enrolment whose first code was ordered, and the id of the order.
func (f *fixture) ordered() string {
	f.t.Helper()
	a := f.at(f.Login(f.t, eve), login.DoProve)
	if a.Next.Order == "" {
		f.t.Fatalf("the order has no id: %+v", a.Next)
	}
	return a.Next.Order
}

func TestWhatBecameOfAnOrder(t *testing.T) {
	for state, want := range map[delivery.State]enroll.Order{
		delivery.Claimed:    {State: enroll.OrderQueued},
		delivery.Failed:     {State: enroll.OrderQueued},
		delivery.Sent:       {State: enroll.OrderSent},
		delivery.Refused:    {State: enroll.OrderNotSent, Reason: "refused"},
		delivery.Obsolete:   {State: enroll.OrderNotSent, Reason: "obsolete"},
		delivery.Capped:     {State: enroll.OrderNotSent, Reason: "capped"},
		delivery.Suppressed: {State: enroll.OrderNotSent, Reason: "suppressed"},
		delivery.Bounced:    {State: enroll.OrderBounced},
		delivery.Complained: {State: enroll.OrderComplained},
	} {
		f := newFixture(t)
		id := f.ordered()
		if got, err := f.order(id); err != nil || got.State != enroll.OrderQueued || !got.At.IsZero() || got.ID != id {
			t.Errorf("before anybody has begun: %+v, %v", got, err)
		}
		name, now := delivery.OfCode(subject(eve).Organization, eve, id), f.Clock.Now()
		if c, err := f.store.Claim(t.Context(), name, now); err != nil || c != mail.Granted {
			t.Fatal(c, err)
		}
		if state != delivery.Claimed {
			f.must(f.store.Mark(t.Context(), name, state, now))
		}
		got, err := f.order(id)
		if err != nil || got.State != want.State || got.Reason != want.Reason || !got.At.Equal(now) {
			t.Errorf("%s: %+v, %v", state, got, err)
		}
		f.Clock.Advance(user.CodeLife + time.Second)
		if got, err = f.order(id); !state.Final() {
			want = enroll.Order{State: enroll.OrderNotSent, Reason: enroll.Expired}
		}
		if err != nil || got.State != want.State || got.Reason != want.Reason {
			t.Errorf("%s, when the code is over: %+v, %v", state, got, err)
		}
	}
}

// What was used or replaced is remembered by its delivery alone.
func TestAnOrderThatWasAnsweredIsStillKnown(t *testing.T) {
	f := newFixture(t)
	id := f.ordered()
	name, now := delivery.OfCode(subject(eve).Organization, eve, id), f.Clock.Now()
	_, err := f.store.Claim(t.Context(), name, now)
	f.must(err)
	f.must(f.store.Mark(t.Context(), name, delivery.Sent, now))
	f.factors(func(x *user.Factors) { x.Challenges = nil })
	if got, err := f.order(id); err != nil || got.State != enroll.OrderSent {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestOnlyAUsersOwnOrdersAreTold(t *testing.T) {
	f := newFixture(t)
	id := f.ordered()
	_, err := f.order("0011223344556677")
	refused(t, "no such order", err, access.ErrNotFound)
	_, err = f.Enroll.Order(t.Context(), f.Application, subject("nobody"), id)
	refused(t, "another user's", err, access.ErrNotFound)
	f.store.FailNext(memstore.Read, false, errors.New("down"))
	_, err = f.order(id)
	unavailable(t, "a store that fails", err)
	f.factors(func(x *user.Factors) {
		x.Admit(user.Challenge{ID: "aa", Purpose: user.Ticket, ExpiresAt: f.Clock.Now().Add(time.Hour)})
	})
	_, err = f.order("aa")
	refused(t, "a ticket, which nobody sends", err, access.ErrNotFound)
	_, err = f.Enroll.Order(t.Context(), f.System, subject(eve), id)
	refused(t, "the vendor", err, access.ErrRole)
	_, err = f.store.Claim(t.Context(), delivery.OfCode(subject(eve).Organization, "gone", id), f.Clock.Now())
	f.must(err)
	_, err = f.Enroll.Order(t.Context(), f.Application, subject("gone"), id)
	refused(t, "a user who is gone, whose delivery is remembered", err, access.ErrNotFound)
}
