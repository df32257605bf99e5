package attack_test

import (
	"fmt"
	"testing"

	"twofold/pkg/login"
	"twofold/pkg/sign"
)

// believed is the assertion of a reply, as the application's own verifier reads it.
func (t *tenant) believed(r reply, id, nonce string) login.Assertion {
	t.t.Helper()
	v, err := sign.NewVerifier(t.signer.JWKS(), issuer, "crm")
	t.must(err)
	a, err := v.Verify(r.text("assertion"), sign.Expected{Organization: t.id, User: id, Nonce: nonce}, t.clock.Now())
	t.must(err)
	return a
}

// begun is a login with a nonce.
func (t *tenant) begun(id, nonce string) string {
	t.t.Helper()
	return t.call(t.app, "/v1/logins", fields{
		"organization": t.id, "user": id, "email": loginAddress(id), "nonce": nonce,
	}).ok(t.t).text("login")
}

// codesOf are a right code for every way of answering the login.
func (t *tenant) codesOf(token string, p phone) map[string]string {
	t.t.Helper()
	t.call(t.app, "/v1/logins/codes", fields{"login": token, "method": "recovery_email"}).ok(t.t)
	return map[string]string{"totp": p.code(0), "recovery_email": t.mailed(recoveryAddress(eve)), "recovery_code": t.recoveryCode(eve, 0)}
}

func TestARetryWithTheSameKeyGetsTheSameClaims(t *testing.T) {
	for _, way := range []string{"totp", "recovery_email", "recovery_code"} {
		t.Run(way, func(t *testing.T) {
			ten := newProduct(t).tenant()
			p := ten.enrolled(eve)
			token := ten.begun(eve, "nonce-mine")
			code := ten.codesOf(token, p)[way]
			first := ten.believed(ten.answerAs(token, way, code, "mine").ok(t), eve, "nonce-mine")
			before := ten.dump()
			again := ten.believed(ten.answerAs(token, way, code, "mine").ok(t), eve, "nonce-mine")
			if fmt.Sprint(first) != fmt.Sprint(again) {
				t.Errorf("the retry claims %+v, the first %+v", again, first)
			}
			ten.unchanged(before)
			ten.answerAs(token, way, code, "other").want(t, 422, "code_refused")
			ten.answerAs(token, way, code, "").want(t, 422, "code_refused")
			ten.answerAs(ten.begun(eve, "nonce-other"), way, code, "mine").want(t, 422, "code_refused")
			if n := ten.failures(eve); n != 3 {
				t.Errorf("%d failures are counted, want 3", n)
			}
		})
	}
}

func TestWithoutAKeyThereIsNoRetry(t *testing.T) {
	ten := newProduct(t).tenant()
	p := ten.enrolled(eve)
	token := ten.login(eve)
	ten.answerAs(token, "totp", p.code(0), "").ok(t)
	ten.answerAs(token, "totp", p.code(0), "").want(t, 422, "code_refused")
	ten.answerAs(token, "totp", p.code(0), "late").want(t, 422, "code_refused")
}

// The signing key fails after the code was used up: the code is not lost with it.
func TestTheAssertionSurvivesAFailureToSign(t *testing.T) {
	for _, way := range []string{"totp", "recovery_email", "recovery_code"} {
		t.Run(way, func(t *testing.T) {
			ten := newProduct(t).tenant()
			p := ten.enrolled(eve)
			token := ten.begun(eve, "nonce-mine")
			code := ten.codesOf(token, p)[way]
			ten.signer.down.Store(true)
			ten.answerAs(token, way, code, "mine").want(t, 503, "unavailable")
			ten.answerAs(token, way, code, "mine").want(t, 503, "unavailable")
			ten.signer.down.Store(false)
			ten.answerAs(token, way, code, "thief").want(t, 422, "code_refused")
			a := ten.believed(ten.answerAs(token, way, code, "mine").ok(t), eve, "nonce-mine")
			if a.Subject != eve || a.Organization != ten.id {
				t.Errorf("the assertion is for %s of %s", a.Subject, a.Organization)
			}
		})
	}
}

func TestACompletedEnrolmentSurvivesAFailureToSign(t *testing.T) {
	ten := newProduct(t).tenant()
	e := ten.enrolling(eve, atConfirm)
	r := ten.asked("/v1/enrollments/answers", fields{"login": e.token, "code": e.phone.code(0)})
	r.idempotency = "mine"
	ten.signer.down.Store(true)
	ten.send(r).want(t, 503, "unavailable")
	ten.signer.down.Store(false)
	first, again := ten.send(r).ok(t), ten.send(r).ok(t)
	if fmt.Sprint(first.at("recovery_codes")) != fmt.Sprint(again.at("recovery_codes")) || len(first.at("recovery_codes").([]any)) != 10 {
		t.Error("the retries show other recovery codes")
	}
	r.idempotency = "thief"
	if got := ten.send(r).want(t, 409, "already_enrolled"); got.at("recovery_codes") != nil {
		t.Error("somebody else's retry shows recovery codes")
	}
}

// What a reset or a switch-off has ended is not brought back by a retry.
func TestNothingIssuedBeforeOutlivesAResetOrASwitchOff(t *testing.T) {
	for name, end := range map[string]func(t *tenant, p phone) reply{
		"a reset": func(t *tenant, _ phone) reply {
			return t.call(t.admin, t.path("/users/eve/reset"), fields{"reason": "phone lost"})
		},
		"a switch-off": func(t *tenant, p phone) reply {
			return t.call(t.app, t.path("/users/eve/disable"), fields{"proof": fields{"code": p.code(30e9)}})
		},
	} {
		t.Run(name, func(t *testing.T) {
			ten := newProduct(t).tenant()
			p := ten.enrolled(eve)
			token, other := ten.login(eve), ten.login(eve)
			codes := ten.codesOf(token, p)
			ten.answerAs(token, "totp", codes["totp"], "mine").ok(t)
			end(ten, p).ok(t)
			before := ten.dump()
			ten.answerAs(token, "totp", codes["totp"], "mine").want(t, 409, "login_ended")
			for way, code := range codes {
				ten.answer(token, way, code).want(t, 409, "login_ended")
				ten.answer(other, way, code).want(t, 409, "login_ended")
				if r := ten.answer(ten.login(eve), way, code); r.status < 400 {
					t.Errorf("%s: a code from before lets in through a new login", way)
				}
			}
			ten.call(ten.app, "/v1/enrollments", fields{"login": token}).want(t, 409, "login_ended")
			ten.call(ten.app, "/v1/logins/codes", fields{"login": token, "method": "recovery_email"}).want(t, 409, "login_ended")
			ten.unchanged(before)
		})
	}
}
