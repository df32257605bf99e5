package webhook

import (
	"context"
	"strconv"

	"twofold/pkg/access"
	"twofold/pkg/audit"
	"twofold/pkg/fault"
	"twofold/pkg/user"
)

// Remove has no more events go out. There may be no webhook.
func (s *Service) Remove(ctx context.Context, c access.Caller, organization string) error {
	_, err := user.Race(func() (struct{}, error) {
		t, err := s.begin(ctx, c, RemoveRule, organization)
		if err != nil || len(t.s.URL) == 0 {
			return struct{}{}, err
		}
		none := Subscription{Organization: organization, To: ToWebhook, Rev: t.s.Rev}
		return struct{}{}, t.write(ctx, none, audit.WebhookRemoved, map[string]string{"host": t.s.Host})
	})
	return err
}

// Renew makes another secret, and shows it. Those before it sign beside it for Overlap, as was said of them: one that would end another's time
// is refused.
func (s *Service) Renew(ctx context.Context, c access.Caller, organization string) (View, error) {
	return user.Race(func() (View, error) {
		t, err := existing(s.setting(ctx, c, organization))
		if err != nil {
			return View{}, err
		}
		if len(t.s.signing(t.now)) == MaxSecrets {
			return View{}, ErrSecrets
		}
		next, secret, err := t.secret(t.s)
		if err != nil {
			return View{}, err
		}
		if err := t.write(ctx, next, audit.WebhookRenewed, map[string]string{"host": t.s.Host}); err != nil {
			return View{}, err
		}
		return t.view(secret)
	})
}

// Replay has events go out again from an event or a leaf on, or, ahead of what has gone out, leaves out what comes before it. One that waits
// for its next try tries at once.
func (s *Service) Replay(ctx context.Context, c access.Caller, organization, event string, leaf *uint64) (View, error) {
	return user.Race(func() (View, error) {
		t, err := existing(s.setting(ctx, c, organization))
		if err != nil {
			return View{}, err
		}
		if !t.s.Open() {
			return View{}, ErrDisabled
		}
		position, err := t.place(ctx, event, leaf)
		if err != nil {
			return View{}, err
		}
		next := t.s.free().calm()
		next.Position, next.Ahead = position, nil
		details := map[string]string{"host": t.s.Host, "leaf": decimal(t.s.Position) + " → " + decimal(position)}
		if err := t.write(ctx, next, audit.WebhookReplayed, details); err != nil {
			return View{}, err
		}
		return t.view("")
	})
}

// place is the leaf that is asked for.
func (t *task) place(ctx context.Context, event string, leaf *uint64) (uint64, error) {
	switch {
	case (event == "") == (leaf == nil):
		return 0, ErrOneOf
	case leaf != nil && *leaf > t.size:
		return 0, ErrBeyond
	case leaf != nil:
		return *leaf, nil
	}
	at, there, err := t.service.Store.Entry(ctx, t.s.Organization, event)
	switch {
	case err != nil:
		return 0, fault.Down(err)
	case !there:
		return 0, ErrNotInLog
	}
	return at, nil
}

func decimal(n uint64) string { return strconv.FormatUint(n, 10) }
