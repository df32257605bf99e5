package memstore

import (
	"context"
	"errors"
	"slices"
	"time"

	"twofold/pkg/access"
	"twofold/pkg/audit"
	"twofold/pkg/delivery"
	"twofold/pkg/login"
	"twofold/pkg/mail"
	"twofold/pkg/org"
	"twofold/pkg/user"
)

type held struct {
	state     delivery.State
	claimedAt time.Time
	endedAt   time.Time
	counted   bool
}

var errUnclaimed = errors.New("memstore: a delivery was marked that nobody had claimed")

// Deliveries takes the orders that writes have caused since it was last called, in the order of the writes, as the
// stream would give them to the mailer.
func (s *Store) Deliveries() []mail.Order {
	s.mu.Lock()
	defer s.mu.Unlock()
	orders := s.orders
	s.orders = nil
	return orders
}

// Profiles takes the profiles that were written since it was last called, as the stream would give them to the projector.
func (s *Store) Profiles() []user.Profile {
	s.mu.Lock()
	defer s.mu.Unlock()
	written := s.written
	s.written = nil
	return written
}

// Recipient implements mail.Store.
func (s *Store) Recipient(_ context.Context, organization, id string) (o *org.Organization, p *user.Profile, f user.Factors, err error) {
	f = user.Factors{Organization: organization, User: id}
	err = s.do(Recipient, func() error {
		o = pointer(s.organizations, organization, settleOrganization)
		m := s.memberOf(organization, id)
		p, f = m.Profile, m.Factors
		return nil
	})
	return o, p, f, err
}

// Told implements mail.Store.
func (s *Store) Told(_ context.Context, o mail.Order) (again mail.Order, there bool, err error) {
	again = o
	err = s.do(Told, func() error {
		if o.Named {
			var n user.Notice
			if n, there = s.notices[named{member{o.Organization, o.User}, o.Reference}]; there {
				again.Event, again.To = settleEvent(n.Event), list(n.To)
			}
			return nil
		}
		var e audit.Event
		if e, there = s.events[o.Organization][eventKey(audit.Event{At: o.Event.At, ID: o.Reference})]; there && e.Notify {
			again.Event = settleEvent(e)
			return nil
		}
		there = false
		return nil
	})
	return again, there, err
}

// ReadWithDelivery implements enroll.Store.
func (s *Store) ReadWithDelivery(ctx context.Context, c access.Credential, organization, id, of string) (login.Snapshot, error) {
	snap, err := s.Read(ctx, c, organization, id)
	s.mu.Lock()
	defer s.mu.Unlock()
	if stored, present := s.deliveries[of]; present && err == nil {
		snap.Delivery = &delivery.Status{State: stored.state, At: stored.claimedAt}
		if !stored.endedAt.IsZero() {
			snap.Delivery.At = stored.endedAt
		}
	}
	return snap, err
}

// Pending implements mail.Store.
func (s *Store) Pending(_ context.Context, organization, administrator, reference string, now time.Time) (found *mail.Proposal, err error) {
	err = s.do(Pending, func() error {
		at := member{organization, administrator}
		a, known := s.administrators[at]
		d := settleDocket(s.dockets[at])
		c, ordered := d.Ordered(reference)
		if !known || !ordered {
			return nil
		}
		about := s.organizations[c.Organization]
		found = &mail.Proposal{
			ID: c.ID, Thing: c.Thing, Organization: about.Name, Email: a.Address(now),
			OwnSender: c.Organization == organization && about.Entitlements.Sender,
			Mailed:    d.Mailed(c), KeyID: c.KeyID, Live: c.Live(now), Changes: c.Told, Seen: c.Seen,
		}
		return nil
	})
	return found, err
}

// Claim implements mail.Store.
func (s *Store) Claim(_ context.Context, name string, now time.Time) (answer mail.Claim, err error) {
	err = s.do(Claim, func() error {
		answer = s.claim(name, now)
		return nil
	})
	return answer, err
}

func (s *Store) claim(name string, now time.Time) mail.Claim {
	stored, present := s.deliveries[name]
	lapsed := stored.state == delivery.Claimed && !stored.claimedAt.After(micro(now.Add(-mail.Lease)))
	switch {
	case !present || stored.state == delivery.Failed || lapsed:
		s.deliveries[name] = held{state: delivery.Claimed, claimedAt: micro(now), counted: stored.counted}
		return mail.Granted
	case stored.state == delivery.Claimed:
		return mail.Busy
	}
	return mail.Done
}

// Spend implements mail.Store.
func (s *Store) Spend(_ context.Context, name string, on []mail.Spending, now time.Time) (answer mail.Claim, err error) {
	err = s.do(Spend, func() error {
		before, present := s.deliveries[name]
		if answer = s.claim(name, now); answer != mail.Granted || before.counted {
			return nil
		}
		if slices.ContainsFunc(on, func(count mail.Spending) bool { return s.spent[count.Name] >= count.Limit }) {
			if answer = mail.Overspent; present {
				s.deliveries[name] = before
			} else {
				delete(s.deliveries, name)
			}
			return nil
		}
		for _, count := range on {
			s.spent[count.Name]++
		}
		held := s.deliveries[name]
		held.counted = true
		s.deliveries[name] = held
		return nil
	})
	return answer, err
}

// Mark implements mail.Store.
func (s *Store) Mark(_ context.Context, name string, state delivery.State, now time.Time) error {
	return s.do(Mark, func() error {
		stored, present := s.deliveries[name]
		if !present {
			return errUnclaimed
		}
		open := stored.state == delivery.Claimed || stored.state == delivery.Failed
		if open && !stored.claimedAt.After(micro(now)) {
			stored.state, stored.endedAt = state, micro(now)
			s.deliveries[name] = stored
		}
		return nil
	})
}

// Report implements mail.Store.
func (s *Store) Report(_ context.Context, name string, state delivery.State, _ time.Time) error {
	return s.do(Report, func() error {
		stored, present := s.deliveries[name]
		if present && (!stored.state.Final() || stored.state == delivery.Sent) {
			stored.state = state
			s.deliveries[name] = stored
		}
		return nil
	})
}
