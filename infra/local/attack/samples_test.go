package attack_test

import (
	"net/http"
	"slices"
	"testing"

	"twofold/pkg/factor"
	"twofold/pkg/httpapi"
	"twofold/pkg/user"
)

// sample is a good request of one operation, or of one step of it.
type sample struct {
	name      string
	operation string                  // its id in the OpenAPI document
	make      func(t *tenant) request // brings about what the request needs
	repeated  int                     // the status of a repetition, where the first try was done and the reply lost; 0: it only reads
	again     int                     // items that the repetition adds
}

// renews reports whether a repetition that follows a lost reply writes the same items once more: what is chosen or typed
// again replaces the pending one, and a reset asked for twice is two, as is a password that changed.
func (s sample) renews() bool {
	return s.name == "a recovery address" || s.name == "a method" || s.name == "a number chosen" || s.name == "a reset" || s.name == "a reset of somebody with app passwords" || s.name == "a changed password"
}

// user of the samples.
const eve = "eve"

// samples are one or more of every operation; a test holds them to the document.
func samples() []sample {
	return slices.Concat(loginSamples(), hostedSamples(), deviceSamples(), authenticatorSamples(), smsSamples(), recoverySamples(), appPasswordSamples(), enrollmentSamples(), userSamples(), accountSamples(), importSamples(), enforcementSamples(), organizationSamples(), entitlementsSamples(), allowanceSamples(), policySamples(), senderSamples(), webhookSamples(), brandingSamples(), keySamples(), peopleSamples(), impersonationSamples(), selfSamples(), proofSamples(), exportSamples(), announcementSamples(), auditLogSamples(), vendorApplicationSamples(), vendorKeySamples(), colleagueSamples(), readSamples())
}

func (t *tenant) asked(path string, body fields) request {
	return request{key: t.app, method: http.MethodPost, path: path, body: body}
}

func loginSamples() []sample {
	begin := func(t *tenant, id string) request {
		return t.asked("/v1/logins", fields{
			"organization": t.id, "user": id, "email": loginAddress(id), "nonce": "nonce-sample",
			"browser": fields{"address": "198.51.100.7", "agent": "Browser"},
		})
	}
	order := func(t *tenant) request {
		t.enrolled(eve)
		return t.asked("/v1/logins/codes", fields{"login": t.login(eve), "method": "recovery_email"})
	}
	return []sample{
		{"a login of a user never seen", "begin-login", func(t *tenant) request { return begin(t, "new") }, 200, 0},
		{"a login", "begin-login", func(t *tenant) request { t.enrolled(eve); return begin(t, eve) }, 200, 0},
		{"a first login with a mail client", "begin-login", func(t *tenant) request {
			t.enrolled(eve)
			r := begin(t, eve)
			r.body.(fields)["service"] = "imap"
			return r
		}, 200, 0},
		{"an order", "order-login-code", order, 200, 0},
		{"a right code", "answer-login", func(t *tenant) request {
			p := t.enrolled(eve)
			return answerRequest(t, t.login(eve), "totp", p.code(0), "sample")
		}, 200, 0},
		{"a mailed recovery", "answer-login", func(t *tenant) request {
			r := order(t)
			t.send(r).ok(t.t)
			return answerRequest(t, r.body.(fields)["login"].(string), "recovery_email", t.mailed(recoveryAddress(eve)), "sample")
		}, 200, 0},
		{"a saved recovery code", "answer-login", func(t *tenant) request {
			t.enrolled(eve)
			return answerRequest(t, t.login(eve), "recovery_code", t.recoveryCode(eve, 2), "sample")
		}, 200, 0},
		{"the last saved recovery code", "answer-login", func(t *tenant) request {
			t.enrolled(eve)
			f := t.factors(eve).Next()
			f.RecoveryCodes.Used = 1<<factor.RecoveryCodes - 1 - 1<<2
			t.must(t.store.Write(t.t.Context(), user.Change{Factors: &f}))
			return answerRequest(t, t.login(eve), "recovery_code", t.recoveryCode(eve, 2), "sample")
		}, 200, 0},
	}
}

func enrollmentSamples() []sample {
	answer := func(at int, body func(e *enrolling) fields) func(t *tenant) request {
		return func(t *tenant) request {
			e := t.enrolling(eve, at)
			r := t.asked("/v1/enrollments/answers", body(e))
			r.body.(fields)["login"] = e.token
			r.idempotency = "sample"
			return r
		}
	}
	code := func(address string) func(e *enrolling) fields {
		return func(e *enrolling) fields { return fields{"code": e.mailed(address)} }
	}
	return []sample{
		{"an enrolment", "begin-enrollment", func(t *tenant) request {
			return t.asked("/v1/enrollments", fields{"login": t.login(eve)})
		}, 200, 0},
		// A step that was taken is not taken again: the refusal says which one comes next.
		{"the proof", "answer-enrollment", answer(atProve, code(loginAddress(eve))), 409, 0},
		{"a recovery address", "answer-enrollment", answer(atRecoveryEmail, func(*enrolling) fields {
			return fields{"recovery_email": recoveryAddress(eve), "recovery_email_again": recoveryAddress(eve)}
		}), 200, 0},
		{"its code", "answer-enrollment", answer(atVerifyRecovery, code(recoveryAddress(eve))), 409, 0},
		{"a method", "answer-enrollment", answer(atChoose, func(*enrolling) fields { return fields{"method": "totp"} }), 200, 0},
		{"the first code", "answer-enrollment", answer(atConfirm, func(e *enrolling) fields { return fields{"code": e.phone.code(0)} }), 200, 0},
	}
}

func userSamples() []sample {
	return []sample{
		{"a switch-off", "disable-user", func(t *tenant) request {
			p := t.enrolled(eve)
			return t.asked(t.path("/users/eve/disable"), fields{"proof": fields{"code": p.code(0)}})
		}, 409, 0}, // not_enrolled: it is done
		{"a reset", "reset-user", func(t *tenant) request {
			t.enrolled(eve)
			r := t.asked(t.path("/users/eve/reset"), fields{"reason": "phone lost"})
			r.key = t.admin
			return r
		}, 200, 1}, // another event: it was asked for twice
	}
}

func organizationSamples() []sample {
	put := func(t *tenant, path string, body fields) request {
		return request{key: t.system, method: http.MethodPut, path: path, body: body}
	}
	everything := func() fields {
		return fields{
			"name": "New", "entitlements": fields{"two_factor": true},
			"administrator": fields{"id": "new", "name": "Neu", "email": "new@new.example", "permissions": []string{"policy:write"}},
			"application":   fields{"id": "new", "name": "New"},
		}
	}
	return []sample{
		{"a new organisation", "put-organization", func(t *tenant) request {
			return put(t, "/v1/organizations/new-"+t.id, everything())
		}, 200, 0},
		{"a changed organisation", "put-organization", func(t *tenant) request {
			return put(t, t.path(""), fields{"name": "New", "entitlements": fields{"two_factor": true}})
		}, 200, 0},
		{"a revocation", "revoke-key", func(t *tenant) request {
			return request{key: t.system, method: http.MethodDelete, path: t.path("/keys/" + t.adminKey)}
		}, 204, 0},
	}
}

func policySamples() []sample {
	return []sample{
		{"a proposal", "propose-policy", func(t *tenant) request {
			return t.proposing(t.admin, forcing())
		}, 201, 0},
		{"a proposal read again", "get-policy-change", func(t *tenant) request {
			id, _ := t.proposed(t.admin, "ann", forcing())
			return t.read(t.path("/policy/changes/" + id))
		}, 0, 0},
		{"a confirmation", "confirm-policy-change", func(t *tenant) request {
			id, code := t.proposed(t.admin, "ann", forcing())
			r := t.asked(t.path("/policy/changes/"+id+"/confirm"), fields{"code": code})
			r.key = t.admin
			return r
		}, 200, 0},
	}
}

// withdrawing is a proposal to take two-factor authentication away.
func (t *tenant) withdrawing() request {
	r := t.asked(t.path("/entitlements/changes"), fields{"entitlements": fields{"two_factor": false}})
	r.key = t.system
	return r
}

// withdrawn proposes that and gives the change's path and the mailed code.
func (t *tenant) withdrawn() (path, code string) {
	t.t.Helper()
	r := t.send(t.withdrawing()).ok(t.t)
	return t.path("/entitlements/changes/" + r.text("id")), t.mailed("root@" + t.id + ".example")
}

func entitlementsSamples() []sample {
	return []sample{
		{"entitlements proposed", "propose-entitlements", func(t *tenant) request { return t.withdrawing() }, 201, 0},
		{"proposed entitlements read again", "get-entitlements-change", func(t *tenant) request {
			path, _ := t.withdrawn()
			return request{key: t.system, method: http.MethodGet, path: path}
		}, 0, 0},
		{"entitlements confirmed", "confirm-entitlements-change", func(t *tenant) request {
			path, code := t.withdrawn()
			r := t.asked(path+"/confirm", fields{"code": code})
			r.key = t.system
			return r
		}, 200, 0},
	}
}

// many asks to free eleven users and more.
func (t *tenant) many() request {
	r := t.asked(t.path("/allowances/changes"), fields{"users": 40, "reason": "phones were stolen"})
	r.key = t.admin
	return r
}

// allowed proposes that and gives the change's path and the mailed code.
func (t *tenant) allowed() (path, code string) {
	t.t.Helper()
	r := t.send(t.many()).ok(t.t)
	return t.path("/allowances/changes/" + r.text("id")), t.mailed("ann@" + t.id + ".example")
}

func allowanceSamples() []sample {
	return []sample{
		{"an allowance proposed", "propose-allowance", func(t *tenant) request { return t.many() }, 201, 0},
		{"a proposed allowance read again", "get-allowance-change", func(t *tenant) request {
			path, _ := t.allowed()
			return t.read(path)
		}, 0, 0},
		{"an allowance confirmed", "confirm-allowance-change", func(t *tenant) request {
			path, code := t.allowed()
			r := t.asked(path+"/confirm", fields{"code": code})
			r.key = t.admin
			return r
		}, 200, 0},
	}
}

func (t *tenant) read(path string) request {
	return request{key: t.admin, method: http.MethodGet, path: path}
}

func readSamples() []sample {
	reads := func(path string) func(t *tenant) request {
		return func(t *tenant) request { return t.read(t.path(path)) }
	}
	return []sample{
		{"an organisation", "get-organization", reads(""), 0, 0},
		{"all keys", "list-keys", reads("/keys"), 0, 0},
		{"a policy", "get-policy", reads("/policy"), 0, 0},
		{"a history of policies", "get-policy-history", reads("/policy/versions"), 0, 0},
		{"a report", "get-report", reads("/report"), 0, 0},
		{"a report of some", "get-report", reads("/report?sort=enrolled_at&has_two_factor=true"), 0, 0},
		{"a summary", "get-summary", reads("/summary"), 0, 0},
		{"a report of all organisations", "get-system-report", func(t *tenant) request {
			return request{key: t.system, method: http.MethodGet, path: "/v1/report?limit=200"}
		}, 0, 0},
		{"a summary of all organisations", "get-system-summary", func(t *tenant) request {
			return request{key: t.system, method: http.MethodGet, path: "/v1/summary"}
		}, 0, 0},
		{"a dry run", "get-dry-run", reads("/policy/dry-run"), 0, 0},
		{"a dry run of a policy", "post-dry-run", func(t *tenant) request {
			r := t.asked(t.path("/policy/dry-run"), forcing())
			r.key = t.admin
			return r
		}, 0, 0},
		{"users of a dry run", "get-dry-run-users", reads("/policy/dry-run/users?outcome=verify"), 0, 0},
		{"an audit", "get-audit", reads("/audit"), 0, 0},
		{"a sign-in log", "list-sign-ins", reads("/sign-ins"), 0, 0},
		{"a sign-in log of one user", "list-sign-ins", reads("/sign-ins?user=eve&outcome=wrong&from=2026-01-01T00:00:00Z&order=desc"), 0, 0},
		{"the system's audit", "get-system-audit", func(t *tenant) request {
			return request{key: t.system, method: http.MethodGet, path: "/v1/audit"}
		}, 0, 0},
		{"the keys", "get-keys", func(*tenant) request { return request{method: http.MethodGet, path: "/.well-known/jwks.json"} }, 0, 0},
		{"the document", "get-openapi", func(*tenant) request { return request{method: http.MethodGet, path: "/openapi.json"} }, 0, 0},
	}
}

// operation is what the document says of one.
type operation struct {
	path, method string
	roles        []string // empty: public
	permission   string
	inPerson     bool
	body         bool // of JSON
	lines        bool // a body of something else
}

// documented are all operations of the OpenAPI document that the API itself hands out, by id.
func (p *product) documented() map[string]operation {
	p.t.Helper()
	r := p.send(request{method: http.MethodGet, path: "/openapi.json"}).ok(p.t)
	all := map[string]operation{}
	for path, item := range r.at("paths").(fields) {
		for method, described := range item.(fields) {
			d := described.(fields)
			o := operation{path: path, method: method}
			if sent, ok := d["requestBody"].(fields); ok {
				o.body = sent["content"].(fields)["application/json"] != nil
				o.lines = !o.body
			}
			o.permission, _ = d["x-permission"].(string)
			o.inPerson, _ = d["x-in-person"].(bool)
			roles, _ := d["x-roles"].([]any)
			for _, role := range roles {
				o.roles = append(o.roles, role.(string))
			}
			all[d["operationId"].(string)] = o
		}
	}
	return all
}

func TestEveryOperationHasASampleThatWorks(t *testing.T) {
	left := newProduct(t).documented()
	if len(left) < 19 {
		t.Fatalf("the document names %d operations only", len(left))
	}
	for _, s := range samples() {
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			ten := newProduct(t).tenant()
			if r := ten.send(s.make(ten)); r.status >= 300 {
				t.Errorf("answered %d %s", r.status, r.code())
			}
		})
		delete(left, s.operation)
	}
	for id := range left {
		t.Errorf("%s has no sample: whoever adds an operation says here how to call it", id)
	}
	if httpapi.DefaultMaxBody != 64<<10 {
		t.Error("bodies may be larger than these tests know")
	}
}
