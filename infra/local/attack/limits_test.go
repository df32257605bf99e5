package attack_test

import (
	"slices"
	"testing"
	"time"

	"twofold/pkg/audit"
)

// The numbers of design §9, written out so that a change of the code's own does not pass unseen.
const (
	freeTries    = 5
	longestLock  = 15 * time.Minute
	dailyCap     = 30
	suspendAfter = 100
)

// surface is a place where codes can be guessed: each gives a wrong and a right try.
type surface struct {
	name    string
	prepare func(t *tenant) (wrong, right func() reply)
	counted func(t *tenant) int
}

func surfaces() []surface {
	users := func(t *tenant) int { return t.failures("eve") }
	enrolment := func(at int, right func(e *enrolling) string, digits int) func(*tenant) (func() reply, func() reply) {
		return func(t *tenant) (func() reply, func() reply) {
			e := t.enrolling("eve", at)
			code := right(e)
			wrong := notOf(digits, code)
			if at == atConfirm {
				wrong = e.phone.wrong()
			}
			return func() reply { return e.step(e.token, fields{"code": wrong}) },
				func() reply { return e.step(e.token, fields{"code": code}) }
		}
	}
	return []surface{
		{"the proof", enrolment(atProve, func(e *enrolling) string { return e.mailed(loginAddress("eve")) }, 8), users},
		{"the recovery address", enrolment(atVerifyRecovery, func(e *enrolling) string { return e.mailed(recoveryAddress("eve")) }, 8), users},
		{"the activation", enrolment(atConfirm, func(e *enrolling) string { return e.phone.code(0) }, 6), users},
		{"the switch-off", func(t *tenant) (func() reply, func() reply) {
			p := t.enrolled("eve")
			path := t.path("/users/eve/disable")
			return func() reply { return t.call(t.app, path, fields{"proof": fields{"code": p.wrong()}}) },
				func() reply { return t.call(t.app, path, fields{"proof": fields{"code": p.code(0)}}) }
		}, users},
		{"the proof for an app password", func(t *tenant) (func() reply, func() reply) {
			p, _ := t.withMailClient()
			return func() reply { return t.send(t.making("smtp", p.wrong())) }, func() reply { return t.send(t.making("smtp", p.code(0))) }
		}, users},
		{"the proof to view an app password", func(t *tenant) (func() reply, func() reply) {
			p, _ := t.withMailClient()
			return func() reply { return t.send(t.managing("view", p.wrong())) }, func() reply { return t.send(t.managing("view", p.code(0))) }
		}, users},
		{"the proof to revoke an app password", func(t *tenant) (func() reply, func() reply) {
			p, _ := t.withMailClient()
			return func() reply { return t.send(t.managing("revoke", p.wrong())) }, func() reply { return t.send(t.managing("revoke", p.code(0))) }
		}, users},
		{"the mailed recovery", func(t *tenant) (func() reply, func() reply) {
			t.enrolled("eve")
			token := t.login("eve")
			t.call(t.app, "/v1/logins/codes", fields{"login": token, "method": "recovery_email"}).ok(t.t)
			code := t.mailed(recoveryAddress("eve"))
			return func() reply { return t.answer(token, "recovery_email", notOf(8, code)) },
				func() reply { return t.answer(token, "recovery_email", code) }
		}, users},
		{"the saved recovery codes", func(t *tenant) (func() reply, func() reply) {
			t.enrolled("eve")
			token, code := t.login("eve"), t.recoveryCode("eve", 0)
			return func() reply { return t.answer(token, "recovery_code", "2222-2222-2222-2222") },
				func() reply { return t.answer(token, "recovery_code", code) }
		}, users},
		{"a code by mail", func(t *tenant) (func() reply, func() reply) {
			t.mailing()
			token := t.login(eve)
			t.call(t.app, "/v1/logins/codes", fields{"login": token, "method": "email"}).ok(t.t)
			code := t.mailed(recoveryAddress(eve))
			return func() reply { return t.answer(token, "email", notOf(8, code)) }, func() reply { return t.answer(token, "email", code) }
		}, users},
		{"an administrator's code", func(t *tenant) (func() reply, func() reply) {
			code := t.bypass()
			token := t.login(eve)
			return func() reply { return t.answer(token, "bypass_code", notOf(8, code)) }, func() reply { return t.answer(token, "bypass_code", code) }
		}, users},
		{"a fresh proof by mail", func(t *tenant) (func() reply, func() reply) {
			t.mailing()
			t.call(t.app, t.path("/users/eve/proofs"), fields{"for": "renew_recovery_codes", "method": "email"}).ok(t.t)
			code := t.mailed(recoveryAddress(eve))
			return func() reply { return t.send(t.changed("/recovery-codes", "email", notOf(8, code), nil)) },
				func() reply { return t.send(t.changed("/recovery-codes", "email", code, nil)) }
		}, users},
		{"an added authenticator", func(t *tenant) (func() reply, func() reply) {
			t.adding()
			code := t.mailed(recoveryAddress(eve))
			return func() reply { return t.send(t.confirming("/authenticators", notOf(8, code))) },
				func() reply { return t.send(t.confirming("/authenticators", code)) }
		}, users},
		{"another recovery email", func(t *tenant) (func() reply, func() reply) {
			t.moving()
			code := t.mailed(newRecovery)
			return func() reply { return t.send(t.confirming("/recovery-email", notOf(8, code))) },
				func() reply { return t.send(t.confirming("/recovery-email", code)) }
		}, users},
		{"the step-up of a key", func(t *tenant) (func() reply, func() reply) {
			r := t.proposedTo(t.admin, t.addressOf("ann"), "/keys", fields{"application": "crm"})
			code := r.body.(fields)["code"].(string)
			return func() reply { return t.call(t.admin, r.path, fields{"code": notOf(8, code)}) },
				func() reply { return t.call(t.admin, r.path, fields{"code": code}) }
		}, func(t *tenant) int {
			d, err := t.store.Docket(t.t.Context(), t.id, "ann")
			t.must(err)
			return len(d.Throttle.Failures)
		}},
		{"the step-up", func(t *tenant) (func() reply, func() reply) {
			id, code := t.proposed(t.admin, "ann", forcing())
			path := t.path("/policy/changes/" + id + "/confirm")
			return func() reply { return t.call(t.admin, path, fields{"code": notOf(8, code)}) },
				func() reply { return t.call(t.admin, path, fields{"code": code}) }
		}, func(t *tenant) int {
			d, err := t.store.Docket(t.t.Context(), t.id, "ann")
			t.must(err)
			return len(d.Throttle.Failures)
		}},
	}
}

// Twenty wrong tries anywhere: five are evaluated, and then the right code does not help either.
func TestEverySurfaceIsCountedAndLimited(t *testing.T) {
	p := newProduct(t)
	for _, s := range surfaces() {
		of := p.tenant()
		t.Run(s.name, func(t *testing.T) {
			ten := of.in(t)
			wrong, right := s.prepare(ten)
			for range 20 {
				if r := wrong(); r.status != 422 || r.code() != "code_refused" {
					t.Fatalf("a wrong code is answered %d %s", r.status, r.code())
				}
			}
			if n := s.counted(ten); n != freeTries {
				t.Errorf("%d of 20 guesses were evaluated, want %d", n, freeTries)
			}
			right().want(t, 422, "code_refused")
		})
	}
}

// Methods share one budget: changing over buys nothing.
func TestSurfacesShareOneBudget(t *testing.T) {
	ten := newProduct(t).tenant()
	p := ten.enrolled("eve")
	token := ten.login("eve")
	ten.answer(token, "totp", p.wrong())
	ten.answer(token, "recovery_code", "2222-2222-2222-2222")
	ten.call(ten.app, ten.path("/users/eve/disable"), fields{"proof": fields{"code": p.wrong()}})
	ten.call(ten.app, "/v1/logins/codes", fields{"login": token, "method": "recovery_email"}).ok(t)
	ten.answer(token, "recovery_email", notOf(8, ten.mailed(recoveryAddress("eve"))))
	ten.answer(token, "totp", p.wrong())
	for name, r := range map[string]reply{
		"totp": ten.answer(token, "totp", p.code(0)), "recovery": ten.answer(token, "recovery_code", ten.recoveryCode("eve", 1)),
		"switch-off": ten.call(ten.app, ten.path("/users/eve/disable"), fields{"proof": fields{"code": p.code(0)}}),
	} {
		if r.code() != "code_refused" {
			t.Errorf("%s after five wrong tries elsewhere: answered %d %s", name, r.status, r.code())
		}
	}
}

// A patient guesser waits out every lock; the cap over a day stops him, and a success of the owner does not clear it.
func TestAPatientGuesserMeetsTheCap(t *testing.T) {
	ten := newProduct(t).tenant()
	p := ten.enrolled("eve")
	for i := range dailyCap {
		if i == 10 {
			ten.answer(ten.login("eve"), "totp", p.code(0)).ok(t)
		}
		ten.answer(ten.login("eve"), "totp", p.wrong()).want(t, 422, "code_refused")
		ten.clock.Advance(longestLock + time.Second)
	}
	ten.answer(ten.lockedToken("eve"), "totp", p.code(0)).want(t, 422, "code_refused")
	if n := ten.failures("eve"); n != dailyCap {
		t.Errorf("%d guesses were evaluated within a day, want %d", n, dailyCap)
	}
	ten.clock.Advance(24 * time.Hour)
	ten.answer(ten.login("eve"), "totp", p.code(0)).ok(t)
}

// lockedToken is the token of a login that is denied for now.
func (t *tenant) lockedToken(id string) string {
	t.t.Helper()
	r := t.begin(id).ok(t.t)
	if r.text("status") != "denied" || r.text("reason") != "locked" || r.text("until") == "" {
		t.t.Fatalf("a locked user is told %s, %s, until %q", r.text("status"), r.text("reason"), r.text("until"))
	}
	return r.text("login")
}

// The hundredth failure in a row suspends, wherever it happens: recorded, and told to the owner and the administrators.
func TestAHundredFailuresSuspendAndEverybodyHears(t *testing.T) {
	everybody := func(id string) []string {
		return []string{"ann@" + id + ".example", "bob@" + id + ".example", recoveryAddress("eve"), loginAddress("eve")}
	}
	for name, guess := range map[string]func(t *tenant, p phone) reply{
		"at the login": func(t *tenant, p phone) reply { return t.answer(t.login("eve"), "totp", p.wrong()) },
		"at the switch-off": func(t *tenant, p phone) reply {
			return t.call(t.app, t.path("/users/eve/disable"), fields{"proof": fields{"code": p.wrong()}})
		},
	} {
		t.Run(name, func(t *testing.T) {
			ten := newProduct(t).tenant()
			p := ten.enrolled("eve")
			for range suspendAfter {
				guess(ten, p).want(t, 422, "code_refused")
				ten.clock.Advance(time.Hour)
			}
			if r := ten.begin("eve").ok(t); r.text("status") != "denied" || r.text("reason") != "suspended" {
				t.Fatalf("after %d failures the login is %s, %s", suspendAfter, r.text("status"), r.text("reason"))
			}
			ten.answer(ten.login("eve"), "totp", p.code(0)).want(t, 422, "code_refused")
			if n := ten.events(audit.UserSuspended); n != 1 {
				t.Errorf("%d audit events of the suspension, want 1", n)
			}
			want := everybody(ten.id)
			slices.Sort(want)
			if to := ten.told("notice-user-suspended"); !slices.Equal(to, want) {
				t.Errorf("told of the suspension: %v, want %v", to, want)
			}
			// A recovery is the way back.
			ten.answer(ten.login("eve"), "recovery_code", ten.recoveryCode("eve", 0)).ok(t)
			ten.answer(ten.login("eve"), "totp", p.code(30*time.Second)).ok(t)
		})
	}
}
