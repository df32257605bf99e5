package policy

import (
	"context"
	"slices"
	"time"

	"twofold/pkg/access"
	"twofold/pkg/audit"
	"twofold/pkg/fault"
	"twofold/pkg/org"
	"twofold/pkg/stepup"
	"twofold/pkg/user"
)

// Confirmation is the second word for a policy. Announce says whether the users are told; nil: where it begins to force.
type Confirmation struct {
	stepup.Word
	Announce *bool
}

// announces reports whether a confirmed policy is announced. Only what forces can be; and beyond the announcement that forcing brings
// with it, only by who may announce.
func (w Confirmation) announces(next, before org.Policy, k *access.Key) (bool, error) {
	begins := next.Status == org.Forced && before.Status != org.Forced
	switch {
	case w.Announce == nil:
		return begins, nil
	case *w.Announce && next.Status != org.Forced:
		return false, ErrNoAnnouncement
	case *w.Announce && !begins && !slices.Contains(k.Permissions, access.AnnouncementsWrite):
		return false, access.ErrPermission.At("announce")
	}
	return *w.Announce, nil
}

// ErrNoAnnouncement refuses to announce a policy that demands nothing of anybody.
var ErrNoAnnouncement = fault.New(fault.Unprocessable, "nothing_to_announce", "Only a policy that forces two-factor authentication is announced.").At("announce")

// Confirm applies a proposal, once, with the administrator's second word, if the policy that it was made from still
// stands; and makes its announcement in the same transaction. Confirming again with the same code gives the same result.
func (s *Service) Confirm(ctx context.Context, c access.Caller, organization, id string, typed Confirmation) (org.Policy, error) {
	word, err := typed.Read()
	if err != nil {
		return org.Policy{}, err
	}
	now := s.Now()
	return user.Race(func() (org.Policy, error) {
		snap, err := s.existing(ctx, c, ProposeRule, organization, now)
		if err != nil {
			return org.Policy{}, err
		}
		visit, err := s.gate().Enter(ctx, snap.Key)
		if err != nil {
			return org.Policy{}, err
		}
		change, err := visit.Proposed(organization, stepup.Policy, id)
		if err != nil {
			return org.Policy{}, err
		}
		if visit, err = visit.Confirm(ctx, c, change, word, now); err != nil {
			return org.Policy{}, err
		}
		return s.confirmed(ctx, c, snap, visit, change, typed, now)
	})
}

func (s *Service) confirmed(ctx context.Context, c access.Caller, snap Snapshot, visit stepup.Visit, change stepup.Change, word Confirmation, now time.Time) (org.Policy, error) {
	current := snap.Organization.Policy
	due, err := change.Due(current.Version, ErrMoved)
	switch {
	case err != nil:
		return org.Policy{}, err
	case !due:
		return current, nil
	}
	w, err := wanted(change)
	if err != nil {
		return org.Policy{}, err
	}
	if err := w.Check(snap.Organization.Entitlements, current, now); err != nil {
		return org.Policy{}, err
	}
	if err := w.led(ctx, visit, current); err != nil {
		return org.Policy{}, err
	}
	announce, err := word.announces(w.Policy, current, snap.Key)
	if err != nil {
		return org.Policy{}, err
	}
	return s.apply(ctx, c, snap, visit, change.ID, w.Policy.Begun(current, now), announce, now)
}

// apply makes the proposed policy the next version, in one transaction with its history, its audit event, its announcement and
// the end of the proposal. A weakening is told to all administrators.
func (s *Service) apply(ctx context.Context, c access.Caller, snap Snapshot, visit stepup.Visit, id string, next org.Policy, announce bool, now time.Time) (org.Policy, error) {
	before := snap.Organization.Policy
	next.Version, next.ChangedAt, next.ChangedBy = before.Version+1, now, snap.Key.Who()
	changed := *snap.Organization
	changed.Rev++
	changed.Memory = changed.Memory.Moved(before, next, now)
	changed.Kept = changed.Kept.Moved(before.Retention, now)
	changed.Policy = next
	docket := visit.Docket.Apply(id, next.Version, now)
	e := event(audit.PolicyChanged, changed.ID, snap.Key, c, now)
	e.Details = next.Differences(before)
	e.Details["change"], e.Details["confirmed_with"] = id, string(docket.ConfirmedWith())
	e.Notify = next.Weakens(before)
	change := Change{Organization: &changed, History: &next, Sheds: changed.Sheds(), Docket: &docket, Events: []audit.Event{e}}
	if announce {
		a, told := announced(next, changed.ID, snap.Key, c, now)
		changed.Announcement, change.Announcement = a.ID, &a
		change.Events = append(change.Events, told)
	}
	return next, s.write(ctx, changed.ID, change)
}
