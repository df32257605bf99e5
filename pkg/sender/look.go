package sender

import (
	"context"
	"fmt"

	"twofold/pkg/access"
	"twofold/pkg/audit"
	"twofold/pkg/fault"
	"twofold/pkg/org"
	"twofold/pkg/user"
)

// Look gives the organisation's sender with its DNS records, after asking the provider how it stands. What has changed
// since is remembered, because the mailer does not ask.
func (s *Service) Look(ctx context.Context, c access.Caller, organization string) (View, error) {
	now := s.Now()
	return user.Race(func() (View, error) {
		t, err := s.begin(ctx, c, ReadRule, organization, now)
		if err != nil {
			return View{}, err
		}
		if t.sender.Domain == "" {
			return View{}, access.ErrNotFound
		}
		known, err := s.Identities.Identity(ctx, t.sender.Domain)
		if err != nil {
			return View{}, fault.Down(err)
		}
		identity := Identity{Failed: true} // one that is gone, or somebody else's, is none: putting the domain again makes it
		if known != nil && known.Organization == organization {
			identity = *known
		}
		if err := s.note(ctx, t, identity); err != nil {
			return View{}, err
		}
		return t.view(identity), nil
	})
}

// note remembers what the provider says, if it is news. All administrators hear of a loss.
func (s *Service) note(ctx context.Context, t *task, i Identity) error {
	state, kind := judge(t.sender.State, i)
	if state == t.sender.State {
		return nil
	}
	e := t.finding(kind, map[string]string{"domain": t.sender.Domain, "status": fmt.Sprintf("%s → %s", t.sender.State, state)})
	next := t.sender
	switch state {
	case org.SenderLost:
		next = next.Lose(t.now)
		e.Notify = true
	case org.SenderVerified:
		next = next.Verify(t.now, t.organization.Entitlements.Sender)
	default:
		next = next.Next()
		next.State = state
	}
	return s.write(ctx, t, next, e)
}

// judge is the state after the provider has said how an identity stands, and what has happened if that is news. What was
// lost stays lost, and is not pending again, until it is verified: its mail falls back.
func judge(before org.SenderState, i Identity) (org.SenderState, audit.Kind) {
	switch {
	case i.Verified:
		return org.SenderVerified, audit.SenderVerified
	case before == org.SenderVerified || before == org.SenderLost:
		return org.SenderLost, audit.SenderLost
	case i.Failed:
		return org.SenderFailed, audit.SenderFailed
	}
	return org.SenderPending, audit.SenderChanged
}
