package attack_test

import (
	"testing"

	"twofold/pkg/access"
	"twofold/pkg/factor"
	"twofold/pkg/org"
	"twofold/pkg/policy"
	"twofold/pkg/seal"
	"twofold/pkg/user"
)

const (
	number      = "+491701234567"
	otherNumber = "+436641234567"
)

// texts lets the organisation send SMS to Germany and Austria, and its users choose that.
func (t *tenant) texts() {
	t.t.Helper()
	_, o, err := t.store.ReadOrganization(t.t.Context(), access.Credential{ID: "none"}, t.id)
	t.must(err)
	o.Rev++
	o.Entitlements.SMS, o.Entitlements.SMSCountries = true, "AT,DE"
	o.Policy.Version++
	o.Policy.Methods = []org.Method{org.TOTP, org.SMS}
	t.must(t.store.WriteOrganization(t.t.Context(), t.id, policy.Change{Organization: o}))
}

// phoned writes a user with an app, recovery codes, and numbers that SMS go to; their ids are phone ids in order.
func (t *tenant) phoned(id string, numbers ...string) phone {
	t.t.Helper()
	p := t.enrolled(id)
	f, codes := t.factors(id).Next(), t.rings[seal.Codes]
	for i, n := range numbers {
		a := user.Authenticator{ID: phoneID(i), Method: org.SMS, Country: country(n), CreatedAt: t.clock.Now()}
		var err error
		a.Secret, err = t.rings[seal.Contacts].Seal([]byte(n), user.PhoneUse(t.id, id, a.ID))
		t.must(err)
		a.Digest, err = factor.AddressDigest(codes, codes.PRFKeyID(), n)
		t.must(err)
		f.Authenticators = append(f.Authenticators, a)
	}
	t.must(t.store.Write(t.t.Context(), user.Change{Factors: &f}))
	return p
}

func phoneID(i int) string { return "b1b2c3d4e5f6071" + string(rune('0'+i)) }

func country(n string) string {
	if n[:3] == "+43" {
		return "AT"
	}
	return "DE"
}

// ordering asks for a code by SMS, to the number of an id where one is named.
func (t *tenant) ordering(token, authenticator string) request {
	t.t.Helper()
	body := fields{"login": token, "method": "sms"}
	if authenticator != "" {
		body["authenticator"] = authenticator
	}
	return t.asked("/v1/logins/codes", body)
}

// texted is an enrolment under way that has sent a code to a number.
func (t *tenant) texted() *enrolling {
	t.t.Helper()
	t.texts()
	e := t.enrolling("new", atChoose)
	t.step(e.token, fields{"method": "sms", "phone": number}).ok(t.t)
	return e
}

func smsSamples() []sample {
	return []sample{
		{"a number besides the app", "add-authenticator", func(t *tenant) request {
			t.texts()
			p := t.enrolled(eve)
			return t.changed("/authenticators", "totp", p.code(0), fields{"method": "sms", "phone": "+49 170 1234567"})
		}, 200, 0},
		{"a number confirmed", "confirm-authenticator", func(t *tenant) request {
			t.texts()
			p := t.enrolled(eve)
			t.send(t.changed("/authenticators", "totp", p.code(0), fields{"method": "sms", "phone": number})).ok(t.t)
			return t.confirming("/authenticators", t.mailed(number))
		}, 200, 0},
		{"the code to a number once more", "resend-confirmation", func(t *tenant) request {
			t.texts()
			p := t.enrolled(eve)
			t.send(t.changed("/authenticators", "totp", p.code(0), fields{"method": "sms", "phone": number})).ok(t.t)
			t.clock.Advance(user.SendInterval)
			return t.asked(t.path("/users/eve/confirmations/codes"), fields{"browser": fields{"address": "198.51.100.7"}})
		}, 200, 0},
		{"a proof by SMS", "order-proof", func(t *tenant) request {
			t.texts()
			t.phoned(eve, number, otherNumber)
			return t.asked(t.path("/users/eve/proofs"), fields{"for": "renew_recovery_codes", "method": "sms", "authenticator": phoneID(1)})
		}, 200, 0},
		{"an order of a code by SMS", "order-login-code", func(t *tenant) request {
			t.texts()
			t.phoned(eve, number, otherNumber)
			return t.ordering(t.login(eve), phoneID(1))
		}, 200, 0},
		{"a code by SMS", "answer-login", func(t *tenant) request {
			t.texts()
			t.phoned(eve, number)
			token := t.login(eve)
			t.send(t.ordering(token, "")).ok(t.t)
			return answerRequest(t, token, "sms", t.mailed(number), "sample")
		}, 200, 0},
		{"a number chosen", "answer-enrollment", func(t *tenant) request {
			t.texts()
			e := t.enrolling("new", atChoose)
			r := t.asked("/v1/enrollments/answers", fields{"login": e.token, "method": "sms", "phone": number})
			r.idempotency = "sample"
			return r
		}, 200, 0},
		{"the first code by SMS", "answer-enrollment", func(t *tenant) request {
			e := t.texted()
			r := t.asked("/v1/enrollments/answers", fields{"login": e.token, "code": t.mailed(number)})
			r.idempotency = "sample"
			return r
		}, 200, 0},
	}
}

// The samples' numbers are what they are taken for.
func TestNumbersOfSamples(t *testing.T) {
	if country(number) != "DE" || country(otherNumber) != "AT" || phoneID(0) == phoneID(1) {
		t.Error("the samples mean something else")
	}
}
