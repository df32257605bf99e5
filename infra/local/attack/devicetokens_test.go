package attack_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"twofold/pkg/access"
	"twofold/pkg/audit"
	"twofold/pkg/policy"
	"twofold/pkg/user"
)

func TestADeviceIsOneUsersOfOneApplication(t *testing.T) {
	ten, _, token := governed(t)
	ten.enrolled("mallory")
	shown := func(key string) request {
		r := ten.on(eve, token)
		r.key = key
		return r
	}
	var c policy.Change
	vendors, text := access.NewKey(access.Application, ten.clock.Now())
	vendors.Holder, vendors.Everywhere, vendors.Vendor = "crm", true, true // an application of the same id
	c.Keys = append(c.Keys, vendors)
	ten.must(ten.store.WriteOrganization(t.Context(), ten.id, c))
	before := ten.dump()
	for name, r := range map[string]request{
		"another user": ten.on("mallory", token), "another application": shown(ten.app2), "the vendor's application of the same id": shown(text),
	} {
		got := ten.send(r).ok(t)
		if got.text("assertion") != "" || got.text("status") != "challenge" || got.text("device_token") != "" {
			t.Errorf("%s: answered %s", name, got.bare())
		}
	}
	ten.unchanged(before)
	ten.came("its own", eve, token, true)
	other := ten.product.tenant()
	other.enrolled(eve)
	other.remembers(30)
	other.came("the same user of another organisation", eve, token, false)
}

// A token that is none cannot be told from no token: same answer, same reads, nothing counted.
func TestATokenThatIsNoneIsAsIfThereWereNone(t *testing.T) {
	ten, _, token := governed(t)
	ask := func(shown string) (string, []string) {
		r := ten.on(eve, shown)
		r.body.(fields)["nonce"] = "nonce-mine"
		ten.wire.Record()
		return ten.send(r).ok(t).said(), ten.wire.Calls()
	}
	said, calls := ask("none")
	before := ten.dump()
	for _, shown := range []string{
		"x", strings.Repeat("x", 256), "00000000-0000-4000-8000-000000000000" + token[36:], token[:len(token)-1], token[:37] + strings.Repeat("A", 43),
		strings.ToUpper(token), "../" + token, token + "#",
	} {
		if other, reads := ask(shown); other != said || !slices.Equal(reads, calls) {
			t.Errorf("%q is told from none: %s after %v", shown, other, reads)
		}
	}
	ten.unchanged(before)
	ten.came("the real one", eve, token, true)
	if n := ten.failures(eve); n != 0 {
		t.Errorf("%d failures are counted", n)
	}
}

func TestAReplacedTokenThatComesBackEndsTheDevice(t *testing.T) {
	ten, _, old := governed(t)
	ten.clock.Advance(24 * time.Hour)
	first := ten.came("the owner, on the next day", eve, old, true).text("device_token")
	ten.clock.Advance(user.DeviceOverlap - time.Second)
	if again := ten.came("within the minute", eve, old, true).text("device_token"); first == "" || again != first {
		t.Errorf("the new token is %q, and shown again %q", first, again)
	}
	ten.came("the new one", eve, first, true)
	ten.clock.Advance(time.Second)
	ten.post()
	thief := ten.came("after the minute", eve, old, false)
	if thief.text("status") != "challenge" {
		t.Errorf("the login does not go on as one without a device: %s", thief.bare())
	}
	if n := ten.events(audit.DeviceTheft); n != 1 || len(ten.devices(eve)) != 0 {
		t.Errorf("%d thefts, %d devices", n, len(ten.devices(eve)))
	}
	want := []string{ten.addressOf("ann"), ten.addressOf("bob"), loginAddress(eve), recoveryAddress(eve)}
	slices.Sort(want)
	if to := ten.told("notice-device-theft"); !slices.Equal(to, want) {
		t.Errorf("told %v, want %v", to, want)
	}
	ten.came("the owner's", eve, first, false)
	ten.came("the thief's, again", eve, old, false)
	if n := ten.events(audit.DeviceTheft); n != 1 {
		t.Errorf("%d thefts are recorded", n)
	}
}

// However old a copy is, it ends the series; a guess at one does not.
func TestAnOldCopyOfATokenEndsTheDevice(t *testing.T) {
	ten, _, copied := governed(t)
	token := copied
	for range 5 {
		ten.clock.Advance(24 * time.Hour)
		token = ten.came("the owner", eve, token, true).text("device_token")
	}
	ten.came("a guess", eve, token[:37]+strings.Repeat("A", 43), false)
	ten.came("the owner, after a guess", eve, token, true)
	ten.came("a copy of the first day", eve, copied, false)
	ten.came("the owner, after the copy", eve, token, false)
}

func TestOneTokenTwentyLoginsOneRotation(t *testing.T) {
	ten, _, token := governed(t)
	ten.clock.Advance(24 * time.Hour)
	requests := make([]request, 20)
	for i := range requests {
		requests[i] = ten.on(eve, token)
	}
	replies := together(20, func(i int) reply {
		for {
			if r := ten.send(requests[i]); r.code() != "conflict" {
				return r
			}
		}
	})
	for _, r := range replies {
		if r.text("assertion") == "" || r.text("device_token") == "" || r.text("device_token") != replies[0].text("device_token") {
			t.Errorf("answered %d %s with %q", r.status, r.code(), r.text("device_token"))
		}
	}
	if all := ten.devices(eve); len(all) != 1 || all[0].Rev != 2 {
		t.Errorf("%d devices, of revision %d", len(all), all[0].Rev)
	}
}

// A reply that was lost strands no browser: neither when it becomes trusted nor when its token is replaced.
func TestALostReplyStrandsNoBrowser(t *testing.T) {
	ten := newProduct(t).tenant()
	p := ten.enrolled(eve)
	ten.remembers(30)
	r := ten.remembered(ten.begun(eve, "nonce-mine"), "totp", p.code(0), "mine")
	ten.signer.down.Store(true) // the code is used up, the device made, and nobody hears of it
	ten.send(r).want(t, 503, "unavailable")
	ten.signer.down.Store(false)
	first, again := ten.send(r).ok(t), ten.send(r).ok(t)
	token := first.text("device_token")
	if token == "" || again.text("device_token") != token || fmt.Sprint(ten.believed(first, eve, "nonce-mine")) != fmt.Sprint(ten.believed(again, eve, "nonce-mine")) {
		t.Errorf("the first %q, again %q", token, again.text("device_token"))
	}
	thief := r
	thief.idempotency = "thief"
	if got := ten.send(thief).want(t, 422, "code_refused"); got.text("device_token") != "" {
		t.Error("somebody else's retry shows the token")
	}
	ten.clock.Advance(24 * time.Hour)
	ten.signer.down.Store(true)
	ten.send(ten.on(eve, token)).want(t, 503, "unavailable")
	ten.signer.down.Store(false)
	next := ten.came("the same again", eve, token, true).text("device_token")
	ten.came("the new one", eve, next, true)
	if len(ten.devices(eve)) != 1 {
		t.Errorf("%d devices", len(ten.devices(eve)))
	}
	ten.send(r).want(t, 409, "login_ended")
}

// A device is for logins in a browser and nothing else: no fresh proof, no confirmation, no answer takes it.
func TestADeviceIsNoStepUp(t *testing.T) {
	ten, _, token := governed(t)
	ten.links("ann", eve)
	id := ten.send(ten.proposingTo(ten.admin, "/keys", fields{"application": "crm"})).ok(t).text("id")
	other := ten.login(eve)
	letIn := ten.came("a login", eve, token, true).text("login")
	for _, body := range []fields{{"code": "000000", "device_token": token}, {"device_token": token}} {
		ten.call(ten.app, ten.path("/users/eve/disable"), fields{"proof": body}).want(t, 400, "unknown_field")
		ten.call(ten.admin, ten.path("/keys/changes/"+id+"/confirm"), body).want(t, 400, "unknown_field")
		body["login"] = other
		ten.call(ten.app, "/v1/logins/answers", body).want(t, 400, "unknown_field")
		ten.call(ten.app, "/v1/enrollments/answers", body).want(t, 400, "unknown_field")
	}
	secret := token[37:]
	for _, r := range []request{
		ten.asked(ten.path("/users/eve/disable"), fields{"proof": fields{"code": secret}}), ten.proving("/keys", id, secret), answerRequest(ten, other, "totp", secret, "key"),
		answerRequest(ten, letIn, "recovery_code", secret, "key"), answerRequest(ten, other, "trusted_device", secret, "key"),
		ten.asked("/v1/enrollments", fields{"login": letIn}),
	} {
		if got := ten.send(r); got.status < 400 || got.text("assertion") != "" {
			t.Errorf("%s: answered %d", r.path, got.status)
		}
	}
	if n := ten.events(audit.KeyIssued) + ten.events(audit.UserDisabled); n != 0 {
		t.Errorf("%d things were done", n)
	}
}

// The token is nowhere but in the answer, and what proves it later says what it is.
func TestATokenIsNotStoredAndItsAssertionSaysWhatItIs(t *testing.T) {
	ten, _, token := governed(t)
	proven := ten.clock.Now().Truncate(time.Second)
	for _, row := range ten.dump() {
		if strings.Contains(row, token[37:]) {
			t.Error("the table holds the secret")
		}
	}
	ten.clock.Advance(time.Hour)
	r := ten.on(eve, token)
	r.body.(fields)["nonce"] = "nonce-mine"
	a := ten.believed(ten.send(r).ok(t), eve, "nonce-mine")
	if !a.TrustedDevice || a.Class != "urn:twofold:acr:trusted_device" || !a.AuthTime.Equal(proven) || !slices.Equal(a.Methods, []string{"otp"}) {
		t.Errorf("claims %+v", a)
	}
	if to := ten.told("notice-device-trusted"); !slices.Equal(to, []string{recoveryAddress(eve), loginAddress(eve)}) {
		t.Errorf("told %v", to)
	}
	shown := ten.send(request{key: ten.admin, method: http.MethodGet, path: ten.path("/users/eve/devices")}).ok(t)
	if strings.Contains(shown.raw, token[37:]) || !strings.Contains(shown.raw, "Kitchen") {
		t.Errorf("listed as %s", shown.raw)
	}
}

// The browser on which somebody enrols may be trusted at once, and only by the answer that completes.
func TestABrowserIsTrustedWithAnEnrolment(t *testing.T) {
	ten := newProduct(t).tenant()
	ten.remembers(30)
	e := ten.enrolling(eve, atChoose)
	if r := ten.step(e.token, fields{"method": "totp", "remember": fields{}}).ok(t); r.text("device_token") != "" || r.at("next", "remember_days") != 30.0 {
		t.Errorf("before it completes: %q, for %v days", r.text("device_token"), r.at("next", "remember_days"))
	}
	e.phone = phone{ten.clock.Now, ten.step(e.token, fields{"method": "totp"}).ok(t).text("next", "setup", "secret")}
	token := ten.step(e.token, fields{"code": e.phone.code(0), "remember": fields{"name": "Kitchen"}}).ok(t).text("device_token")
	ten.came("the browser", eve, token, true)
}

// A name is one line, wherever it is given, and is refused before a code is used up.
func TestNamesOfDevicesAreOneLine(t *testing.T) {
	ten, p, _ := governed(t)
	ten.clock.Advance(time.Minute)
	login, code := ten.login(eve), p.code(0)
	for _, name := range []string{"two\nlines", "\u202ereversed", " ", strings.Repeat("x", 81)} {
		r := answerRequest(ten, login, "totp", code, "mine")
		r.body.(fields)["remember"] = fields{"name": name}
		if got := ten.send(r).want(t, 422, "invalid_field"); got.text("field") != "remember.name" {
			t.Errorf("%q: refused at %s", name, got.text("field"))
		}
		if got := ten.send(ten.onDevice(http.MethodPatch, fields{"name": name})).want(t, 422, "invalid_field"); got.text("field") != "name" {
			t.Errorf("%q: refused at %s", name, got.text("field"))
		}
	}
	ten.send(ten.remembered(login, "totp", code, "mine")).ok(t)
}
