package attack_test

import (
	"testing"
	"time"

	"twofold/pkg/org"
)

func TestACodeOfOneLoginIsNotUsedOnAnother(t *testing.T) {
	ten := newProduct(t).tenant()
	ten.enrolled("eve")
	mine, other := ten.login("eve"), ten.login("eve")
	ten.call(ten.app, "/v1/logins/codes", fields{"login": mine, "method": "recovery_email"}).ok(t)
	code := ten.mailed(recoveryAddress("eve"))
	ten.answer(other, "recovery_email", code).want(t, 422, "code_refused")
	ten.answer(mine, "recovery_email", code).ok(t)
	ten.answer(mine, "recovery_email", code).want(t, 422, "code_refused")
}

// A code is for one purpose: the proof of an enrolment verifies no address, and the other way round.
func TestACodeOfOnePurposeIsNotUsedForAnother(t *testing.T) {
	ten := newProduct(t).tenant()
	e := ten.enrolling("eve", atProve)
	proof := ten.mailed(loginAddress("eve"))
	ten.answer(e.token, "recovery_email", proof).want(t, 409, "decision_changed")
	e.step(e.token, fields{"code": proof}).ok(t)
	e.nameRecovery(recoveryAddress("eve")).ok(t)
	e.step(e.token, fields{"code": proof}).want(t, 422, "code_refused")
}

func TestACodeOfOneUserIsNotUsedForAnother(t *testing.T) {
	ten := newProduct(t).tenant()
	p := ten.enrolled("eve")
	ten.enrolled("mallory")
	ten.answer(ten.login("mallory"), "totp", p.code(0)).want(t, 422, "code_refused")
	ten.answer(ten.login("mallory"), "recovery_code", ten.recoveryCode("eve", 0)).want(t, 422, "code_refused")
}

func TestALoginIsForOneApplication(t *testing.T) {
	ten := newProduct(t).tenant()
	p := ten.enrolled("eve")
	r := answerRequest(ten, ten.login("eve"), "totp", p.code(0), "key-1")
	r.key = ten.app2
	ten.send(r).want(t, 422, "login_invalid")
}

func TestALoginExpires(t *testing.T) {
	ten := newProduct(t).tenant()
	p, token := ten.enrolled("eve"), ten.login("eve")
	ten.clock.Advance(10 * time.Minute)
	ten.answer(token, "totp", p.code(0)).want(t, 409, "login_ended")
	ten.call(ten.app, "/v1/logins/codes", fields{"login": token, "method": "recovery_email"}).want(t, 409, "login_ended")
}

func TestAForgedLoginIsRefused(t *testing.T) {
	ten := newProduct(t).tenant()
	p, token := ten.enrolled("eve"), []byte(ten.login("eve"))
	token[len(token)/2] ^= 1
	for _, forged := range []string{string(token), "e30", "x.y.z"} {
		ten.answer(forged, "totp", p.code(0)).want(t, 422, "login_invalid")
	}
}

// The policy moves between the challenge and the answer: the decision is made again.
func TestTheAnswerIsJudgedByThePolicyThatStands(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(*org.Policy)
		way    string
		status int
		code   string
	}{
		{"forced: the method is still allowed", forced, "totp", 200, ""},
		{"disabled", func(p *org.Policy) { p.Status = org.Disabled }, "totp", 409, "decision_changed"},
		{"method removed", func(p *org.Policy) { p.Methods = []org.Method{org.Email} }, "totp", 409, "decision_changed"},
		{"mailed recovery closed", func(p *org.Policy) { p.Recovery.MailedCode = false }, "recovery_email", 422, "way_not_open"},
		{"saved recovery closed", func(p *org.Policy) { p.Recovery.SavedCodes = false }, "recovery_code", 422, "way_not_open"},
	} {
		t.Run(c.name, func(t *testing.T) {
			ten := newProduct(t).tenant()
			p, token := ten.enrolled("eve"), ten.login("eve")
			code := map[string]string{"totp": p.code(0), "recovery_code": ten.recoveryCode("eve", 0)}[c.way]
			if c.way == "recovery_email" {
				ten.call(ten.app, "/v1/logins/codes", fields{"login": token, "method": c.way}).ok(t)
				code = ten.mailed(recoveryAddress("eve"))
			}
			ten.decree(c.change)
			before := ten.dump()
			r := ten.answer(token, c.way, code).want(t, c.status, c.code)
			if c.status != 200 {
				ten.unchanged(before)
			}
			if c.code == "decision_changed" && r.at("decision", "policy_version") != 2.0 {
				t.Errorf("the new decision names version %v", r.at("decision", "policy_version"))
			}
		})
	}
}

// A method that a forced policy no longer allows lets nobody in, in whatever login.
func TestAForbiddenMethodProvesNothingWhereAnotherIsForced(t *testing.T) {
	ten := newProduct(t).tenant()
	p := ten.enrolled("eve")
	ten.decree(func(p *org.Policy) { p.Status, p.Methods = org.Forced, []org.Method{org.Email} })
	if r := ten.answer(ten.login("eve"), "totp", p.code(0)).ok(t); r.text("status") != "enroll" || r.at("assertion") != nil {
		t.Errorf("answered %s: let in", r.text("status"))
	}
}

func TestForcingTakesEffectOnTheNextCall(t *testing.T) {
	ten := newProduct(t).tenant()
	r := ten.begin("eve").ok(t)
	if r.text("status") != "complete" || r.at("assertion") != nil {
		t.Fatalf("nobody is obliged yet: %s", r.text("status"))
	}
	older := r.text("login")
	ten.decree(forced)
	if s := ten.begin("eve").text("status"); s != "enroll" {
		t.Errorf("the next login is told %q", s)
	}
	r = ten.call(ten.app, "/v1/enrollments", fields{"login": older}).ok(t)
	if r.text("status") != "enroll" || r.at("policy_version") != 2.0 {
		t.Errorf("the older login is told %q, version %v", r.text("status"), r.at("policy_version"))
	}
	ten.answer(older, "totp", "000000").want(t, 409, "decision_changed")
}

func TestWithdrawingTheEntitlementStopsAnswers(t *testing.T) {
	ten := newProduct(t).tenant()
	p, token := ten.enrolled("eve"), ten.login("eve")
	ten.send(request{key: ten.system, method: "PUT", path: ten.path(""), body: fields{
		"name": "Acme", "entitlements": fields{"two_factor": false},
	}}).ok(t)
	ten.answer(token, "totp", p.code(0)).want(t, 409, "decision_changed")
}

func TestTheAccountPasswordAloneIsRefusedForMail(t *testing.T) {
	ten := newProduct(t).tenant()
	ten.enrolled("eve")
	imap := fields{"organization": ten.id, "user": "eve", "email": loginAddress("eve"), "nonce": "nonce-imap", "service": "imap"}
	r := ten.call(ten.app, "/v1/logins", imap).ok(t)
	if r.text("status") != "denied" || r.at("next") != nil {
		t.Errorf("an enrolled user's mail client is told %q", r.text("status"))
	}
	ten.decree(forced)
	imap["user"], imap["email"] = "new", loginAddress("new")
	if s := ten.call(ten.app, "/v1/logins", imap).ok(t).text("status"); s != "denied" {
		t.Errorf("an obliged user's mail client is told %q", s)
	}
}

// What a client says of the time, of its proof or of the policy is not even accepted.
func TestClaimsOfTheClientAreNoFields(t *testing.T) {
	ten := newProduct(t).tenant()
	p := ten.enrolled("eve")
	token := ten.login("eve")
	for _, name := range []string{"time", "now", "verified", "policy_version", "step", "attempts", "role", "epoch"} {
		r := ten.call(ten.app, "/v1/logins/answers", fields{"login": token, "code": p.code(0), name: 1})
		r.want(t, 400, "unknown_field")
		begin := fields{"organization": ten.id, "user": "eve", "email": loginAddress("eve"), "nonce": "nonce-0001", name: true}
		ten.call(ten.app, "/v1/logins", begin).want(t, 400, "unknown_field")
	}
	if n := ten.failures("eve"); n != 0 {
		t.Errorf("%d failures are counted", n)
	}
}

// The address that registered a user stands: a later login cannot move the codes elsewhere.
func TestALaterLoginDoesNotChangeTheAddress(t *testing.T) {
	ten := newProduct(t).tenant()
	ten.begin("eve").ok(t)
	r := ten.call(ten.app, "/v1/logins", fields{
		"organization": ten.id, "user": "eve", "email": "thief@elsewhere.example", "nonce": "nonce-0001",
	}).ok(t)
	ten.call(ten.app, "/v1/enrollments", fields{"login": r.text("login")}).ok(t)
	for _, to := range ten.told("code-") {
		if to != loginAddress("eve") {
			t.Errorf("a code went to %s", to)
		}
	}
}
