package attack_test

import (
	"net/http"

	"twofold/pkg/org"
	"twofold/pkg/people"
)

// linked makes an administrator a user with an authenticator, past all rules.
func (t *tenant) linked(administrator, id string) phone {
	t.t.Helper()
	p := t.enrolled(id)
	t.links(administrator, id)
	return p
}

func (t *tenant) links(administrator, id string) {
	t.t.Helper()
	a, err := t.store.Administrator(t.t.Context(), t.id, administrator)
	t.must(err)
	a.User, a.Rev = id, a.Rev+1
	t.must(t.store.WritePeople(t.t.Context(), people.Change{Administrators: []org.Administrator{*a}}))
}

// proving confirms a change below a path by an authenticator's code.
func (t *tenant) proving(path, change, code string) request {
	return t.direct(http.MethodPost, path+"/changes/"+change+"/confirm", fields{"method": "totp", "code": code})
}

// proven links ann, proposes as she, and gives the request that confirms by her authenticator. A proposal that is listed where its things are
// is made at another path than it is confirmed below.
func (t *tenant) proven(to, path string, body fields) request {
	t.t.Helper()
	p := t.linked("ann", eve)
	r := t.direct(http.MethodPost, to, body)
	r.ifMatch = ifPolicy(path)
	change := t.send(r).ok(t.t).text("id")
	t.post() // the mail went out all the same
	return t.proving(path, change, p.code(0))
}

func ifPolicy(path string) string {
	if path == "/policy" {
		return `"1"`
	}
	return ""
}

func proofSamples() []sample {
	by := func(to, path string, body func() fields) func(t *tenant) request {
		return func(t *tenant) request { return t.proven(to, path, body()) }
	}
	return []sample{
		{"a policy by the authenticator", "confirm-policy-change", by("/policy/changes", "/policy", forcing), 200, 0},
		{"an allowance by the authenticator", "confirm-allowance-change", by("/allowances/changes", "/allowances", func() fields {
			return fields{"users": 40, "reason": "phones were stolen"}
		}), 200, 0},
		{"a key by the authenticator", "confirm-key", by("/keys", "/keys", func() fields { return fields{"application": "crm"} }), 409, 0},
		{"an administrator by the authenticator", "confirm-administrator", by("/administrators", "/administrators", bea), 200, 0},
		{"oneself by the authenticator", "confirm-self", by("/self/changes", "/self", func() fields { return fields{"name": "Ann", "user": ""} }), 200, 0},
		{"a guess at a confirmation, and then the code", "confirm-key", func(t *tenant) request {
			r := t.proven("/keys", "/keys", fields{"application": "crm"})
			guess := r
			guess.body = fields{"method": "totp", "code": notOf(6, r.body.(fields)["code"].(string))}
			t.send(guess).want(t.t, 422, "code_refused")
			return r
		}, 409, 0},
		{"forcing what one has not", "propose-policy", func(t *tenant) request {
			t.links("ann", "nobody")
			body := forcing()
			body["acknowledge_not_enrolled"] = true
			return t.proposing(t.admin, body)
		}, 201, 0},
	}
}
