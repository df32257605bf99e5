package attack_test

import (
	"testing"

	"twofold/pkg/access"
)

// What is wrong with a token or a code is told only to a key that may ask.
func TestTheKeyIsJudgedBeforeTheForm(t *testing.T) {
	ten := newProduct(t).tenant()
	_, unknown := access.NewKey(access.Application, ten.clock.Now())
	p, token := ten.enrolled("eve"), ten.login("eve")
	for path, body := range map[string]fields{
		"/v1/logins/codes":        {"login": "e30", "method": "recovery_email"},
		"/v1/enrollments":         {"login": "e30"},
		"/v1/enrollments/answers": {"login": "e30", "code": p.code(0)},
	} {
		ten.call(unknown, path, body).want(t, 401, "unauthenticated")
		ten.call(ten.admin, path, body).want(t, 403, "role_forbidden")
		ten.call(ten.app, path, body).want(t, 422, "login_invalid")
	}
	malformed := fields{"login": token, "code": "not a code"}
	ten.call(unknown, "/v1/logins/answers", malformed).want(t, 401, "unauthenticated")
	ten.call(ten.admin, "/v1/logins/answers", malformed).want(t, 403, "role_forbidden")
	ten.call(ten.app, "/v1/logins/answers", malformed).want(t, 422, "code_malformed")
}
