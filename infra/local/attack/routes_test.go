package attack_test

import (
	"net/http"
	"slices"
	"testing"

	"twofold/pkg/access"
	"twofold/pkg/policy"
)

// actor is somebody with a key, or without.
type actor struct {
	name string
	role string // empty: no valid key at all
	key  string
}

func (t *tenant) actors() []actor {
	_, unknown := access.NewKey(access.SystemAdministrator, t.clock.Now())
	revoked, old := access.NewKey(access.SystemAdministrator, t.clock.Now())
	revoked.Everywhere, revoked.Holder, revoked.RevokedAt = true, "root", t.clock.Now()
	expired, stale := access.NewKey(access.SystemAdministrator, t.clock.Now())
	expired.Everywhere, expired.Holder, expired.ExpiresAt = true, "root", t.clock.Now()
	t.must(t.store.WriteOrganization(t.t.Context(), t.id, policy.Change{Keys: []access.Key{revoked, expired}}))
	forged := t.system[:len(t.system)-1] + "0"
	if forged == t.system {
		forged = t.system[:len(t.system)-1] + "1"
	}
	return []actor{
		{"no key", "", ""}, {"no key of ours", "", "secret"}, {"a key that was never issued", "", unknown},
		{"a revoked key", "", old}, {"an expired key", "", stale}, {"a mistyped key", "", forged},
		{"system_admin", "system_admin", t.system}, {"org_admin", "org_admin", t.admin}, {"org_admin without permissions", "org_admin", t.powerless},
		{"application", "application", t.app}, {"reader", "reader", t.reader},
	}
}

// verdict is the refusal that the document promises an actor; empty: none.
func (o operation) verdict(a actor) (int, string) {
	switch {
	case len(o.roles) == 0:
		return 0, ""
	case a.role == "":
		return 401, "unauthenticated"
	case !slices.Contains(o.roles, a.role):
		return 403, "role_forbidden"
	case a.name == "org_admin without permissions" && o.permission != "":
		return 403, "permission_missing"
	}
	return 0, ""
}

// Every route, every kind of key: who may not is refused, and nothing happens.
func TestEveryRouteAuthenticatesAndAuthorises(t *testing.T) {
	documented := newProduct(t).documented()
	for _, s := range samples() {
		o := documented[s.operation]
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			ten := newProduct(t).tenant()
			r, actors := s.make(ten), ten.actors()
			before := ten.dump()
			refused := 0
			for _, a := range actors {
				status, code := o.verdict(a)
				if status == 0 {
					continue
				}
				refused++
				r.key = a.key
				got := ten.send(r)
				if got.status != status || got.code() != code {
					t.Errorf("%s: answered %d %s, want %d %s", a.name, got.status, got.code(), status, code)
				}
				if challenge := got.header.Get("WWW-Authenticate"); (status == 401) != (challenge == "Bearer") {
					t.Errorf("%s: WWW-Authenticate %q", a.name, challenge)
				}
			}
			if len(o.roles) > 0 && refused < 7 {
				t.Errorf("only %d actors are refused", refused)
			}
			ten.unchanged(before)
		})
	}
}

func TestARevokedKeyIsRefusedOnTheNextRequest(t *testing.T) {
	ten := newProduct(t).tenant()
	p, token := ten.enrolled(eve), ten.login(eve)
	ten.begin(eve).ok(t)
	issued := ten.send(ten.proposedTo(ten.system, ten.rootAddress(), "/keys", fields{"application": "crm"})).ok(t)
	r := answerRequest(ten, token, "totp", p.code(0), "key-1")
	r.key = issued.text("key")
	ten.send(request{key: ten.system, method: http.MethodDelete, path: ten.path("/keys/" + issued.text("id"))}).ok(t)
	before := ten.dump()
	ten.send(r).want(t, 401, "unauthenticated")
	ten.unchanged(before)
	r.key = ten.app // the holder's other key is as good as before
	ten.send(r).ok(t)
}

func TestUnknownRoutesAndMethods(t *testing.T) {
	ten := newProduct(t).tenant()
	before := ten.dump()
	for _, path := range []string{"/", "/v1", "/v1/", "/v1/logins/", "/v1/login", "/v1/organizations", "/v2/logins", "/v1/logins/codes/x", "/favicon.ico"} {
		for _, method := range []string{http.MethodGet, http.MethodPost, http.MethodDelete} {
			r := ten.send(request{key: ten.system, method: method, path: path, body: fields{}})
			if r.status != 404 || r.code() != "not_found" || r.header.Get("Content-Type") != "application/problem+json" {
				t.Errorf("%s %s: answered %d %s", method, path, r.status, r.code())
			}
		}
	}
	for id, o := range ten.documented() {
		for _, method := range []string{http.MethodTrace, http.MethodOptions, "BREW"} {
			r := ten.send(request{key: ten.system, method: method, path: o.path})
			if r.status != 405 || r.code() != "method_not_allowed" || r.header.Get("Allow") == "" {
				t.Errorf("%s of %s: answered %d %s, Allow %q", method, id, r.status, r.code(), r.header.Get("Allow"))
			}
		}
	}
	ten.unchanged(before)
}
