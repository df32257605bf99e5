// Package retention is the workflow that removes what organisations keep no longer: audit events and rows of the sign-in log that are older than
// their policy says. They are as gone for everybody before it comes to them, so it decides nothing and is in no hurry. It may not import AWS,
// HTTP or another workflow.
package retention

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"time"

	"twofold/pkg/fault"
	"twofold/pkg/org"
)

// Log is what is removed from.
type Log int

// The logs.
const (
	Audit Log = iota // without an event that is not in the Merkle log yet: it is kept until it is
	SignIns
)

// Store is what the workflow needs of a store.
type Store interface {
	// Shedding are up to limit organisations that have, or once had, a retention shorter than all, strongly consistent, in a fixed order behind one that it
	// gave as next; next is empty after the last.
	Shedding(ctx context.Context, after string, limit int) (organizations []string, next string, err error)
	// Organizations gives those of the ids that there are, strongly consistent, by their ids.
	Organizations(ctx context.Context, ids ...string) (map[string]org.Organization, error)
	// Outdated gives the places of what may be removed among up to limit rows of a log from before a time, strongly consistent, the oldest
	// first, behind a place that it gave as next; next is empty after the last.
	Outdated(ctx context.Context, l Log, organization string, before time.Time, after string, limit int) (places []string, next string, err error)
	// Remove removes up to MaxRemoved rows. What is gone already stays gone, and what an error leaves of them may be asked for again.
	Remove(ctx context.Context, l Log, organization string, places []string) error
}

const (
	// MaxRemoved is how many rows are removed at a time: what one BatchWriteItem takes.
	MaxRemoved = 25
	// MaxLooked is how many rows of one log of an organisation a tick looks at, so that one with many years to remove holds no other up for long.
	MaxLooked = 10_000
	// page is how many organisations are looked for at once.
	page = 100
)

// Slots are the parts of an hour that organisations are spread over: one is looked after in one tick of five minutes in an hour, by the clock.
const Slots = 12

// Slot is the one of an organisation.
func Slot(organization string) int {
	h := fnv.New32a()
	h.Write([]byte(organization))
	return int(h.Sum32() % Slots)
}

// margin is how much longer rows stay than they are shown, because clocks differ: what one function still shows, no other has removed.
const margin = time.Hour

// Sweeper removes. All fields are needed.
type Sweeper struct {
	Store Store
	Now   func() time.Time
}

// Tick removes what is outdated of the organisations whose slot it is. It begins with nothing after a time: what is left waits for the next hour. Any number of
// ticks may run at once. One organisation that fails holds no other up.
func (s *Sweeper) Tick(ctx context.Context, until time.Time) error {
	var failed []error
	slot := s.Now().UTC().Minute() * Slots / 60
	for after := ""; ; {
		organizations, next, err := s.Store.Shedding(ctx, after, page)
		if err != nil {
			return errors.Join(append(failed, fault.Down(err))...)
		}
		for _, organization := range organizations {
			if Slot(organization) != slot {
				continue
			}
			if err := s.sweep(ctx, organization, until); err != nil {
				failed = append(failed, fmt.Errorf("retention: organisation %q: %w", organization, err))
			}
		}
		if after = next; after == "" || !s.Now().Before(until) {
			return errors.Join(failed...)
		}
	}
}

// sweep removes by the policy as it stands. Whatever follows it, org.Kept has it that what is outdated now stays so: a policy that keeps more
// in the next moment brings none of it back, and so what is removed after that moment is still what nobody is shown any more.
func (s *Sweeper) sweep(ctx context.Context, organization string, until time.Time) error {
	if !s.Now().Before(until) {
		return nil
	}
	found, err := s.Store.Organizations(ctx, organization)
	if err != nil {
		return fault.Down(err)
	}
	o, there := found[organization]
	if !there {
		return nil
	}
	now := s.Now().Add(-margin)
	var failed []error
	if since := o.AuditSince(now); !since.IsZero() {
		failed = append(failed, s.remove(ctx, Audit, organization, since, until))
	}
	return errors.Join(append(failed, s.remove(ctx, SignIns, organization, o.SignInsSince(now), until))...)
}

func (s *Sweeper) remove(ctx context.Context, l Log, organization string, before, until time.Time) error {
	after := ""
	for looked := 0; looked < MaxLooked && s.Now().Before(until); looked += MaxRemoved {
		places, next, err := s.Store.Outdated(ctx, l, organization, before, after, MaxRemoved)
		if err != nil {
			return fault.Down(err)
		}
		if len(places) > 0 {
			if err := s.Store.Remove(ctx, l, organization, places); err != nil {
				return fault.Down(err)
			}
		}
		if after = next; after == "" {
			return nil
		}
	}
	return nil
}
