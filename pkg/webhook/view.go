package webhook

import (
	"context"

	"twofold/pkg/access"
)

// View is a webhook as its administrators see it.
type View struct {
	Subscription
	URL     string // empty for whoever may not set it
	Size    uint64 // of the organisation's log
	Signing []Secret
	// Secret is what is shown once; empty otherwise.
	Secret string
}

// The statuses of a webhook.
const (
	Active   = "active"
	Failing  = "failing"
	Disabled = "disabled"
)

// Status is a word for how it goes.
func (v View) Status() string {
	switch {
	case !v.DisabledAt.IsZero():
		return Disabled
	case v.Tries > 0:
		return Failing
	}
	return Active
}

// Behind is how many leaves have not gone out.
func (v View) Behind() uint64 { return v.Size - min(v.Size, v.Position+uint64(len(v.Ahead))) }

// Look gets a webhook with how far it has got.
func (s *Service) Look(ctx context.Context, c access.Caller, organization string) (View, error) {
	t, err := existing(s.begin(ctx, c, ReadRule, organization))
	if err != nil {
		return View{}, err
	}
	return t.view("")
}

// view is the webhook with a secret that is shown. Nothing is read for it: what was done must not fail after it was.
func (t *task) view(secret string) (View, error) {
	url, err := t.url()
	if !t.sets() {
		url = ""
	}
	return View{Subscription: t.s, URL: url, Size: t.size, Signing: t.s.signing(t.now), Secret: secret}, err
}
