package attack_test

import (
	"net/http"

	"twofold/pkg/login"
	"twofold/pkg/seal"
)

const returnAddress = "https://shop.example/back"

// returns gives the application a return address.
func (t *tenant) returns() {
	t.t.Helper()
	t.send(request{key: t.admin, method: http.MethodPut, path: t.path("/applications/crm"), body: fields{
		"name": "CRM", "return_addresses": []string{returnAddress},
	}}).ok(t.t)
}

// hosted begins a login of eve's that goes on in a page.
func (t *tenant) hosted() request {
	t.t.Helper()
	t.returns()
	return t.asked("/v1/logins", fields{
		"organization": t.id, "user": eve, "email": loginAddress(eve), "nonce": "nonce-hosted", "return_to": returnAddress, "state": "state-1",
	})
}

// returned is what a page would send the browser back with, once eve has given a right code, in a browser that is trusted if the policy
// remembers.
func (t *tenant) returned(p phone) string {
	t.t.Helper()
	begun := t.send(t.hosted()).ok(t.t).text("login")
	trusted := t.send(t.remembered(begun, "totp", p.code(0), "hosted")).ok(t.t).text("device_token") != ""
	tokens := t.rings[seal.Sign]
	l, err := login.Parse(tokens, begun)
	t.must(err)
	proven := t.factors(eve).Successes
	code, err := login.Return{
		Login: l, Success: proven[len(proven)-1].ID, At: t.clock.Now(), Trusted: trusted,
	}.Code(tokens)
	t.must(err)
	return code
}

// exchanging is a return code with the nonce of its login.
func (t *tenant) exchanging(code string) request {
	r := t.asked("/v1/logins/exchanges", fields{"code": code, "nonce": "nonce-hosted"})
	r.idempotency = "sample"
	return r
}

func hostedSamples() []sample {
	return []sample{
		{"a login that goes on in a page", "begin-login", func(t *tenant) request {
			t.enrolled(eve)
			return t.hosted()
		}, 200, 0},
		{"a page of a user's own", "open-account-page", func(t *tenant) request {
			t.enrolled(eve)
			t.returns()
			return t.asked(t.path("/users/eve/pages"), fields{"return_to": returnAddress})
		}, 200, 0},
		{"a return code", "exchange-return-code", func(t *tenant) request {
			return t.exchanging(t.returned(t.enrolled(eve)))
		}, 200, 0},
		{"a return code of a browser that is trusted", "exchange-return-code", func(t *tenant) request {
			p := t.enrolled(eve)
			t.remembers(30)
			return t.exchanging(t.returned(p))
		}, 200, 0},
	}
}
