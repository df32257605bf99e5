package dynamo_test

import (
	"maps"
	"testing"
	"time"

	"twofold/pkg/enroll"
	"twofold/pkg/login"
	"twofold/pkg/org"
	"twofold/pkg/storetest"
	"twofold/pkg/user"
	"twofold/pkg/verify"
)

// TestRequestsOfADevice: a login from a device is one read, and one write at the first use of a day; only what makes or lists devices asks which
// there are.
func TestRequestsOfADevice(t *testing.T) {
	store, wire := wired(t)
	w := storetest.NewWorld(t, store)
	w.Remembering(t)
	old, secret := w.Trusted(t, "user")
	token := old
	on := func(shown *string) func() error {
		return func() error {
			a, err := w.On(t, "user", *shown)
			if a.Device.Text != "" && shown == &token {
				token = a.Device.Text
			}
			return err
		}
	}
	stranger := "00000000-0000-4000-8000-000000000000" + old[36:]
	malformed := "token"
	of := enroll.Subject{Organization: storetest.Organization, User: "user"}
	var device user.Device
	for _, c := range []struct {
		name string
		wait time.Duration
		act  func() error
		want map[string]int
	}{
		{"a login from a device", 0, on(&token), readOnce},
		{"a token that is none", 0, on(&malformed), readOnce},
		{"a device that there is not", 0, on(&stranger), readOnce},
		{"the first of a day", 24 * time.Hour, on(&token), readAndUpdate},
		{"the second of that day", 0, on(&token), readOnce},
		{"the token before, within its minute", 0, on(&old), readOnce},
		{"all devices", 0, func() error {
			all, err := w.Enroll.Devices(t.Context(), w.Application, of)
			device = all[0].Device
			return err
		}, map[string]int{"BatchGetItem": 1, "Query": 1}},
		{"another name", 0, func() error {
			_, err := w.Enroll.RenameDevice(t.Context(), w.Application, of, device.ID, "Office")
			return err
		}, readAndCommit},
		{"a theft", user.DeviceOverlap, on(&old), readAndCommit},
		{"the stolen one again", 0, on(&old), readOnce},
		{"a code on a device to be trusted", 0, func() error {
			_, err := w.Verify.Answer(t.Context(), w.Application, verify.Answer{
				Login: w.Login(t, "user"), Way: string(org.TOTP), Code: w.Code(t, secret), Remember: &login.Remember{},
			})
			return err
		}, map[string]int{"BatchGetItem": 2, "Query": 1, "TransactWriteItems": 1}}, // one read is the login's
		{"all devices revoked", 0, func() error { return w.Enroll.RevokeDevices(t.Context(), w.Application, of) },
			map[string]int{"BatchGetItem": 1, "Query": 1, "TransactWriteItems": 1}},
		{"a changed password", 0, func() error { return w.Enroll.PasswordChanged(t.Context(), w.Application, of) }, readAndCommit},
	} {
		w.Clock.Advance(c.wait)
		var err error
		if got := wire.requests(func() { err = c.act() }); !maps.Equal(got, c.want) || err != nil {
			t.Errorf("%s: sent %v, want %v; %v", c.name, got, c.want, err)
		}
	}
}
