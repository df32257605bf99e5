package policy

import (
	"context"
	"time"

	"twofold/pkg/access"
	"twofold/pkg/audit"
	"twofold/pkg/factor"
	"twofold/pkg/fault"
	"twofold/pkg/org"
	"twofold/pkg/throttle"
	"twofold/pkg/user"
)

const (
	proposalLife = 10 * time.Minute
	stepUp       = "step-up" // the purpose of its mailed codes
)

// Proposal is the one live change of the policy that an administrator has proposed. The item is
// used again by the next one, so that failures and mails stay counted across proposals.
type Proposal struct {
	Organization   string
	Administrator  string
	Rev            int64
	ID             string
	Policy         org.Policy
	BaseVersion    int64
	KeyID          uint32
	Address        []byte // digest of the administrator's address
	ExpiresAt      time.Time
	Tries          int
	Throttle       throttle.State
	Sends          user.Sends
	AppliedVersion int64  // 0: not confirmed yet
	Deliver        string // the id, where the write orders the mail
	Attempt        []byte
	Seen           string // from where it was asked
}

// Mailed says what a proposal's code is for: this administrator, this payload, this base version.
func (p Proposal) Mailed() factor.Mailed {
	return factor.Mailed{
		Purpose: stepUp, Organization: p.Organization, User: p.Administrator,
		Challenge: p.ID + " " + p.Policy.Canonical(), Address: p.Address, Epoch: p.BaseVersion,
	}
}

// Live reports whether a proposal can still be confirmed.
func (p Proposal) Live(now time.Time) bool {
	return p.AppliedVersion == 0 && p.Tries < user.TriesPerCode && now.Before(p.ExpiresAt)
}

// Proposed is what the administrator sees before confirming.
type Proposed struct {
	Proposal Proposal
	DryRun   DryRun
	SentTo   string
}

// The refusals of proposals.
var (
	ErrMoved   = fault.New(fault.Conflict, "policy_moved", "The policy has changed since. Read it again and propose anew.")
	ErrEnded   = fault.New(fault.Conflict, "change_ended", "This proposal has ended. Propose anew.")
	ErrRefused = fault.New(fault.Unprocessable, "code_refused", "The code was not accepted.").At("code")
	ErrCode    = fault.New(fault.Unprocessable, "code_malformed", "A code has eight digits.").At("code")
)

// Propose stores a policy as pending and mails a code to the administrator's own address. base is the
// version that the proposal was made from. Repeating the same within a minute mails nothing again.
func (s *Service) Propose(ctx context.Context, c access.Caller, organization string, p org.Policy, base int64) (Proposed, error) {
	now := s.Now()
	return user.Race(func() (Proposed, error) {
		snap, err := s.existing(ctx, c, ProposeRule, organization, now)
		if err != nil {
			return Proposed{}, err
		}
		if snap.Organization.Policy.Version != base {
			return Proposed{}, ErrMoved.At("base_version")
		}
		if err := p.Check(snap.Organization.Entitlements, snap.Organization.Policy, now); err != nil {
			return Proposed{}, err
		}
		slot, address, err := s.slot(ctx, organization, snap.Key.Holder)
		if err != nil {
			return Proposed{}, err
		}
		counts, err := s.counts(ctx, organization) // before the write: a failure changes nothing
		if err != nil {
			return Proposed{}, err
		}
		if !slot.repeats(p, base, now) {
			if slot, err = s.propose(ctx, c, snap, slot, address, p, now); err != nil {
				return Proposed{}, err
			}
		}
		return shown(*snap.Organization, slot, address, counts, now), nil
	})
}

// slot reads the administrator and what was proposed before.
func (s *Service) slot(ctx context.Context, organization, holder string) (Proposal, string, error) {
	admin, err := s.Store.Administrator(ctx, organization, holder)
	if err != nil {
		return Proposal{}, "", fault.Down(err)
	}
	if admin == nil {
		return Proposal{}, "", access.ErrNotFound
	}
	stored, err := s.Store.Proposal(ctx, organization, holder)
	if err != nil {
		return Proposal{}, "", fault.Down(err)
	}
	if stored == nil {
		stored = &Proposal{Organization: organization, Administrator: holder}
	}
	return *stored, admin.Email, nil
}

func (p Proposal) repeats(wanted org.Policy, base int64, now time.Time) bool {
	asked := p.ExpiresAt.Add(-proposalLife)
	return p.Live(now) && p.BaseVersion == base && p.Policy.Same(wanted) && now.Sub(asked) < user.SendInterval
}

func (s *Service) propose(ctx context.Context, c access.Caller, snap Snapshot, slot Proposal, address string, wanted org.Policy, now time.Time) (Proposal, error) {
	if free := slot.Sends.FreeAt(now); now.Before(free) {
		return slot, user.ErrTooSoon.After(free.Sub(now))
	}
	keyID := s.Codes.PRFKeyID()
	digest, err := factor.AddressDigest(s.Codes, keyID, address)
	if err != nil {
		return slot, fault.Down(err)
	}
	base := snap.Organization.Policy.Version
	next := Proposal{
		Organization: slot.Organization, Administrator: slot.Administrator, Rev: slot.Rev + 1, ID: user.NewID(),
		Policy: wanted, BaseVersion: base, KeyID: keyID, Address: digest, ExpiresAt: now.Add(proposalLife),
		Throttle: slot.Throttle, Sends: append(slot.Sends.Recent(now), now), Attempt: user.NewAttempt(), Seen: c.Seen,
	}
	next.Deliver = next.ID
	e := event(audit.PolicyProposed, slot.Organization, snap.Key, c, now)
	e.Details = wanted.Differences(snap.Organization.Policy)
	e.Details["change"] = next.ID
	change := Change{Proposal: &next, Events: []audit.Event{e}}
	return next, s.write(ctx, slot.Organization, change)
}

// Proposed gives the caller's live proposal again.
func (s *Service) Proposed(ctx context.Context, c access.Caller, organization, id string) (Proposed, error) {
	now := s.Now()
	snap, err := s.existing(ctx, c, ProposeRule, organization, now)
	if err != nil {
		return Proposed{}, err
	}
	slot, address, err := s.slot(ctx, organization, snap.Key.Holder)
	if err != nil {
		return Proposed{}, err
	}
	if slot.ID == "" || slot.ID != id {
		return Proposed{}, access.ErrNotFound
	}
	counts, err := s.counts(ctx, organization)
	if err != nil {
		return Proposed{}, err
	}
	return shown(*snap.Organization, slot, address, counts, now), nil
}
