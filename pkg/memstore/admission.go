package memstore

import (
	"context"
	"strings"
	"time"

	"twofold/pkg/admission"
	"twofold/pkg/mail"
	"twofold/pkg/policy"
)

// Arrival implements admission.Store.
func (s *Store) Arrival(_ context.Context, id string) (found *admission.Arrival, err error) {
	err = s.do(Arrival, func() error {
		if a, there := s.arrivals[id]; there {
			a = settleArrival(a)
			found = &a
		}
		return nil
	})
	return found, err
}

// WriteArrival implements admission.Store.
func (s *Store) WriteArrival(_ context.Context, a admission.Arrival) error {
	return s.do(WriteArrival, func() error {
		stored, present := s.arrivals[a.ID]
		return commit([]part{{
			holds: follows(a.Rev, stored.Rev, present), ours: sameAttempt(stored.Attempt, a.Attempt), proof: true,
			apply: func() {
				s.arrivals[a.ID] = settleArrival(a)
				if a.Deliver != "" {
					s.orders = append(s.orders, mail.Order{
						Kind: mail.ArrivalOrder, Organization: a.Organization, Administrator: a.Administrator, Reference: a.ID + "." + a.Deliver,
					})
				}
			},
		}})
	})
}

// WriteAdmission implements admission.Store.
func (s *Store) WriteAdmission(_ context.Context, c admission.Change) error {
	return s.do(WriteAdmission, func() error {
		var parts []part
		if o := c.Organization; o != nil {
			parts = append(parts, s.organizationParts(o.ID, policy.Change{Organization: o, History: &o.Policy})...)
		}
		if a := c.Application; a != nil {
			at := member{a.Organization, a.ID}
			parts = append(parts, revised(s.applications, at, settleApplication(*a), a.Rev, s.applications[at].Rev))
		}
		if a := c.Administrator; a != nil {
			at := member{a.Organization, a.ID}
			parts = append(parts, revised(s.administrators, at, settleAdministrator(*a), a.Rev, s.administrators[at].Rev))
		}
		for _, k := range c.Keys {
			parts = append(parts, s.keyPart(settleKey(k)))
		}
		for _, k := range c.Altered {
			parts = append(parts, s.altered(settleKey(k)))
		}
		return commit(append(parts, s.eventParts(c.Events)...))
	})
}

// Arriving implements mail.Store.
func (s *Store) Arriving(_ context.Context, reference string, now time.Time) (found *mail.Proposal, err error) {
	err = s.do(Arriving, func() error {
		id, code, _ := strings.Cut(reference, ".")
		a := settleArrival(s.arrivals[id])
		sent, live := a.Find(code, now)
		who, known := s.administrators[member{a.Organization, a.Administrator}]
		if !live || !known {
			return nil
		}
		found = &mail.Proposal{
			ID: sent.ID, Organization: a.Organization, Email: who.Address(now), Mailed: a.Mailed(sent), KeyID: sent.KeyID, Live: who.Active(), Seen: sent.Seen,
		}
		return nil
	})
	return found, err
}

func settleArrival(a admission.Arrival) admission.Arrival {
	a.Attempt, a.Sends, a.EndsAt = list(a.Attempt), each(a.Sends, micro), micro(a.EndsAt)
	a.Throttle.Failures, a.Throttle.LockedUntil = each(a.Throttle.Failures, micro), micro(a.Throttle.LockedUntil)
	a.Codes = each(a.Codes, func(c admission.Code) admission.Code {
		c.Address, c.ExpiresAt = list(c.Address), micro(c.ExpiresAt)
		return c
	})
	return a
}
