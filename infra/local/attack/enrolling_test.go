package attack_test

import (
	"slices"
	"testing"
	"time"
)

// The steps of an enrolment, in order.
const (
	atProve = iota
	atRecoveryEmail
	atVerifyRecovery
	atChoose
	atConfirm
)

// enrolling is an enrolment under way.
type enrolling struct {
	*tenant
	user  string
	token string
	phone phone // from atConfirm on
}

// enrolling takes a new user's enrolment to a step.
func (t *tenant) enrolling(id string, to int) *enrolling {
	t.t.Helper()
	e := &enrolling{tenant: t, user: id, token: t.login(id)}
	t.call(t.app, "/v1/enrollments", fields{"login": e.token}).ok(t.t)
	if to > atProve {
		t.step(e.token, fields{"code": t.mailed(loginAddress(id))}).ok(t.t)
	}
	if to > atRecoveryEmail {
		e.nameRecovery(recoveryAddress(id)).ok(t.t)
	}
	if to > atVerifyRecovery {
		t.step(e.token, fields{"code": t.mailed(recoveryAddress(id))}).ok(t.t)
	}
	if to > atChoose {
		shown := t.step(e.token, fields{"method": "totp"}).ok(t.t)
		e.phone = phone{t.clock.Now, shown.text("next", "setup", "secret")}
	}
	return e
}

func (e *enrolling) nameRecovery(address string) reply {
	e.t.Helper()
	return e.step(e.token, fields{"recovery_email": address, "recovery_email_again": address})
}

// Every step but the right one is refused, says which one it is, and changes nothing.
func TestStepsAreNotSkippedRepeatedOrReordered(t *testing.T) {
	ten := newProduct(t).tenant()
	answers := []fields{
		{"code": "00000000"}, {"recovery_email": "x@home.example", "recovery_email_again": "x@home.example"}, {"method": "totp"},
	}
	fits := [][]int{{0}, {1}, {0, 1}, {2}, {0, 2}} // which of the answers each step takes
	names := []string{"prove", "recovery_email", "verify_recovery", "choose_method", "confirm"}
	for at, name := range names {
		e := ten.in(t).enrolling("user-"+name, at)
		before := ten.dump()
		for i, answer := range answers {
			if slices.Contains(fits[at], i) {
				continue
			}
			r := e.step(e.token, answer).want(t, 409, "wrong_step")
			if r.text("decision", "next", "do") != name {
				t.Errorf("at %s: told to do %q", name, r.text("decision", "next", "do"))
			}
			if r.at("decision", "next", "setup") != nil {
				t.Errorf("at %s: the refusal shows a secret", name)
			}
		}
		ten.in(t).unchanged(before)
	}
}

// A code that was right for its step is good for nothing afterwards.
func TestCodesOfAStepAreNotUsedAgain(t *testing.T) {
	ten := newProduct(t).tenant()
	e := ten.enrolling("eve", atProve)
	proof := ten.mailed(loginAddress("eve"))
	e.step(e.token, fields{"code": proof}).ok(t)
	e.step(e.token, fields{"code": proof}).want(t, 409, "wrong_step")
	e.nameRecovery(recoveryAddress("eve")).ok(t)
	e.step(e.token, fields{"code": proof}).want(t, 422, "code_refused")
}

// The proof belongs to the login that gave it: a thief with the password cannot wait for the owner to pass it.
func TestALaterLoginGivesTheProofAnew(t *testing.T) {
	ten := newProduct(t).tenant()
	owner := ten.enrolling("eve", atConfirm)
	thief := ten.login("eve")
	r := ten.call(ten.app, "/v1/enrollments", fields{"login": thief}).ok(t)
	if r.text("next", "do") != "prove" {
		t.Errorf("the later login is told to do %q", r.text("next", "do"))
	}
	ten.step(thief, fields{"method": "totp"}).want(t, 409, "wrong_step")
	// The owner begins again, rather than finish what the thief might have touched.
	if r := ten.step(owner.token, fields{"code": owner.phone.code(0)}); r.status < 400 || ten.factors("eve").Enrolled() {
		t.Errorf("the older enrolment went on: %d", r.status)
	}
}

func TestARecoveryAddressNamedAnewVoidsTheCodeThatIsOut(t *testing.T) {
	ten := newProduct(t).tenant()
	e := ten.enrolling("eve", atVerifyRecovery)
	first := ten.mailed(recoveryAddress("eve"))
	e.nameRecovery("other@home.example").ok(t)
	e.step(e.token, fields{"code": first}).want(t, 422, "code_refused")
	if ten.failures("eve") != 1 {
		t.Errorf("%d failures are counted, want 1", ten.failures("eve"))
	}
	// Back to the first address: its old code stays void.
	e.nameRecovery(recoveryAddress("eve")).ok(t)
	second := ten.mailed(recoveryAddress("eve"))
	e.step(e.token, fields{"code": first}).want(t, 422, "code_refused")
	e.step(e.token, fields{"code": second}).ok(t)
}

// A code in the queue when the address changes goes nowhere: neither to the old address nor to the new.
func TestACodeForAnAddressThatChangedIsNotSent(t *testing.T) {
	ten := newProduct(t).tenant()
	e := ten.enrolling("eve", atRecoveryEmail)
	e.nameRecovery("first@home.example").ok(t)
	queued := ten.orders()
	e.nameRecovery("second@home.example").ok(t)
	ten.deliver(queued)
	if to := ten.told("code-recovery"); !slices.Equal(to, []string{"second@home.example"}) {
		t.Errorf("codes went to %v", to)
	}
}

func TestAnUnverifiedRecoveryAddressNeverGetsARecoveryCode(t *testing.T) {
	ten := newProduct(t).tenant()
	ten.enrolling("eve", atVerifyRecovery)
	token := ten.login("eve")
	ten.call(ten.app, "/v1/logins/codes", fields{"login": token, "method": "recovery_email"}).want(t, 409, "decision_changed")
	r := ten.call(ten.app, "/v1/enrollments", fields{"login": token})
	if r.status == 429 { // the proof was mailed a moment ago
		ten.clock.Advance(time.Minute)
		r = ten.call(ten.app, "/v1/enrollments", fields{"login": token})
	}
	r.ok(t)
	ten.step(token, fields{"code": ten.mailed(loginAddress("eve"))}).ok(t)
	r = ten.call(ten.app, "/v1/enrollments", fields{"login": token}).ok(t)
	if r.text("next", "do") != "recovery_email" {
		t.Errorf("an address that nobody verified was kept: next is %q", r.text("next", "do"))
	}
	if to := ten.told("code-recover"); slices.Contains(to, loginAddress("eve")) {
		t.Errorf("recovery codes went to %v", to)
	}
	for _, m := range ten.outbox.sent {
		if m.Tag == "code-recover" {
			t.Error("a recovery code was mailed for a user who is not enrolled")
		}
	}
}

func TestAnEnrolledUserCannotEnrolAnewWithALoginToken(t *testing.T) {
	ten := newProduct(t).tenant()
	early := ten.login("eve") // begun while there was no second factor
	e := ten.enrolling("eve", atConfirm)
	e.step(e.token, fields{"code": e.phone.code(0)}).ok(t)
	before := ten.dump()
	for name, token := range map[string]string{"begun before": early, "its own": e.token, "begun after": ten.login("eve")} {
		for _, body := range []fields{{"method": "totp"}, {"code": "00000000"}, {"code": e.phone.wrong()}} {
			if r := ten.step(token, body); r.status != 409 || r.code() != "already_enrolled" {
				t.Errorf("the login %s: answered %d %s", name, r.status, r.code())
			}
		}
		ten.call(ten.app, "/v1/enrollments", fields{"login": token}).want(t, 409, "already_enrolled")
		ten.call(ten.app, "/v1/enrollments", fields{"login": token, "resend": true}).want(t, 409, "already_enrolled")
	}
	ten.unchanged(before)
}

func TestAPendingSecretLetsNobodyIn(t *testing.T) {
	ten := newProduct(t).tenant()
	ten.decree(forced)
	e := ten.enrolling("eve", atConfirm)
	ten.answer(e.token, "totp", e.phone.code(0)).want(t, 409, "decision_changed")
	if s := ten.begin("eve").text("status"); s != "enroll" {
		t.Errorf("a user with a pending authenticator is told %q", s)
	}
}
