package verify_test

import (
	"errors"
	"testing"
	"time"

	"twofold/pkg/access"
	"twofold/pkg/audit"
	"twofold/pkg/decision"
	"twofold/pkg/enroll"
	"twofold/pkg/login"
	"twofold/pkg/memstore"
	"twofold/pkg/org"
	"twofold/pkg/policy"
	"twofold/pkg/storetest"
	"twofold/pkg/user"
	"twofold/pkg/verify"
)

// trusting is a fixture whose eve has a device.
func trusting(t *testing.T) (f *fixture, token string, secret []byte) {
	t.Helper()
	f = newFixture(t)
	f.Remembering(t)
	token, secret = f.Trusted(t, eve)
	return f, token, secret
}

// on begins a login on a device and demands whether it lets in.
func (f *fixture) on(what, token string, trusted bool) login.Answer {
	f.t.Helper()
	a, err := f.On(f.t, eve, token)
	f.must(err)
	if (a.Assertion != "") != trusted || (a.Decision.Rule == decision.RuleDevice) != trusted || !trusted && a.Device != (login.DeviceToken{}) {
		f.t.Errorf("%s: %+v, with an assertion: %t", what, a.Decision, a.Assertion != "")
	}
	return a
}

// remember answers with a code and asks to be remembered.
func (f *fixture) remember(token, way, code, key string) login.Answer {
	f.t.Helper()
	a, err := f.Verify.Answer(f.t.Context(), f.Application, verify.Answer{
		Login: token, Way: way, Code: code, IdempotencyKey: key, Remember: &login.Remember{Name: "Kitchen"},
	})
	f.must(err)
	return a
}

func TestATrustedDeviceProvesWhatWasProvenOnIt(t *testing.T) {
	f, token, _ := trusting(t)
	proven := f.Clock.Now().Truncate(time.Second)
	f.Clock.Advance(time.Hour)
	a := f.on("within its day", token, true)
	claims := f.claims(a)
	if !claims.AuthTime.Equal(proven) || claims.Class != login.ClassDevice || !claims.TrustedDevice || claims.Recovery != "" ||
		len(claims.Methods) != 1 || claims.Methods[0] != "otp" || claims.Nonce != "nonce" || claims.PolicyVersion != 2 {
		t.Errorf("claims %+v", claims)
	}
	if !claims.IssuedAt.Equal(f.Clock.Now().Truncate(time.Second)) || claims.ExpiresAt.Sub(claims.IssuedAt) != login.AssertionLife {
		t.Errorf("issued %v, expires %v", claims.IssuedAt, claims.ExpiresAt)
	}
	if a.Device.Text != "" || !a.Device.Until.Equal(proven.AddDate(0, 0, 30)) || a.Next.Do != login.DoNothing {
		t.Errorf("answered %+v", a)
	}
	if other := f.claims(f.on("again", token, true)); other.ID == claims.ID {
		t.Error("two logins have one assertion's id")
	}
}

func TestWhatMakesNoDevice(t *testing.T) {
	f := newFixture(t)
	secret := f.Enrolled(t, eve)
	none := func(what string, a login.Answer) {
		t.Helper()
		all, err := f.store.Devices(t.Context(), storetest.Organization, eve)
		f.must(err)
		if a.Assertion == "" || a.Device != (login.DeviceToken{}) || len(all) != 0 || len(f.events(audit.DeviceTrusted)) != 0 {
			t.Errorf("%s: %+v, %d devices", what, a.Device, len(all))
		}
	}
	none("a policy that does not remember", f.remember(f.Login(t, eve), totp, f.Code(t, secret), ""))
	f.Remembering(t)
	f.Clock.Advance(time.Minute)
	a, err := f.answer(f.Login(t, eve), totp, f.Code(t, secret))
	f.must(err)
	none("nobody asked", a)
	none("a saved code", f.remember(f.Login(t, eve), saved, f.saved(eve, 0), ""))
	token := f.Login(t, eve)
	_, err = f.order(token)
	f.must(err)
	none("a mailed code", f.remember(token, mail, f.mailed(eve), ""))
}

func TestALostReplyGetsTheSameDevice(t *testing.T) {
	f := newFixture(t)
	secret := f.Enrolled(t, eve)
	f.Remembering(t)
	token, code := f.Login(t, eve), f.Code(t, secret)
	first := f.remember(token, totp, code, "k")
	if first.Device.Text == "" {
		t.Fatal("no device")
	}
	f.Clock.Advance(time.Minute)
	f.untouched(eve, func() {
		if again := f.remember(token, totp, code, "k"); again.Device != first.Device || again.Assertion != first.Assertion {
			t.Errorf("first %+v, again %+v", first, again)
		}
		if a, err := f.keyed(token, totp, code, "k"); err != nil || a.Device != (login.DeviceToken{}) {
			t.Errorf("a retry that does not ask to be remembered: %+v, %v", a.Device, err)
		}
	})
	f.on("the token", first.Device.Text, true)
	f.must(f.Enroll.RevokeDevices(t.Context(), f.Application, enroll.Subject{Organization: storetest.Organization, User: eve}))
	if again := f.remember(token, totp, code, "k"); again.Device != (login.DeviceToken{}) || again.Assertion != first.Assertion {
		t.Errorf("after it was revoked: %+v", again.Device)
	}
	f.on("the token that was revoked", first.Device.Text, false)
}

// A retry gives no token that is good no more: the reply before it did arrive, or something ended the device.
func TestARetryGivesNoTokenThatIsGoodNoMore(t *testing.T) {
	for name, end := range map[string]func(f *fixture, token string){
		"replaced": func(f *fixture, token string) {
			f.Clock.Advance(5 * time.Minute) // past midnight
			f.on("the first of the day", token, true)
		},
		"forgotten by a stricter policy": func(f *fixture, _ string) {
			f.organization(func(o *org.Organization) { o.Memory.Version = o.Policy.Version })
		},
	} {
		f := newFixture(t)
		secret := f.Enrolled(t, eve)
		f.Remembering(t)
		f.Clock.Advance(11*time.Hour + 57*time.Minute)
		token, code := f.Login(t, eve), f.Code(t, secret)
		first := f.remember(token, totp, code, "k")
		end(f, first.Device.Text)
		if again := f.remember(token, totp, code, "k"); again.Device != (login.DeviceToken{}) || again.Assertion != first.Assertion {
			t.Errorf("%s: %+v", name, again.Device)
		}
	}
}

func TestATokenOfAnotherIsNone(t *testing.T) {
	f, token, _ := trusting(t)
	f.Enrolled(t, "mallory")
	before, err := f.store.Devices(t.Context(), storetest.Organization, eve)
	f.must(err)
	f.untouched(eve, func() {
		if a, err := f.On(t, "mallory", token); err != nil || a.Assertion != "" {
			t.Errorf("another user: %v", err)
		}
		changed := "A" // of the first character of the secret
		if token[37] == 'A' {
			changed = "B"
		}
		for _, other := range []string{"", "token", token[1:], token + "A", token[:37] + changed + token[38:], before[0].ID + "."} {
			f.on(other, other, false)
		}
	})
	key := f.applicationOf("crm", true)
	a, err := f.Verify.Begin(t.Context(), key, verify.Begin{Organization: storetest.Organization, User: eve, Email: "e@acme.example", Nonce: "n", DeviceToken: token})
	if err != nil || a.Assertion != "" {
		t.Errorf("the vendor's application of the same id: %v", err)
	}
	f.on("its own", token, true)
	f.counted(eve, 0)
}

// applicationOf is another application's key.
func (f *fixture) applicationOf(holder string, vendor bool) access.Caller {
	f.t.Helper()
	key, text := access.NewKey(access.Application, f.Clock.Now())
	key.Holder, key.Everywhere, key.Vendor = holder, true, vendor
	f.must(f.store.WriteOrganization(f.t.Context(), storetest.Organization, policy.Change{Keys: []access.Key{key}}))
	c, err := access.Parse(text)
	f.must(err)
	return access.Caller{Credential: c}
}

func TestADeviceIsNotAskedWhereAnotherRuleDecides(t *testing.T) {
	for name, c := range map[string]struct {
		begin  verify.Begin
		change func(f *fixture)
	}{
		"a mail client":     {verify.Begin{Service: "imap"}, func(*fixture) {}},
		"a disabled policy": {verify.Begin{}, func(f *fixture) { f.policy(func(p *org.Policy) { p.Status = org.Disabled }) }},
		"not entitled":      {verify.Begin{}, func(f *fixture) { f.organization(func(o *org.Organization) { o.Entitlements = org.Entitlements{} }) }},
		"exempt": {verify.Begin{}, func(f *fixture) {
			f.profile(eve, func(p *user.Profile) {
				p.Enforcement = user.Enforcement{Kind: user.Exempt, Until: f.Clock.Now().AddDate(0, 0, 9)}
			})
		}},
	} {
		f, token, _ := trusting(t)
		c.change(f)
		f.Clock.Advance(24 * time.Hour)
		c.begin.User, c.begin.Email, c.begin.Nonce, c.begin.DeviceToken = eve, "e@acme.example", "n", token
		a, err := f.begin(c.begin)
		f.must(err)
		all, err := f.store.Devices(t.Context(), storetest.Organization, eve)
		f.must(err)
		if a.Assertion != "" || a.Device != (login.DeviceToken{}) || len(all) != 1 || all[0].Rev != 1 {
			t.Errorf("%s: %+v, %+v", name, a, all)
		}
	}
}

func TestADeviceLetsInWhoIsLockedOrSuspended(t *testing.T) {
	f, token, _ := trusting(t)
	f.factors(eve, func(x *user.Factors) { x.Throttle.Consecutive = 100 })
	f.on("suspended", token, true)
}

// The user is asked only where the policy remembers.
func TestTheChallengeSaysForHowLongADeviceIsRemembered(t *testing.T) {
	f, token, _ := trusting(t)
	if a := f.on("no token", "", false); a.Next.RememberDays != 30 {
		t.Errorf("the challenge offers %d days", a.Next.RememberDays)
	}
	f.policy(func(p *org.Policy) { p.Methods = []org.Method{org.Email} })
	if a := f.on("a method that is not allowed any more", token, false); a.Next.RememberDays != 0 {
		t.Errorf("it offers %d days although none would be given", a.Next.RememberDays)
	}
	f.policy(func(p *org.Policy) { p.Methods, p.RememberDevice = []org.Method{org.TOTP}, false })
	if a := f.on("a policy that does not remember", token, false); a.Next.RememberDays != 0 {
		t.Errorf("it offers %d days all the same", a.Next.RememberDays)
	}
}

// Whatever cannot be reached changes nothing, and the same token is good afterwards.
func TestADeviceInAnOutage(t *testing.T) {
	f, token, _ := trusting(t)
	f.Clock.Advance(24 * time.Hour)
	for _, persisted := range []bool{false, true} {
		f.store.FailNext(memstore.Write, persisted, errors.New("down"))
		_, err := f.On(t, eve, token)
		unavailable(t, "the rotation", err)
	}
	a := f.on("again", token, true)
	if a.Device.Text == "" {
		t.Error("the new token was lost with the reply")
	}
	f.on("the new one", a.Device.Text, true)
	f.Clock.Advance(user.DeviceOverlap)
	f.store.FailNext(memstore.Write, false, errors.New("down"))
	_, err := f.On(t, eve, token)
	unavailable(t, "the theft", err)
	f.on("the theft, recorded", token, false)
	f.on("the new one, after the theft", a.Device.Text, false)
	events := f.events(audit.DeviceTheft)
	if len(events) != 1 || !events[0].Notify || events[0].User != eve || events[0].Details["name"] != "Kitchen" {
		t.Errorf("recorded as %+v", events)
	}
	f.counted(eve, 0)
}

func TestATrustedDeviceIsRecordedAndTold(t *testing.T) {
	f, _, _ := trusting(t)
	events := f.events(audit.DeviceTrusted)
	if len(events) != 1 || !events[0].Notify || events[0].User != eve || events[0].Details["name"] != "Kitchen" {
		t.Errorf("recorded as %+v", events)
	}
}

// One device more than there may be takes the place of the oldest, and the notice says which that was.
func TestTheEleventhDeviceNamesTheOneThatGoes(t *testing.T) {
	f, _, secret := trusting(t)
	for range user.MaxDevices {
		f.Clock.Advance(30 * time.Second)
		f.remember(f.Login(t, eve), totp, f.Code(t, secret), "key")
	}
	all, err := f.store.Devices(t.Context(), storetest.Organization, eve)
	f.must(err)
	events := f.events(audit.DeviceTrusted)
	if len(all) != user.MaxDevices || len(events) != user.MaxDevices+1 {
		t.Fatalf("%d devices, %d events", len(all), len(events))
	}
	for i, e := range events {
		if gone := e.Details["in_place_of"]; (gone != "") != (i == user.MaxDevices) {
			t.Errorf("device %d: in the place of %q", i+1, gone)
		}
	}
}
