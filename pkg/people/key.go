package people

import (
	"context"
	"time"

	"twofold/pkg/access"
	"twofold/pkg/audit"
	"twofold/pkg/fault"
	"twofold/pkg/stepup"
	"twofold/pkg/user"
)

// NewKey is a key that somebody wants.
type NewKey struct {
	Holder    Holder              `json:"holder"`
	Name      string              `json:"name,omitempty"`
	Scope     []access.Permission `json:"scope,omitempty"` // an administrator's key only; nil: all that the holder has, now and later
	ExpiresAt time.Time           `json:"expires_at,omitzero"`
	// Rotates is the key that the new one replaces: holder and scope are that key's, and it ends after Overlap.
	Rotates string        `json:"rotates,omitempty"`
	Overlap time.Duration `json:"overlap,omitempty"`
}

// How long a key lives on beside the one that replaces it.
const (
	UsualOverlap = 24 * time.Hour
	MaxOverlap   = 7 * 24 * time.Hour
)

// Issued is a key as it is shown, once.
type Issued struct {
	ID     string
	Role   access.Role
	Holder string
	Text   string
}

// The refusals of a key.
var (
	ErrExpiry  = fault.New(fault.Unprocessable, "invalid_expiry", "A key's end lies ahead.").At("expires_at")
	ErrOverlap = fault.New(fault.Unprocessable, "invalid_field", "A rotated key lives on for seven days at most.").At("overlap_hours")
	ErrScope   = fault.New(fault.Unprocessable, "invalid_scope", "A scope is a part of what the administrator may do; other holders have none.").At("permissions")
	ErrTooMany = fault.New(fault.Conflict, "too_many_keys", "This holder has as many keys as one may have. Revoke one.")
)

// ProposeKey stores a new key as wanted, and mails a code to the caller's own address. Repeating the same within a
// minute mails nothing again.
func (s *Service) ProposeKey(ctx context.Context, c access.Caller, organization string, wanted NewKey) (Proposed, error) {
	now := s.Now()
	return user.Race(func() (Proposed, error) {
		v, err := s.read(ctx, c, KeysRule, organization, now)
		if err != nil {
			return Proposed{}, err
		}
		p, err := s.making(ctx, v, wanted)
		if err != nil {
			return Proposed{}, err
		}
		return s.propose(ctx, v, intent{stepup.Key, audit.KeyProposed, wanted, p.holder.rev, p.told()})
	})
}

// KeyProposal gives the caller's own proposal again.
func (s *Service) KeyProposal(ctx context.Context, c access.Caller, organization, id string) (Proposed, error) {
	return s.proposed(ctx, c, KeysRule, organization, stepup.Key, id)
}

// ConfirmKey makes the key, once, with the caller's second word, if its holder is as it was. Confirming again is ErrShown.
func (s *Service) ConfirmKey(ctx context.Context, c access.Caller, organization, id string, typed stepup.Word) (Issued, error) {
	return confirm(ctx, s, c, KeysRule, organization, stepup.Key, id, typed, s.issue)
}

func (s *Service) issue(ctx context.Context, c confirmation, wanted NewKey) (Issued, error) {
	if c.change.Applied != 0 {
		return Issued{}, ErrShown
	}
	p, err := s.making(ctx, c.visit, wanted)
	if err != nil {
		return Issued{}, err
	}
	if p.holder.rev != c.change.Base || !p.as(c.change.Told) {
		return Issued{}, s.moved(ctx, c)
	}
	key, issued := p.key(c.now)
	change := Change{Keys: []access.Key{key}, Docket: c.applied(p.holder.rev + 1)}
	if p.rotated != nil {
		change.Altered = []access.Key{*p.rotated}
	}
	p.holder.with(append(idsOf(p.live), key.ID), c.visit, &change)
	details := p.told()
	details["key"] = key.ID
	c.note(details)
	e := c.event(audit.KeyIssued, details)
	e.Notify = true
	change.Events = []audit.Event{e}
	return issued, s.write(ctx, change)
}
