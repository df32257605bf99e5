package policy

import (
	"context"
	"time"

	"twofold/pkg/access"
	"twofold/pkg/audit"
	"twofold/pkg/factor"
	"twofold/pkg/fault"
	"twofold/pkg/org"
	"twofold/pkg/user"
)

// Confirm applies a proposal, once, with the code mailed for it, if the policy that it was made from still
// stands. Confirming again with the same code gives the same result.
func (s *Service) Confirm(ctx context.Context, c access.Caller, organization, id, typed string) (org.Policy, error) {
	code, ok := factor.Digits(typed, factor.MailedDigits)
	if !ok {
		return org.Policy{}, ErrCode
	}
	now := s.Now()
	return user.Race(func() (org.Policy, error) {
		snap, err := s.existing(ctx, c, ProposeRule, organization, now)
		if err != nil {
			return org.Policy{}, err
		}
		slot, _, err := s.slot(ctx, organization, snap.Key.Holder)
		if err != nil {
			return org.Policy{}, err
		}
		if slot.ID == "" || slot.ID != id {
			return org.Policy{}, access.ErrNotFound
		}
		return s.confirm(ctx, c, snap, slot, code, now)
	})
}

func (s *Service) confirm(ctx context.Context, c access.Caller, snap Snapshot, slot Proposal, code string, now time.Time) (org.Policy, error) {
	current := snap.Organization.Policy
	applied := slot.AppliedVersion != 0
	if _, locked := slot.Throttle.Locked(now); locked {
		return org.Policy{}, ErrRefused
	}
	if !applied && !slot.Live(now) || applied && !now.Before(slot.ExpiresAt) {
		return org.Policy{}, ErrEnded
	}
	want, err := factor.MailedCode(s.Codes, slot.KeyID, slot.Mailed())
	if err != nil {
		return org.Policy{}, fault.Down(err)
	}
	if !factor.Equal(want, code) {
		return org.Policy{}, s.miss(ctx, slot, now)
	}
	switch {
	case applied && current.Version == slot.AppliedVersion:
		return current, nil
	case applied && current.Version < slot.AppliedVersion:
		// The organisation was read before, the proposal after another call applied it.
		return org.Policy{}, user.ErrConflict
	case applied:
		return org.Policy{}, ErrEnded
	case current.Version != slot.BaseVersion:
		return org.Policy{}, ErrMoved
	}
	if err := slot.Policy.Check(snap.Organization.Entitlements, current, now); err != nil {
		return org.Policy{}, err
	}
	return s.apply(ctx, c, snap, slot, now)
}

// miss counts a wrong code before anyone hears of it.
func (s *Service) miss(ctx context.Context, slot Proposal, now time.Time) error {
	slot = slot.next()
	slot.Tries++
	slot.Throttle = slot.Throttle.Fail(now)
	if err := s.write(ctx, slot.Organization, Change{Proposal: &slot}); err != nil {
		return err
	}
	return ErrRefused
}

// apply makes the proposed policy the next version, in one transaction with its history, its audit event and
// the end of the proposal. A weakening is told to all administrators.
func (s *Service) apply(ctx context.Context, c access.Caller, snap Snapshot, slot Proposal, now time.Time) (org.Policy, error) {
	before := snap.Organization.Policy
	next := slot.Policy
	next.Version, next.ChangedAt, next.ChangedBy = before.Version+1, now, slot.Administrator
	changed := *snap.Organization
	changed.Rev++
	changed.Policy = next
	slot = slot.next()
	slot.AppliedVersion = next.Version
	slot.Throttle = slot.Throttle.Succeed(now)
	e := event(audit.PolicyChanged, changed.ID, snap.Key, c, now)
	e.Details = next.Differences(before)
	e.Details["change"] = slot.ID
	e.Notify = next.Weakens(before)
	change := Change{Organization: &changed, History: &next, Proposal: &slot, Events: []audit.Event{e}}
	return next, s.write(ctx, changed.ID, change)
}

func (p Proposal) next() Proposal {
	p.Rev++
	p.Deliver = ""
	p.Attempt = user.NewAttempt()
	return p
}
