package enroll

import (
	"context"
	"slices"
	"time"

	"twofold/pkg/access"
	"twofold/pkg/delivery"
	"twofold/pkg/fault"
	"twofold/pkg/login"
	"twofold/pkg/user"
)

// OrderState is what became of a code that was ordered, as an application needs to know it.
type OrderState string

// The states of an order.
const (
	OrderQueued     OrderState = "queued"     // it is on its way to the provider, or will be tried again
	OrderSent       OrderState = "sent"       // the provider took it
	OrderNotSent    OrderState = "not_sent"   // it will not be sent; Reason says why
	OrderBounced    OrderState = "bounced"    // the provider took it, and could not deliver it
	OrderComplained OrderState = "complained" // its recipient called it unwanted
)

// Expired is the reason of an order whose code was good no more before it could be sent. The other reasons are a delivery's states.
const Expired = "expired"

// Order is one order of a code.
type Order struct {
	ID     string
	State  OrderState
	Reason string    // of OrderNotSent
	At     time.Time // since when; zero: since it was ordered
}

// Order says what became of a code that was sent, or is to be: of a login, an enrolment or a fresh proof, for as long as deliveries are
// remembered. An id that names none of this user's is access.ErrNotFound.
func (s *Service) Order(ctx context.Context, c access.Caller, of Subject, id string) (Order, error) {
	now := s.Now()
	snap, err := s.Store.ReadWithDelivery(ctx, c.Credential, of.Organization, of.User, delivery.OfCode(of.Organization, of.User, id))
	if err != nil {
		return Order{}, fault.Down(err)
	}
	if err := login.Authorize(snap, c, devicesRule, of.Organization, now); err != nil {
		return Order{}, err
	}
	if err := of.stands(snap); err != nil {
		return Order{}, err
	}
	at := slices.IndexFunc(snap.Factors.Challenges, func(c user.Challenge) bool { return c.ID == id && !c.Given() })
	if at < 0 && snap.Delivery == nil {
		return Order{}, access.ErrNotFound
	}
	good := at >= 0 && now.Before(snap.Factors.Challenges[at].ExpiresAt)
	return became(id, snap.Delivery, good), nil
}

// became says how an order stands by its delivery, nil where nobody has begun it. good says that the code still is.
func became(id string, d *delivery.Status, good bool) Order {
	o := Order{ID: id}
	if d != nil {
		o.At = d.At
	}
	switch {
	case d == nil || !d.State.Final():
		o.State = OrderQueued
		if !good {
			o.State, o.Reason = OrderNotSent, Expired
		}
	case d.State == delivery.Sent:
		o.State = OrderSent
	case d.State == delivery.Bounced:
		o.State = OrderBounced
	case d.State == delivery.Complained:
		o.State = OrderComplained
	default:
		o.State, o.Reason = OrderNotSent, string(d.State)
	}
	return o
}
