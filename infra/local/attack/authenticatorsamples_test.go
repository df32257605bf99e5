package attack_test

import (
	"maps"
	"net/http"
	"strings"

	"twofold/pkg/org"
	"twofold/pkg/user"
)

// offers lets the policy allow methods.
func (t *tenant) offers(methods ...org.Method) {
	t.t.Helper()
	t.decree(func(p *org.Policy) { p.Methods = methods })
}

// changed is a change of a user's own, with a code as fresh proof.
func (t *tenant) changed(path, method, code string, body fields) request {
	r := t.asked(t.path("/users/eve"+path), fields{"proof": fields{"method": method, "code": code}})
	maps.Copy(r.body.(fields), body)
	r.idempotency = "sample"
	return r
}

// confirming gives the first code of what is being changed.
func (t *tenant) confirming(path, code string) request {
	r := t.asked(t.path("/users/eve/confirmations"+strings.TrimSuffix(path, "s")), fields{"code": code})
	r.idempotency = "sample"
	return r
}

// adding begins to add email to an enrolled user.
func (t *tenant) adding() phone {
	t.t.Helper()
	p := t.enrolled(eve)
	t.offers(org.TOTP, org.Email)
	t.send(t.changed("/authenticators", "totp", p.code(0), fields{"method": "email"})).ok(t.t)
	return p
}

// mailing makes a user with an app and, as another authenticator, mail; the app's present code is used up.
func (t *tenant) mailing() phone {
	t.t.Helper()
	p := t.adding()
	t.send(t.confirming("/authenticators", t.mailed(recoveryAddress(eve)))).ok(t.t)
	return p
}

// byMail is the id of the authenticator whose codes are mailed.
func (t *tenant) byMail() string {
	t.t.Helper()
	a, found := t.factors(eve).Of(org.Email)
	if !found {
		t.t.Fatal("there is no authenticator by mail")
	}
	return a.ID
}

// moving begins to change the recovery email of an enrolled user.
func (t *tenant) moving() phone {
	t.t.Helper()
	p := t.enrolled(eve)
	t.send(t.changed("/recovery-email", "totp", p.code(0), otherRecovery())).ok(t.t)
	return p
}

const newRecovery = "new@elsewhere.example"

func otherRecovery() fields {
	return fields{"recovery_email": newRecovery, "recovery_email_again": newRecovery}
}

func authenticatorSamples() []sample {
	return []sample{
		{"all authenticators", "list-authenticators", func(t *tenant) request {
			t.mailing()
			return request{key: t.app, method: http.MethodGet, path: t.path("/users/eve/authenticators")}
		}, 0, 0},
		{"a user's own view", "get-security", func(t *tenant) request {
			t.mailing()
			t.idle(eve, 2)
			return request{key: t.app, method: http.MethodGet, path: t.path("/users/eve/security")}
		}, 0, 0},
		{"an order", "get-order", func(t *tenant) request {
			return request{key: t.app, method: http.MethodGet, path: t.path("/users/eve/orders/" + t.call(t.app, "/v1/enrollments", fields{"login": t.login(eve)}).ok(t.t).text("next", "order"))}
		}, 0, 0},
		{"another app", "add-authenticator", func(t *tenant) request {
			p := t.enrolled(eve)
			return t.changed("/authenticators", "totp", p.code(0), fields{"method": "totp"})
		}, 200, 0},
		{"mail besides the app", "add-authenticator", func(t *tenant) request {
			p := t.enrolled(eve)
			t.offers(org.TOTP, org.Email)
			return t.changed("/authenticators", "totp", p.code(0), fields{"method": "email"})
		}, 200, 0},
		{"mail confirmed", "confirm-authenticator", func(t *tenant) request {
			t.adding()
			return t.confirming("/authenticators", t.mailed(recoveryAddress(eve)))
		}, 200, 0},
		{"another name of an authenticator", "alter-authenticator", func(t *tenant) request {
			t.enrolled(eve)
			return request{key: t.app, method: http.MethodPatch, path: t.path("/users/eve/authenticators/a1b2c3d4e5f60718"), body: fields{"name": "Phone"}}
		}, 200, 0},
		{"another default", "alter-authenticator", func(t *tenant) request {
			t.mailing()
			return request{key: t.app, method: http.MethodPatch, path: t.path("/users/eve/authenticators/" + t.byMail()), body: fields{"default": true}}
		}, 200, 0},
		{"an authenticator removed", "remove-authenticator", func(t *tenant) request {
			p := t.mailing()
			return t.changed("/authenticators/"+t.byMail()+"/remove", "totp", p.code(user.SendInterval/2), nil)
		}, 204, 0},
		{"an authenticator removed with its devices", "remove-authenticator", func(t *tenant) request {
			p := t.mailing()
			t.idle(eve, 2)
			return t.changed("/authenticators/"+t.byMail()+"/remove", "totp", p.code(user.SendInterval/2), nil)
		}, 204, 0},
		{"a code for a fresh proof", "order-proof", func(t *tenant) request {
			t.mailing()
			return t.asked(t.path("/users/eve/proofs"), fields{"for": "renew_recovery_codes", "method": "email"})
		}, 200, 0},
		{"an order of a code by mail", "order-login-code", func(t *tenant) request {
			t.mailing()
			return t.asked("/v1/logins/codes", fields{"login": t.login(eve), "method": "email"})
		}, 200, 0},
		{"a code by mail", "answer-login", func(t *tenant) request {
			t.mailing()
			token := t.login(eve)
			t.call(t.app, "/v1/logins/codes", fields{"login": token, "method": "email"}).ok(t.t)
			return answerRequest(t, token, "email", t.mailed(recoveryAddress(eve)), "sample")
		}, 200, 0},
	}
}

func recoverySamples() []sample {
	return []sample{
		{"new recovery codes", "renew-recovery-codes", func(t *tenant) request {
			p := t.enrolled(eve)
			return t.changed("/recovery-codes", "totp", p.code(0), nil)
		}, 200, 0},
		{"new recovery codes by mail", "renew-recovery-codes", func(t *tenant) request {
			p := t.enrolled(eve)
			t.decree(func(p *org.Policy) { p.Recovery.MailCodes = true })
			return t.changed("/recovery-codes", "totp", p.code(0), nil)
		}, 200, 0},
		{"another recovery email", "change-recovery-email", func(t *tenant) request {
			p := t.enrolled(eve)
			return t.changed("/recovery-email", "totp", p.code(0), otherRecovery())
		}, 200, 0},
		{"another recovery email confirmed", "confirm-recovery-email", func(t *tenant) request {
			t.moving()
			return t.confirming("/recovery-email", t.mailed(newRecovery))
		}, 200, 0},
		{"the code once more", "resend-confirmation", func(t *tenant) request {
			t.moving()
			t.clock.Advance(user.SendInterval)
			return t.asked(t.path("/users/eve/confirmations/codes"), fields{"browser": fields{"address": "198.51.100.7"}})
		}, 200, 0},
		{"a bypass code", "make-bypass-code", func(t *tenant) request {
			t.enrolled(eve)
			r := t.asked(t.path("/users/eve/bypass-code"), fields{"reason": "phone at home"})
			r.key = t.admin
			return r
		}, 201, 1}, // another code, and its event
		{"a ticket", "make-ticket", func(t *tenant) request {
			t.asksFor(org.ProofTicket)
			t.login(eve)
			r := t.asked(t.path("/users/eve/ticket"), fields{"reason": "first day"})
			r.key = t.admin
			return r
		}, 201, 1}, // another code, and its event
		{"a ticket shown", "answer-enrollment", func(t *tenant) request {
			t.asksFor(org.ProofTicket)
			token := t.login(eve)
			ticket := t.call(t.admin, t.path("/users/eve/ticket"), fields{"reason": "first day"}).ok(t.t).text("ticket")
			t.call(t.app, "/v1/enrollments", fields{"login": token}).ok(t.t)
			return t.asked("/v1/enrollments/answers", fields{"login": token, "code": ticket})
		}, 409, 0}, // the step was taken
		{"a bypass code used", "answer-login", func(t *tenant) request {
			code := t.bypass()
			return answerRequest(t, t.login(eve), "bypass_code", code, "sample")
		}, 200, 0},
		{"a way back that is followed by an enrolment", "answer-login", func(t *tenant) request {
			t.enrolled(eve)
			t.decree(func(p *org.Policy) { p.Recovery.Reenroll = true })
			return answerRequest(t, t.login(eve), "recovery_code", t.recoveryCode(eve, 2), "sample")
		}, 200, 0},
		{"the first code of a new authenticator", "answer-enrollment", func(t *tenant) request {
			token, p := t.reenrolling()
			r := t.asked("/v1/enrollments/answers", fields{"login": token, "code": p.code(0)})
			r.idempotency = "sample"
			return r
		}, 200, 0},
	}
}

// asksFor lets the policy ask for a proof.
func (t *tenant) asksFor(p org.Proof) {
	t.t.Helper()
	t.decree(func(policy *org.Policy) { policy.EnrollmentProof = p })
}

// bypass makes an enrolled user a code, and gives it.
func (t *tenant) bypass() string {
	t.t.Helper()
	t.enrolled(eve)
	return t.call(t.admin, t.path("/users/eve/bypass-code"), fields{"reason": "phone at home"}).ok(t.t).text("bypass_code")
}

// reenrolling takes an enrolled user back in, where the policy wants an enrolment after that, to the last step of it.
func (t *tenant) reenrolling() (token string, p phone) {
	t.t.Helper()
	t.enrolled(eve)
	t.idle(eve, 2)
	t.decree(func(p *org.Policy) { p.Recovery.Reenroll = true })
	token = t.answer(t.login(eve), "recovery_code", t.recoveryCode(eve, 2)).ok(t.t).text("login")
	t.call(t.app, "/v1/enrollments", fields{"login": token}).ok(t.t)
	setup := t.step(token, fields{"method": "totp"}).ok(t.t)
	return token, phone{t.clock.Now, setup.at("next", "setup", "secret").(string)}
}
