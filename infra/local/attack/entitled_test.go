package attack_test

import (
	"fmt"
	"testing"

	"twofold/pkg/audit"
	"twofold/pkg/user"
)

// entitle puts entitlements directly, without a step-up.
func (t *tenant) entitle(e fields) reply {
	t.t.Helper()
	return t.send(request{key: t.system, method: "PUT", path: t.path(""), body: fields{"name": "Acme", "entitlements": e}})
}

// What a forced organisation relies on is not taken away by whoever has found a key.
func TestWithdrawingFromAForcedOrganisationNeedsAStepUp(t *testing.T) {
	ten := newProduct(t).tenant()
	id, code := ten.proposed(ten.admin, "ann", forcing())
	ten.confirm(ten.admin, id, code).ok(t)
	before := ten.dump()
	r := ten.entitle(fields{"two_factor": false}).want(t, 409, "step_up_required")
	if r.text("field") != "entitlements.two_factor" {
		t.Errorf("the problem names %q", r.text("field"))
	}
	ten.entitle(fields{"two_factor": true, "user_limit": 1}).want(t, 409, "step_up_required")
	ten.unchanged(before)
	path, code := ten.withdrawn()
	confirm := func(code string) reply { return ten.call(ten.system, path+"/confirm", fields{"code": code}) }
	confirm(notOf(8, code)).want(t, 422, "code_refused")
	ten.call(ten.admin, path+"/confirm", fields{"code": code}).want(t, 403, "role_forbidden")
	ten.call(ten.product.system, path+"/confirm", fields{"code": code}).want(t, 404, "not_found") // another system administrator
	confirm(code).ok(t)
	confirm(code).ok(t) // a lost reply: the same result
	if n := ten.events(audit.EntitlementsChanged); n != 1 {
		t.Errorf("%d events, want 1", n)
	}
	if to := ten.told("notice-entitlements-changed"); len(to) != 2 {
		t.Errorf("told to %v, want both administrators", to)
	}
	if answer := ten.begin(eve).ok(t); answer.text("status") != "complete" || answer.text("reason") != "not_available" {
		t.Errorf("the next login: %s %s", answer.text("status"), answer.text("reason"))
	}
}

func TestNobodyEnrolsBeyondTheLimit(t *testing.T) {
	ten := newProduct(t).tenant()
	ten.enrolled(eve)
	none := user.Counted{Organization: ten.id, User: eve}
	one := user.Counted{Organization: ten.id, User: eve, Rev: 1, Class: user.Class{Methods: "totp"}}
	ten.must(ten.store.Count(t.Context(), none, one, ten.clock.Now())) // as the projector does
	token := ten.login("new")
	ten.entitle(fields{"two_factor": true, "user_limit": 1}).ok(t)
	before := ten.dump()
	ten.call(ten.app, "/v1/enrollments", fields{"login": token}).want(t, 409, "user_limit_reached")
	ten.unchanged(before)
	ten.entitle(fields{"two_factor": true, "user_limit": 2}).ok(t)
	ten.call(ten.app, "/v1/enrollments", fields{"login": token}).ok(t)
}

// A key that was found frees ten users in an hour and no more: not by asking at once, nor by asking again.
func TestManyUsersAreFreedWithAStepUpOnly(t *testing.T) {
	ten := newProduct(t).tenant()
	reset := func(id string) reply {
		return ten.send(request{key: ten.admin, method: "POST", path: ten.path("/users/" + id + "/reset"), body: fields{"reason": "stolen"}})
	}
	for n := range 12 {
		ten.begin(fmt.Sprintf("user-%d", n)).ok(t)
	}
	for n := range 10 {
		reset(fmt.Sprintf("user-%d", n)).ok(t)
	}
	reset("user-10").want(t, 409, "step_up_required")
	reset("user-0").want(t, 409, "step_up_required")
	path, code := ten.allowed()
	reset("user-10").want(t, 409, "step_up_required") // proposed is not confirmed
	ten.call(ten.admin, path+"/confirm", fields{"code": notOf(8, code)}).want(t, 422, "code_refused")
	ten.call(ten.admin, path+"/confirm", fields{"code": code}).ok(t)
	if to := ten.told("notice-allowance-granted"); len(to) != 2 {
		t.Errorf("told to %v, want both administrators", to)
	}
	reset("user-10").ok(t)
	reset("nobody").want(t, 404, "not_found")
	if n := ten.events(audit.UserReset); n != 11 {
		t.Errorf("%d resets, want 11", n)
	}
}
