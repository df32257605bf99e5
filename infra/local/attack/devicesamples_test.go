package attack_test

import (
	"fmt"
	"net/http"
	"time"

	"twofold/pkg/org"
	"twofold/pkg/user"
)

// remembers lets the policy remember devices for so many days, and less strictly than before.
func (t *tenant) remembers(days int) {
	t.t.Helper()
	t.decree(func(p *org.Policy) { p.RememberDevice, p.RememberDays = true, days })
}

// on begins a login on what has a device token.
func (t *tenant) on(id, token string) request {
	t.nonces++
	return t.asked("/v1/logins", fields{
		"organization": t.id, "user": id, "email": loginAddress(id), "nonce": fmt.Sprintf("nonce-%06d", t.nonces), "device_token": token,
	})
}

// remembered is an answer that asks to be remembered.
func (t *tenant) remembered(token, method, code, idempotency string) request {
	r := answerRequest(t, token, method, code, idempotency)
	r.body.(fields)["remember"] = fields{"name": "Kitchen"}
	return r
}

// trusted makes an enrolled user with a device, and gives its token.
func (t *tenant) trusted(id string) (phone, string) {
	t.t.Helper()
	p := t.enrolled(id)
	t.remembers(30)
	return p, t.send(t.remembered(t.login(id), "totp", p.code(0), "device-of-"+id)).ok(t.t).text("device_token")
}

// devices are those that are stored of a user.
func (t *tenant) devices(id string) []user.Device {
	t.t.Helper()
	all, err := t.store.Devices(t.t.Context(), t.id, id)
	t.must(err)
	return all
}

// idle gives a user n devices that nobody has a token of, a minute apart.
func (t *tenant) idle(id string, n int) {
	t.t.Helper()
	for i := range n {
		made := t.clock.Now().Add(time.Duration(i-n) * time.Minute).Truncate(time.Second)
		t.must(t.store.Write(t.t.Context(), user.Change{Device: &user.Device{
			Organization: t.id, User: id, ID: fmt.Sprintf("00000000-0000-4000-8000-%012d", i), Rev: 1, Application: t.id + "/crm", PolicyVersion: 2,
			Way: org.TOTP, CreatedAt: made, ExpiresAt: made.AddDate(0, 0, 30), LastUsedAt: made, Current: []byte("nobody's"),
		}}))
	}
}

// onDevice asks for something of a user's only device.
func (t *tenant) onDevice(method string, body any) request {
	t.t.Helper()
	return request{key: t.app, method: method, path: t.path("/users/eve/devices/" + t.devices(eve)[0].ID), body: body}
}

func deviceSamples() []sample {
	later := func(wait ...time.Duration) func(t *tenant) request {
		return func(t *tenant) request {
			_, token := t.trusted(eve)
			for _, w := range wait {
				t.clock.Advance(w)
				if len(wait) > 1 && w != wait[len(wait)-1] {
					t.send(t.on(eve, token)).ok(t.t)
				}
			}
			return t.on(eve, token)
		}
	}
	return []sample{
		{"a login from a trusted device", "begin-login", later(), 0, 0},
		{"the first login of a day from a trusted device", "begin-login", later(24 * time.Hour), 200, 0},
		{"a token that was replaced a minute ago", "begin-login", later(24*time.Hour, user.DeviceOverlap), 200, 0},
		{"a right code on a device to be trusted", "answer-login", func(t *tenant) request {
			p := t.enrolled(eve)
			t.remembers(30)
			return t.remembered(t.login(eve), "totp", p.code(0), "sample")
		}, 200, 0},
		{"an eleventh device", "answer-login", func(t *tenant) request {
			p := t.enrolled(eve)
			t.remembers(30)
			t.idle(eve, user.MaxDevices)
			return t.remembered(t.login(eve), "totp", p.code(0), "sample")
		}, 200, 0},
		{"the first code on a device to be trusted", "answer-enrollment", func(t *tenant) request {
			t.remembers(30)
			e := t.enrolling(eve, atConfirm)
			r := t.asked("/v1/enrollments/answers", fields{"login": e.token, "code": e.phone.code(0), "remember": fields{}})
			r.idempotency = "sample"
			return r
		}, 200, 0},
		{"all devices", "list-devices", func(t *tenant) request {
			t.trusted(eve)
			return request{key: t.app, method: http.MethodGet, path: t.path("/users/eve/devices")}
		}, 0, 0},
		{"another name of a device", "rename-device", func(t *tenant) request {
			t.trusted(eve)
			return t.onDevice(http.MethodPatch, fields{"name": "Office"})
		}, 200, 0},
		{"a device revoked", "revoke-device", func(t *tenant) request {
			t.trusted(eve)
			return t.onDevice(http.MethodDelete, nil)
		}, 404, 0}, // it is done
		{"all devices revoked", "revoke-devices", func(t *tenant) request {
			t.trusted(eve)
			t.idle(eve, 2)
			return request{key: t.app, method: http.MethodDelete, path: t.path("/users/eve/devices")}
		}, 204, 0},
		{"an address that takes mail again", "clear-undeliverable", func(t *tenant) request {
			t.undeliverable("eve")
			return request{key: t.admin, method: http.MethodDelete, path: t.path("/users/eve/undeliverable")}
		}, 204, 0},
		{"a changed password", "password-changed", func(t *tenant) request {
			t.trusted(eve)
			return t.asked(t.path("/users/eve/password-changed"), fields{"browser": fields{"address": "198.51.100.7"}})
		}, 204, 1}, // another event: it may have changed twice
	}
}
