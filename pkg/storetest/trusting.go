package storetest

import (
	"errors"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"twofold/pkg/audit"
	"twofold/pkg/factor"
	"twofold/pkg/login"
	"twofold/pkg/org"
	"twofold/pkg/policy"
	"twofold/pkg/stepup"
	"twofold/pkg/user"
	"twofold/pkg/verify"
)

// Remembering lets the World's policy remember devices for 30 days.
func (w *World) Remembering(t testing.TB) {
	t.Helper()
	w.Decree(t, func(p *org.Policy) { p.RememberDevice, p.RememberDays = true, 30 })
}

// Decree makes the next version of the policy without the ceremony.
func (w *World) Decree(t testing.TB, change func(*org.Policy)) {
	t.Helper()
	snap, err := w.Store.Read(t.Context(), w.Application.Credential, Organization, somebody)
	must(t, err)
	o := *snap.Organization
	o.Rev++
	o.Policy.Version++
	change(&o.Policy)
	must(t, w.Store.WriteOrganization(t.Context(), Organization, policy.Change{Organization: &o}))
}

// Offering lets the World's policy have app passwords for services.
func (w *World) Offering(t testing.TB, services ...string) {
	t.Helper()
	snap, err := w.Store.Read(t.Context(), w.Application.Credential, Organization, somebody)
	must(t, err)
	o := *snap.Organization
	o.Rev++
	o.Policy.Version++
	o.Entitlements.AppPasswords, o.Policy.AppPasswordServices = true, services
	must(t, w.Store.WriteOrganization(t.Context(), Organization, policy.Change{Organization: &o}))
}

// AppPassword gives an enrolled user one more, and its text.
func (w *World) AppPassword(t testing.TB, id, service string) string {
	t.Helper()
	snap, err := w.Store.ReadWithAppPasswords(t.Context(), w.Application.Credential, Organization, id, "")
	must(t, err)
	password := factor.NewAppPassword()
	a := user.AppPassword{
		ID: user.NewID(), Service: service, Way: org.TOTP, Epoch: snap.Factors.Epoch, CreatedAt: w.Clock.Now().Truncate(time.Second),
		Digest: factor.AppPasswordDigest(factor.AppPlace{Organization: Organization, User: id, Service: service}, password),
	}
	a.Sealed, err = w.Keys.Seal([]byte(password), snap.AppPasswords.SealedUse(a.ID))
	must(t, err)
	next := snap.AppPasswords.Add(a)
	must(t, w.Store.Write(t.Context(), user.Change{AppPasswords: &next}))
	return factor.ShowAppPassword(password)
}

// Trusted is an enrolled user's device: it gives its token and the secret of the authenticator.
func (w *World) Trusted(t testing.TB, id string) (token string, secret []byte) {
	t.Helper()
	secret = w.Enrolled(t, id)
	a, err := w.Verify.Answer(t.Context(), w.Application, verify.Answer{
		Login: w.Login(t, id), Way: string(org.TOTP), Code: w.Code(t, secret), Remember: &login.Remember{Name: "Kitchen"},
	})
	must(t, err)
	return a.Device.Text, secret
}

// On begins a login on what has a device token.
func (w *World) On(t testing.TB, id, token string) (login.Answer, error) {
	return w.Verify.Begin(t.Context(), w.Application, verify.Begin{
		Organization: Organization, User: id, Email: "user@acme.example", Nonce: "nonce", DeviceToken: token,
	})
}

func (w *World) devices(t testing.TB, id string) []user.Device {
	t.Helper()
	all, err := w.Store.Devices(t.Context(), Organization, id)
	must(t, err)
	return all
}

// rotatedOnce: one token, twenty logins at the first moment of a day: all are let in, with one new token, which is written once.
func rotatedOnce(t *testing.T, s Contract) {
	w := NewWorld(t, s)
	w.Remembering(t)
	token, _ := w.Trusted(t, somebody)
	w.Clock.Advance(24 * time.Hour)
	answers := collect(20, func(int) login.Answer {
		for {
			a, err := w.On(t, somebody, token)
			if !errors.Is(err, user.ErrConflict) {
				if err != nil || a.Assertion == "" {
					t.Errorf("not let in: %v", err)
				}
				return a
			}
		}
	})
	for _, a := range answers {
		if a.Device.Text == "" || a.Device.Text == token || a.Device.Text != answers[0].Device.Text {
			t.Errorf("got the token %q, another got %q", a.Device.Text, answers[0].Device.Text)
		}
	}
	if all := w.devices(t, somebody); len(all) != 1 || all[0].Rev != 2 {
		t.Errorf("after one rotation: %+v", all)
	}
}

// theftRace: the old token shown by many, and the present one used, at the same moment: the series ends, once, and afterwards nobody is
// let in with either.
func theftRace(t *testing.T, s Contract) {
	w := NewWorld(t, s)
	w.Remembering(t)
	old, _ := w.Trusted(t, somebody)
	w.Clock.Advance(24 * time.Hour)
	a, err := w.On(t, somebody, old)
	must(t, err)
	w.Clock.Advance(24 * time.Hour) // so that the use rotates
	together(12, func(i int) {
		token := old
		if i%2 == 0 {
			token = a.Device.Text
		}
		if got, err := w.On(t, somebody, token); err != nil && !errors.Is(err, user.ErrConflict) || token == old && got.Assertion != "" {
			t.Errorf("with the old one %t: %v", token == old, err)
		}
	})
	for _, token := range []string{old, a.Device.Text} {
		if got, err := w.On(t, somebody, token); err != nil || got.Assertion != "" {
			t.Errorf("let in after the theft: %v", err)
		}
	}
	if n := w.events(t, audit.DeviceTheft); n != 1 || len(w.devices(t, somebody)) != 0 {
		t.Errorf("%d thefts are recorded, want 1; %d devices are left", n, len(w.devices(t, somebody)))
	}
}

// resetOrDevice: whoever comes on a device after a reset has returned is not let in.
func resetOrDevice(t *testing.T, s Contract) {
	w := NewWorld(t, s)
	w.Remembering(t)
	for round := range 10 {
		w.Clock.Advance(stepup.FreeWindow / stepup.FreeUsers)
		id := fmt.Sprintf("user-%d", round)
		token, _ := w.Trusted(t, id)
		var reset atomic.Bool
		together(4, func(i int) {
			if i == 0 {
				w.reset(t, id)
				reset.Store(true)
				return
			}
			for range 3 {
				after := reset.Load()
				if a, err := w.On(t, id, token); err != nil || after && a.Assertion != "" {
					t.Errorf("round %d: let in after the reset, or %v", round, err)
				}
			}
		})
	}
}

// devicesBounded: devices made at once, of a user who has as many as there may be: there are never more.
func devicesBounded(t *testing.T, s Contract) {
	w := NewWorld(t, s)
	w.Remembering(t)
	_, secret := w.Trusted(t, somebody)
	for i := range user.MaxDevices - 1 {
		d := w.devices(t, somebody)[0]
		d.ID, d.CreatedAt = fmt.Sprintf("x%d", i), d.CreatedAt.Add(time.Duration(i+1)*time.Minute)
		must(t, s.Write(t.Context(), user.Change{Device: &d}))
	}
	w.Clock.Advance(time.Hour)
	var codes []string
	for range 3 {
		codes = append(codes, w.Code(t, secret))
		w.Clock.Advance(30 * time.Second)
	}
	w.Clock.Advance(-time.Minute)
	token := w.Login(t, somebody)
	errs := collect(3, func(i int) error {
		_, err := w.Verify.Answer(t.Context(), w.Application, verify.Answer{
			Login: token, Way: string(org.TOTP), Code: codes[i], Remember: &login.Remember{},
		})
		return err
	})
	n := wins(t, errs, verify.ErrRefused, user.ErrConflict)
	if made := w.events(t, audit.DeviceTrusted) - 1; made != n || n == 0 {
		t.Errorf("%d were let in, and %d devices made", n, made)
	}
	if all := w.devices(t, somebody); len(all) != user.MaxDevices {
		t.Errorf("%d devices, want %d", len(all), user.MaxDevices)
	}
}
