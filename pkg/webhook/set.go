package webhook

import (
	"context"
	"net/url"
	"strings"
	"time"

	"twofold/pkg/access"
	"twofold/pkg/audit"
	"twofold/pkg/fault"
	"twofold/pkg/user"
)

// Set has events go out to a URL: from now on, where there was no webhook, and otherwise from where it has got to. One that was disabled
// goes on. Setting what stands changes nothing. The first time it makes a secret and shows it.
func (s *Service) Set(ctx context.Context, c access.Caller, organization, address string) (View, bool, error) {
	created := false
	v, err := user.Race(func() (v View, err error) {
		v, created, err = s.set(ctx, c, organization, address)
		return v, err
	})
	return v, created, err
}

func (s *Service) set(ctx context.Context, c access.Caller, organization, address string) (View, bool, error) {
	t, err := s.setting(ctx, c, organization)
	if err != nil {
		return View{}, false, err
	}
	host, err := hostOf(address)
	if err != nil {
		return View{}, false, err
	}
	before, err := t.url()
	if err != nil {
		return View{}, false, err
	}
	if before == address && t.s.Open() {
		v, err := t.view("")
		return v, false, err
	}
	next := t.s.free().calm()
	next.Host, next.SetAt, next.DisabledAt = host, t.now, time.Time{}
	if next.URL, err = s.Keys.Seal([]byte(address), next.use("url")); err != nil {
		return View{}, false, fault.Down(err)
	}
	secret := ""
	if before == "" {
		next.Position, next.Ahead, next.Secrets, next.DeliveredAt = t.size, nil, nil, time.Time{}
		if next, secret, err = t.secret(next); err != nil {
			return View{}, false, err
		}
	}
	if err := t.write(ctx, next, audit.WebhookSet, moved(t.s.Host, host)); err != nil {
		return View{}, false, err
	}
	v, err := t.view(secret)
	return v, before == "", err
}

// moved says what a change of a URL was, of which the host alone is told.
func moved(before, after string) map[string]string {
	switch before {
	case "":
		return map[string]string{"host": after}
	case after:
		return map[string]string{"host": after, "address": "changed"}
	}
	return map[string]string{"host": before + " → " + after}
}

// hostOf is the host that an acceptable URL names, with its port where it has one.
func hostOf(address string) (string, error) {
	if err := Allowed(address); err != nil {
		return "", err
	}
	u, err := url.Parse(address)
	if err != nil {
		return "", ErrURL
	}
	return strings.ToLower(u.Host), nil
}

// secret is the webhook with a fresh one, which is shown.
func (t *task) secret(next Subscription) (Subscription, string, error) {
	raw, shown := newSecret()
	sealed, err := t.service.Keys.Seal(raw, next.use("secret"))
	if err != nil {
		return next, "", fault.Down(err)
	}
	return next.renewed(sealed, t.now), shown, nil
}
