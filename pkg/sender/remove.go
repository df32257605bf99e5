package sender

import (
	"context"

	"twofold/pkg/access"
	"twofold/pkg/audit"
	"twofold/pkg/fault"
	"twofold/pkg/org"
	"twofold/pkg/user"
)

// Remove gives the domain up: from then on mail comes from the system's sender. Repeating it changes nothing, but for an
// identity that could not be deleted before.
func (s *Service) Remove(ctx context.Context, c access.Caller, organization string) error {
	now := s.Now()
	_, err := user.Race(func() (struct{}, error) {
		t, err := s.begin(ctx, c, RemoveRule, organization, now)
		if err != nil {
			return struct{}{}, err
		}
		if t.sender.Domain != "" {
			err = s.remove(ctx, t)
		}
		if err != nil {
			return struct{}{}, err
		}
		return struct{}{}, s.discard(ctx, t)
	})
	return err
}

func (s *Service) remove(ctx context.Context, t *task) error {
	if err := s.discard(ctx, t); err != nil { // or it would be forgotten over this one
		return err
	}
	released, err := s.release(ctx, t)
	if err != nil {
		return err
	}
	e := t.event(audit.SenderRemoved, map[string]string{"domain": t.sender.Domain})
	e.Notify = t.sender.State == org.SenderVerified
	next := org.Sender{Organization: t.sender.Organization, Rev: t.sender.Rev + 1, Discarded: t.sender.Domain}
	return s.write(ctx, t, next, e, released...)
}

// release gives the end of the claim that the sender has; none where it has none.
func (s *Service) release(ctx context.Context, t *task) ([]org.DomainClaim, error) {
	if t.sender.Domain == "" {
		return nil, nil
	}
	claim, err := s.Store.DomainClaim(ctx, t.sender.Domain)
	if err != nil {
		return nil, fault.Down(err)
	}
	if claim == nil || claim.Organization != t.organization.ID || !claim.ReleasedAt.IsZero() {
		return nil, user.ErrConflict // it stands as long as the sender does: somebody has changed both since that was read
	}
	return []org.DomainClaim{claim.Release(!t.sender.VerifiedAt.IsZero(), t.now)}, nil
}

// discard deletes the identity of the domain before, if it is this organisation's still.
func (s *Service) discard(ctx context.Context, t *task) error {
	domain := t.sender.Discarded
	if domain == "" || domain == t.sender.Domain {
		return nil
	}
	known, err := s.Identities.Identity(ctx, domain)
	if err != nil {
		return fault.Down(err)
	}
	if known == nil || known.Organization != t.organization.ID {
		return nil
	}
	if err := s.Identities.Delete(ctx, domain); err != nil {
		return fault.Down(err)
	}
	return nil
}
