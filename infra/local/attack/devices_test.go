package attack_test

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"twofold/pkg/audit"
	"twofold/pkg/org"
)

// came demands whether a login on a device lets in by it, and gives its answer.
func (t *tenant) came(what, id, token string, in bool) reply {
	t.t.Helper()
	r := t.send(t.on(id, token)).ok(t.t)
	if (r.text("assertion") != "") != in || (r.text("rule") == "trusted_device") != in {
		t.t.Errorf("%s: answered %s by %s, with an assertion: %t", what, r.text("status"), r.text("rule"), r.text("assertion") != "")
	}
	if !in && (r.text("device_token") != "" || r.text("device_expires_at") != "") {
		t.t.Errorf("%s: a device that is none is given a token", what)
	}
	return r
}

// rules makes the next policy as an administrator does: with a proposal and its code.
func (t *tenant) rules(settings fields) {
	t.t.Helper()
	t.clock.Advance(time.Minute) // between two mails
	whole := fields{"status": "enabled", "methods": []string{"totp"}}
	for name, value := range settings {
		whole[name] = value
	}
	r := t.proposing(t.admin, fields{"policy": whole})
	r.ifMatch = fmt.Sprintf(`"%v"`, t.version())
	change := t.send(r).ok(t.t)
	t.confirm(t.admin, change.text("id"), t.mailed(t.addressOf("ann"))).ok(t.t)
}

// governed is a tenant with a device whose policy was made as one is, and remembers for 30 days.
func governed(t *testing.T) (ten *tenant, p phone, token string) {
	t.Helper()
	ten = newProduct(t).tenant()
	ten.rules(fields{"remember_device": true, "remember_days": 30})
	p = ten.enrolled(eve)
	token = ten.send(ten.remembered(ten.login(eve), "totp", p.code(0), "device")).ok(t).text("device_token")
	ten.came("before", eve, token, true)
	return ten, p, token
}

// endings are all that takes trust away.
func endings() map[string]func(t *tenant, p phone) {
	remember := fields{"remember_device": true, "remember_days": 30}
	put := func(t *tenant, e fields) {
		t.send(request{key: t.admin, method: http.MethodPut, path: t.path("/users/eve/enforcement"), body: e}).ok(t.t)
	}
	return map[string]func(t *tenant, p phone){
		"a reset": func(t *tenant, _ phone) {
			t.call(t.admin, t.path("/users/eve/reset"), fields{"reason": "phone lost"}).ok(t.t)
		},
		"a switch-off": func(t *tenant, p phone) {
			t.call(t.app, t.path("/users/eve/disable"), fields{"proof": fields{"code": p.code(30 * time.Second)}}).ok(t.t)
		},
		"a changed password": func(t *tenant, _ phone) { t.call(t.app, t.path("/users/eve/password-changed"), fields{}).ok(t.t) },
		"a requirement":      func(t *tenant, _ phone) { put(t, fields{"enforcement": "required"}) },
		"an exemption that was ended": func(t *tenant, _ phone) {
			put(t, fields{"enforcement": "exempt", "until": t.clock.Now().AddDate(0, 0, 7), "reason": "on leave"})
			put(t, fields{"enforcement": "inherit"})
		},
		"a revocation": func(t *tenant, _ phone) { t.send(t.onDevice(http.MethodDelete, nil)).ok(t.t) },
		"a revocation of all": func(t *tenant, _ phone) {
			t.send(request{key: t.app, method: http.MethodDelete, path: t.path("/users/eve/devices")}).ok(t.t)
		},
		"remembering no more": func(t *tenant, _ phone) { t.rules(nil) },
		"a policy that did not remember in between": func(t *tenant, _ phone) {
			t.rules(nil)
			t.rules(remember)
		},
		"a policy that was forced": func(t *tenant, _ phone) {
			t.rules(fields{"remember_device": true, "remember_days": 30, "status": "forced"})
		},
		"a policy that was forced in between": func(t *tenant, _ phone) {
			t.rules(fields{"remember_device": true, "remember_days": 30, "status": "forced"})
			t.rules(remember)
		},
		"a way back closed": func(t *tenant, _ phone) {
			t.rules(fields{"remember_device": true, "remember_days": 30, "recovery": fields{"mailed_code": true, "saved_codes": false}})
		},
		"its method, not allowed any more": func(t *tenant, _ phone) {
			t.decree(func(p *org.Policy) { p.Methods = []org.Method{org.Email} })
		},
		"fewer days": func(t *tenant, _ phone) {
			t.clock.Advance(25 * time.Hour)
			t.rules(fields{"remember_device": true, "remember_days": 1})
		},
		"fewer days in between": func(t *tenant, _ phone) {
			t.clock.Advance(25 * time.Hour)
			t.rules(fields{"remember_device": true, "remember_days": 1})
			t.rules(remember)
		},
		"its days": func(t *tenant, _ phone) { t.clock.Advance(30 * 24 * time.Hour) },
	}
}

// Attack 30: whatever takes trust away takes it from devices, on the next login, and nothing gives it back.
func TestADeviceIsRefusedAfterWhateverEndsIt(t *testing.T) {
	for name, end := range endings() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ten, p, token := governed(t)
			end(ten, p)
			ten.came(name, eve, token, false)
			ten.clock.Advance(24 * time.Hour)
			ten.came(name+", a day later", eve, token, false)
			if n := ten.events(audit.DeviceTheft); n != 0 {
				t.Errorf("%d thefts are recorded", n)
			}
		})
	}
}

// What demands less, or nothing more, leaves devices alone.
func TestADeviceOutlivesWhatIsNotStricter(t *testing.T) {
	ten, _, token := governed(t)
	ten.rules(fields{"remember_device": true, "remember_days": 7})
	ten.came("fewer days than it has been trusted for", eve, token, true)
	ten.rules(fields{"remember_device": true, "remember_days": 30, "grace_days": 3})
	ten.came("what does not concern it", eve, token, true)
}
