package attack_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"twofold/pkg/audit"
	"twofold/pkg/factor"
	"twofold/pkg/seal"
	"twofold/pkg/stepup"
)

// everywhere is one request of each operation that is about a known user.
func (t *tenant) everywhere(id string) map[string]request {
	at := func(key, method, path string, body any) request {
		return request{key: key, method: method, path: t.path("/users/" + id + path), body: body}
	}
	return map[string]request{
		"the user":           at(t.app, http.MethodGet, "", nil),
		"a deletion":         at(t.app, http.MethodDelete, "", nil),
		"a reset":            at(t.admin, http.MethodPost, "/reset", fields{"reason": "phone lost"}),
		"a switch-off":       at(t.app, http.MethodPost, "/disable", fields{"proof": fields{"code": "123456"}}),
		"devices":            at(t.app, http.MethodGet, "/devices", nil),
		"no devices":         at(t.app, http.MethodDelete, "/devices", nil),
		"a changed password": at(t.app, http.MethodPost, "/password-changed", fields{}),
		"an enforcement":     at(t.admin, http.MethodPut, "/enforcement", fields{"enforcement": "required"}),
		"the enforcement":    at(t.admin, http.MethodGet, "/enforcement", nil),
		"a status":           at(t.admin, http.MethodGet, "/status", nil),
		"a grace":            at(t.admin, http.MethodPut, "/grace", fields{"until": t.clock.Now().AddDate(0, 0, 7), "reason": "on leave"}),
	}
}

func TestADeletedUserIsGone(t *testing.T) {
	ten := newProduct(t).tenant()
	p, device := ten.trusted(eve)
	token := ten.login(eve)
	ten.call(ten.app, "/v1/logins/codes", fields{"login": token, "method": "recovery_email"}).ok(t)
	mailed, saved := ten.mailed(recoveryAddress(eve)), ten.recoveryCode(eve, 0)
	ten.clock.Advance(30 * time.Second)
	ten.send(ten.registering(ten.app, eve, otherAddress)).ok(t) // which leaves an event of its own
	ten.send(ten.delete(eve)).want(t, 204, "")
	if to := ten.told("notice-user-deleted"); !slices.Equal(to, []string{otherAddress, recoveryAddress(eve)}) {
		t.Errorf("told of the deletion: %v", to)
	}
	before := ten.dump()
	for way, code := range map[string]string{"totp": p.code(0), "recovery_email": mailed, "recovery_code": saved} {
		ten.answer(token, way, code).want(t, 409, "login_ended")
	}
	ten.begin(eve).want(t, 409, "user_deleted")
	ten.send(ten.on(eve, device)).want(t, 409, "user_deleted")
	ten.send(ten.registering(ten.app, eve, otherAddress)).want(t, 409, "user_deleted")
	for what, r := range ten.everywhere(eve) {
		got, unknown := ten.send(r), r
		unknown.path = strings.Replace(r.path, "/users/eve", "/users/nobody", 1)
		if other := ten.send(unknown).want(t, 404, "not_found"); got.status != 404 || got.bare() != other.bare() {
			t.Errorf("%s: answered %s, and %s of one who never was", what, got.bare(), other.bare())
		}
	}
	r := ten.importing(ten.admin, named(eve))
	if got := ten.send(r).ok(t); !strings.Contains(got.raw, `"user_deleted"`) || got.at("refused") != 1.0 {
		t.Errorf("an import answers %s", got.raw)
	}
	ten.unchanged(before)
	if rows := ten.send(ten.read(ten.path("/report"))).ok(t).at("users"); rows != nil && len(rows.([]any)) > 0 {
		t.Errorf("the report lists %v", rows)
	}
	for key, text := range before {
		for _, address := range []string{loginAddress(eve), recoveryAddress(eve), otherAddress} {
			if strings.Contains(text, address) {
				t.Errorf("an address of a deleted user is left in %s", key)
			}
		}
	}
	if n := ten.events(audit.UserDeleted); n != 1 || len(ten.devices(eve)) != 0 {
		t.Errorf("%d events, %d devices", n, len(ten.devices(eve)))
	}
}

// Nothing that was issued before the deletion comes to life again with the id.
func TestADeletedUserBeginsAnew(t *testing.T) {
	ten := newProduct(t).tenant()
	p, device := ten.trusted(eve)
	token, saved, generation := ten.login(eve), ten.recoveryCode(eve, 0), ten.factors(eve).RecoveryCodes.Generation
	ten.send(ten.delete(eve)).ok(t)
	if r := ten.send(ten.registering(ten.admin, eve, loginAddress(eve))).want(t, 201, ""); r.at("enrolled") != false {
		t.Errorf("registered again as %s", r.raw)
	}
	ten.send(ten.registering(ten.admin, eve, loginAddress(eve))).want(t, 200, "")
	ten.clock.Advance(time.Minute)
	ten.answer(token, "totp", p.code(0)).want(t, 409, "login_ended")
	ten.answer(token, "recovery_code", saved).want(t, 409, "login_ended")
	ten.came("a device of before", eve, device, false)
	fresh := ten.login(eve)
	ten.answer(fresh, "totp", p.code(0)).want(t, 409, "decision_changed")
	ten.answer(fresh, "recovery_code", saved).want(t, 409, "decision_changed")
	e := ten.enrolling(eve, atConfirm)
	e.step(e.token, fields{"code": e.phone.code(0)}).ok(t)
	f := ten.factors(eve)
	if f.RecoveryCodes.Generation <= generation {
		t.Errorf("the generation of recovery codes went from %d to %d", generation, f.RecoveryCodes.Generation)
	}
	again, err := factor.RecoveryCode(ten.rings[seal.Codes], f.RecoveryCodes.KeyID, f.RecoverySet(), 0)
	ten.must(err)
	if factor.ShowRecovery(again) == saved || again == saved {
		t.Error("a recovery code of before was given out again")
	}
	ten.answer(ten.login(eve), "recovery_code", saved).want(t, 422, "code_refused")
}

// Only who may reset users registers a deleted id again, and no more of them than may be reset.
func TestWhoRegistersADeletedUser(t *testing.T) {
	ten := newProduct(t).tenant()
	ids := make([]string, stepup.FreeUsers+1)
	for i := range ids {
		ids[i] = "user-" + string(rune('a'+i))
		ten.gone(ids[i])
	}
	everybody := ten.everybody()
	before, refused := ten.dump(), 0
	for _, p := range everybody {
		if p.role != "application" && (p.role != "org_admin" || !slices.Contains(p.permissions, "users:write") || slices.Contains(p.permissions, "users:reset")) {
			continue // who may not at all, or may
		}
		refused++
		ten.send(ten.registering(p.key, ids[0], "thief@elsewhere.example")).want(t, 409, "user_deleted")
	}
	ten.unchanged(before)
	if refused != 3 {
		t.Errorf("%d are refused, want 3", refused)
	}
	for i, id := range ids[1:] {
		want, code := 201, ""
		if i == stepup.FreeUsers {
			want, code = 409, "step_up_required"
		}
		ten.send(ten.registering(ten.admin2, id, loginAddress(id))).want(t, want, code)
	}
	ten.call(ten.admin2, ten.path("/users/"+ids[1]+"/reset"), fields{"reason": "phone lost"}).want(t, 409, "step_up_required")
}

func TestAnotherLoginAddress(t *testing.T) {
	ten := newProduct(t).tenant()
	p, device := ten.trusted(eve)
	token := ten.login(eve)
	ten.call(ten.app, "/v1/logins/codes", fields{"login": token, "method": "recovery_email"}).ok(t)
	mailed := ten.mailed(recoveryAddress(eve))
	before := ten.dump()
	ten.send(ten.registering(ten.app, eve, " "+strings.ToLower(loginAddress(eve))+" ")).want(t, 200, "")
	ten.unchanged(before)
	if r := ten.send(ten.registering(ten.app, eve, "Eve@BÜCHER.example")).want(t, 200, ""); r.text("email") != "Eve@xn--bcher-kva.example" || r.at("enrolled") != true {
		t.Errorf("answered %s", r.raw)
	}
	if to := ten.told("notice-user-email_changed"); !slices.Equal(to, []string{"Eve@xn--bcher-kva.example", recoveryAddress(eve), loginAddress(eve)}) {
		t.Errorf("told %v", to)
	}
	ten.answer(token, "recovery_email", mailed).want(t, 422, "code_refused")
	ten.clock.Advance(30 * time.Second)
	ten.answer(token, "totp", p.code(0)).ok(t)
	ten.came("the device", eve, device, true)
	for key, text := range ten.dump() {
		if strings.HasPrefix(key, "AUDIT#") && strings.Contains(text, loginAddress(eve)) {
			t.Error("the audit holds an address that will outlive the user")
		}
	}
}

// Whoever proved the old address has proved nothing of the new one, which is not to be verified by that proof: not as the recovery
// email that "needs no second code", and not by a code that is out.
func TestAnotherLoginAddressEndsAnEnrolment(t *testing.T) {
	for name, at := range map[string]int{"a proof under way": atProve, "a proof given": atRecoveryEmail, "a recovery email": atVerifyRecovery, "all but the first code": atConfirm} {
		t.Run(name, func(t *testing.T) {
			ten := newProduct(t).tenant()
			e := ten.enrolling(eve, at)
			code := "12345678"
			if at == atProve {
				code = ten.mailed(loginAddress(eve))
			}
			ten.send(ten.registering(ten.app, eve, otherAddress)).want(t, 200, "")
			if at == atProve {
				e.step(e.token, fields{"code": code}).want(t, 409, "wrong_step") // the enrolment that it was sent for is no more
			}
			r := e.nameRecovery(otherAddress).want(t, 409, "wrong_step")
			if r.text("decision", "next", "do") != "enroll" {
				t.Errorf("told to do %q", r.text("decision", "next", "do"))
			}
			if at == atConfirm {
				e.step(e.token, fields{"code": e.phone.code(0)}).want(t, 409, "wrong_step")
			}
			// The owner of the new address is not given what was entered with the old one's proof.
			ten.clock.Advance(time.Minute)
			owner := ten.login(eve)
			ten.call(ten.app, "/v1/enrollments", fields{"login": owner}).ok(t)
			next := ten.step(owner, fields{"code": ten.mailed(otherAddress)}).ok(t)
			if next.text("next", "do") != "recovery_email" {
				t.Errorf("the owner of the new address is told to do %q", next.text("next", "do"))
			}
		})
	}
}

// Ids are the application's own, whatever paths we have; and an address is no identity.
func TestIdsAreOpaque(t *testing.T) {
	ten := newProduct(t).tenant()
	for _, id := range []string{"import", "imports", "A", "a", "~YS9i", "~w6k", "0"} { // two of them are a/b and é
		ten.send(ten.registering(ten.app, id, "shared@acme.example")).want(t, 201, "")
	}
	ten.send(ten.registering(ten.app, "~YQ", "shared@acme.example")).want(t, 404, "not_found") // another spelling of a
	lines := []fields{{"user": "a/b", "email": "shared@acme.example"}, {"user": "e\u0301", "email": "shared@acme.example"}, {"user": "é", "email": "shared@acme.example"}}
	ten.imported("known ids", ten.importing(ten.app, lines...), "1 unchanged", "2 created", "3 unchanged")
	for _, id := range []string{"import", "~YS9i"} {
		r := request{key: ten.app, method: http.MethodGet, path: ten.path("/users/" + id)}
		ten.send(r).ok(t)
		ten.send(ten.delete(id)).want(t, 204, "")
		ten.send(r).want(t, 404, "not_found")
	}
	ten.send(request{key: ten.app, method: http.MethodGet, path: ten.path("/users/a")}).ok(t)
}
