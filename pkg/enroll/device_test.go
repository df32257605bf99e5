package enroll_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"twofold/pkg/access"
	"twofold/pkg/audit"
	"twofold/pkg/enroll"
	"twofold/pkg/login"
	"twofold/pkg/memstore"
	"twofold/pkg/org"
	"twofold/pkg/storetest"
	"twofold/pkg/user"
	"twofold/pkg/verify"
)

// trusting is a fixture whose eve has a device.
func trusting(t *testing.T) (f *fixture, token string) {
	t.Helper()
	f = newFixture(t)
	f.Remembering(t)
	token, _ = f.Trusted(t, eve)
	return f, token
}

func (f *fixture) devices() []enroll.Device {
	f.t.Helper()
	all, err := f.Enroll.Devices(f.t.Context(), f.Administrator, subject(eve))
	f.must(err)
	return all
}

// let demands whether a device lets in.
func (f *fixture) let(what, token string, in bool) {
	f.t.Helper()
	a, err := f.On(f.t, eve, token)
	f.must(err)
	if (a.Assertion != "") != in {
		f.t.Errorf("%s: let in %t, want %t", what, !in, in)
	}
}

func TestDevicesAreListedNamedAndRevoked(t *testing.T) {
	f, token := trusting(t)
	all := f.devices()
	if len(all) != 1 || all[0].Name != "Kitchen" || all[0].Application != storetest.Organization+"/crm" || all[0].Address != "198.51.100.7" {
		t.Fatalf("listed %+v", all)
	}
	if want := all[0].CreatedAt.AddDate(0, 0, 30); !all[0].Until.Equal(want) {
		t.Errorf("until %v, want %v", all[0].Until, want)
	}
	for range 2 { // the second changes nothing
		d, err := f.Enroll.RenameDevice(t.Context(), f.Application, subject(eve), all[0].ID, "Office")
		f.must(err)
		if d.Name != "Office" {
			t.Errorf("named %q", d.Name)
		}
	}
	if events := f.events(audit.DeviceRenamed); len(events) != 1 || events[0].Details["name"] != "Kitchen" || events[0].Details["new_name"] != "Office" {
		t.Errorf("recorded as %+v", events)
	}
	f.let("under another name", token, true)
	f.must(f.Enroll.RevokeDevice(t.Context(), f.Administrator, subject(eve), all[0].ID))
	f.let("revoked", token, false)
	refused(t, "again", f.Enroll.RevokeDevice(t.Context(), f.Administrator, subject(eve), all[0].ID), access.ErrNotFound)
	if events := f.events(audit.DeviceRevoked); len(events) != 1 || events[0].Role != "org_admin" || events[0].Details["name"] != "Office" {
		t.Errorf("recorded as %+v", events)
	}
	if len(f.devices()) != 0 {
		t.Error("it is listed all the same")
	}
}

func TestAllDevicesAreRevoked(t *testing.T) {
	f, token := trusting(t)
	for range 2 { // the second finds none
		f.must(f.Enroll.RevokeDevices(t.Context(), f.Application, subject(eve)))
	}
	f.let("revoked", token, false)
	if events := f.events(audit.DevicesRevoked); len(events) != 1 || events[0].Details["devices"] != "1" {
		t.Errorf("recorded as %+v", events)
	}
}

// meddling lets somebody else come in between, once, after the devices were read.
type meddling struct {
	*memstore.Store
	meddle func()
}

// Devices implements login.DeviceStore.
func (m *meddling) Devices(ctx context.Context, organization, id string) ([]user.Device, error) {
	all, err := m.Store.Devices(ctx, organization, id)
	if meddle := m.meddle; meddle != nil {
		m.meddle = nil
		meddle()
	}
	return all, err
}

// A device that is made while all are being revoked is among them: whoever revokes after a theft leaves the thief none.
func TestADeviceMadeMeanwhileIsRevokedToo(t *testing.T) {
	f := newFixture(t)
	f.Remembering(t)
	_, secret := f.Trusted(t, eve)
	f.Clock.Advance(time.Minute)
	var made login.Answer
	f.Enroll.Store = &meddling{f.store, func() {
		var err error
		made, err = f.Verify.Answer(t.Context(), f.Application, verify.Answer{
			Login: f.Login(t, eve), Way: string(org.TOTP), Code: f.Code(t, secret), Remember: &login.Remember{},
		})
		f.must(err)
	}}
	f.must(f.Enroll.RevokeDevices(t.Context(), f.Application, subject(eve)))
	f.let("made meanwhile", made.Device.Text, false)
	if events := f.events(audit.DevicesRevoked); made.Device.Text == "" || len(events) != 1 || events[0].Details["devices"] != "2" {
		t.Errorf("recorded as %+v", events)
	}
}

// What is dead is neither listed nor named nor revoked: it does not exist.
func TestADeadDeviceDoesNotExist(t *testing.T) {
	f, token := trusting(t)
	id := f.devices()[0].ID
	f.must(f.Enroll.PasswordChanged(t.Context(), f.Application, subject(eve)))
	f.let("of the old password", token, false)
	if all := f.devices(); len(all) != 0 {
		t.Errorf("listed %+v", all)
	}
	_, err := f.Enroll.RenameDevice(t.Context(), f.Application, subject(eve), id, "Mine")
	refused(t, "a name", err, access.ErrNotFound)
	refused(t, "a revocation", f.Enroll.RevokeDevice(t.Context(), f.Application, subject(eve), id), access.ErrNotFound)
}

// A changed password ends logins under way too, and leaves the second factor.
func TestAChangedPasswordEndsWhatWasBegunWithTheOldOne(t *testing.T) {
	f, _ := trusting(t)
	before := f.Factors(t, eve)
	token := f.Login(t, eve)
	f.must(f.Enroll.PasswordChanged(t.Context(), f.Application, subject(eve)))
	after := f.Factors(t, eve)
	if after.Epoch != before.Epoch+1 || len(after.Authenticators) != 1 || after.RecoveryCodes != before.RecoveryCodes {
		t.Errorf("left %+v", after)
	}
	_, err := f.begin(token)
	refused(t, "a login under way", err, login.ErrEnded)
	if events := f.events(audit.PasswordChanged); len(events) != 1 || events[0].Notify || events[0].User != eve {
		t.Errorf("recorded as %+v", events)
	}
	refused(t, "somebody unknown", f.Enroll.PasswordChanged(t.Context(), f.Application, subject("nobody")), access.ErrNotFound)
}

func TestAnEnrolmentMayTrustTheBrowser(t *testing.T) {
	f := newFixture(t)
	f.Remembering(t)
	token := f.Login(t, eve)
	shown := f.at(token, login.DoConfirm)
	if shown.Next.RememberDays != 30 {
		t.Errorf("the last step offers %d days", shown.Next.RememberDays)
	}
	in := enroll.Answer{Code: f.Code(t, f.phone(shown)), IdempotencyKey: "k", Remember: &login.Remember{Name: "Kitchen"}}
	first, err := f.take(token, in)
	f.must(err)
	again, err := f.take(token, in)
	f.must(err)
	if first.Device.Text == "" || again.Device != first.Device || !slices.Equal(again.RecoveryCodes, first.RecoveryCodes) {
		t.Errorf("first %+v, again %+v", first.Device, again.Device)
	}
	in.Remember = nil
	if other, err := f.take(token, in); err != nil || other.Device != (login.DeviceToken{}) {
		t.Errorf("a retry that does not ask: %+v, %v", other.Device, err)
	}
	f.let("the browser", first.Device.Text, true)
}

func TestDevicesInAnOutage(t *testing.T) {
	f, token := trusting(t)
	for range 2 {
		f.store.FailNext(memstore.Devices, false, errors.New("down"))
	}
	_, err := f.Enroll.Devices(t.Context(), f.Application, subject(eve))
	unavailable(t, "the list", err)
	unavailable(t, "a revocation", f.Enroll.RevokeDevices(t.Context(), f.Application, subject(eve)))
	f.let("not revoked", token, true)
}

func TestWhoMayDoWhatWithDevices(t *testing.T) {
	f, _ := trusting(t)
	_, err := f.Enroll.Devices(t.Context(), f.System, subject(eve))
	refused(t, "a system administrator", err, access.ErrRole)
	refused(t, "an administrator", f.Enroll.PasswordChanged(t.Context(), f.Administrator, subject(eve)), access.ErrRole)
}
