package attack_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"twofold/pkg/audit"
)

func (t *tenant) put(path string, body fields) request {
	return request{key: t.admin, method: http.MethodPut, path: t.path(path), body: body}
}

// exempting is a body that exempts a user for so many days.
func (t *tenant) exempting(days int) fields {
	until := t.clock.Now().AddDate(0, 0, days).UTC().Format(time.RFC3339)
	return fields{"enforcement": "exempt", "until": until, "reason": "phone lost"}
}

// extending is a body that gives a user so many days.
func (t *tenant) extending(days int) fields {
	return fields{"until": t.clock.Now().AddDate(0, 0, days).UTC().Format(time.RFC3339), "reason": "on leave"}
}

func enforcementSamples() []sample {
	return []sample{
		{"a requirement", "put-enforcement", func(t *tenant) request {
			t.enrolled(eve)
			return t.put("/users/eve/enforcement", fields{"enforcement": "required"})
		}, 200, 0},
		{"an exemption", "put-enforcement", func(t *tenant) request {
			t.enrolled(eve)
			return t.put("/users/eve/enforcement", t.exempting(30))
		}, 200, 0},
		{"an enforcement", "get-enforcement", func(t *tenant) request {
			t.enrolled(eve)
			return t.read(t.path("/users/eve/enforcement"))
		}, 0, 0},
		{"a later deadline", "put-grace", func(t *tenant) request {
			t.enrolled(eve)
			return t.put("/users/eve/grace", t.extending(30))
		}, 200, 0},
		{"the end of a later deadline", "delete-grace", func(t *tenant) request {
			t.enrolled(eve)
			t.send(t.put("/users/eve/grace", t.extending(30))).ok(t.t)
			return request{key: t.admin, method: http.MethodDelete, path: t.path("/users/eve/grace")}
		}, 204, 0},
		{"a status", "get-user-status", func(t *tenant) request {
			t.enrolled(eve)
			return t.read(t.path("/users/eve/status"))
		}, 0, 0},
		{"exemptions at once", "put-enforcements", func(t *tenant) request {
			t.enrolled(eve)
			line := t.exempting(30)
			line["user"] = eve
			r := t.asked(t.path("/enforcements"), fields{"users": []any{line}})
			r.key = t.admin
			return r
		}, 200, 0},
	}
}

// Required of one user: the next login demands it although the policy is only enabled, and one under way has ended.
func TestARequirementTakesEffectOnTheNextCall(t *testing.T) {
	ten := newProduct(t).tenant()
	p, token := ten.enrolled(eve), ten.login(eve)
	ten.login("new")
	for _, id := range []string{eve, "new"} {
		ten.send(ten.put("/users/"+id+"/enforcement", fields{"enforcement": "required"})).ok(t)
	}
	ten.answer(token, "totp", p.code(0)).want(t, 409, "login_ended")
	ten.call(ten.app, ten.path("/users/eve/disable"), fields{"proof": fields{"code": p.code(0)}}).want(t, 409, "two_factor_required")
	if r := ten.begin("new").ok(t); r.text("status") != "enroll" || r.text("reason") != "required" {
		t.Errorf("the next login is %s, %s", r.text("status"), r.text("reason"))
	}
	r := ten.send(ten.put("/users/eve/enforcement", fields{"enforcement": "inherit"})).ok(t)
	if r.at("may_disable") != true {
		t.Errorf("cleared, and the answer is %s", r.raw)
	}
	ten.call(ten.app, ten.path("/users/eve/disable"), fields{"proof": fields{"code": p.code(0)}}).ok(t)
}

// An exemption is told to every administrator and not to the user; refusals name the field and never the value.
func TestExemptionsHaveAnEndAReasonAndWitnesses(t *testing.T) {
	ten := newProduct(t).tenant()
	ten.enrolled(eve)
	before := ten.dump()
	for field, body := range map[string]fields{
		"until":       {"enforcement": "exempt", "reason": marker},
		"reason":      {"enforcement": "exempt", "until": ten.exempting(1)["until"]},
		"enforcement": {"enforcement": marker},
	} {
		r := ten.send(ten.put("/users/eve/enforcement", body))
		if r.status != 422 || r.text("field") != field || strings.Contains(r.raw, marker) {
			t.Errorf("%s: answered %s", field, r.raw)
		}
	}
	ten.send(ten.put("/users/eve/enforcement", ten.exempting(91))).want(t, 422, "invalid_enforcement")
	ten.unchanged(before)
	ten.send(ten.put("/users/eve/enforcement", ten.exempting(90))).ok(t)
	want := []string{"ann@" + ten.id + ".example", "bob@" + ten.id + ".example"}
	if to := ten.told("notice-user-exempted"); !slices.Equal(to, want) {
		t.Errorf("told %v, want %v", to, want)
	}
}

// One user's deadline is extended and ended, and the next login says so.
func TestOneUsersDeadline(t *testing.T) {
	ten := newProduct(t).tenant()
	ten.login(eve)
	ten.decree(forced)
	r := ten.send(ten.put("/users/eve/grace", ten.extending(14))).ok(t)
	if until := ten.begin(eve).ok(t).text("until"); until == "" || until != r.text("deadline") || r.text("grace", "set_by") != "ann" {
		t.Errorf("the login says %q, the extension %s", until, r.raw)
	}
	ten.send(ten.put("/users/eve/grace", ten.extending(13))).want(t, 422, "grace_shortened")
	if to := ten.told("notice-user-grace"); len(to) != 2 {
		t.Errorf("told %v", to)
	}
	ten.send(request{key: ten.admin, method: http.MethodDelete, path: ten.path("/users/eve/grace")}).ok(t)
	if r := ten.begin(eve).ok(t); r.text("status") != "enroll" {
		t.Errorf("after the end the login is %s", r.raw)
	}
}

// Whatever state a user is in, the status tells what the login tells, and nothing secret.
func TestStatusAndLoginTellTheSame(t *testing.T) {
	ten := newProduct(t).tenant()
	p := ten.enrolled(eve)
	same := func(reason string) {
		t.Helper()
		var status reply
		for _, key := range []string{ten.admin, ten.app, ten.system} {
			status = ten.send(request{key: key, method: http.MethodGet, path: ten.path("/users/eve/status")}).ok(t)
		}
		login := ten.begin(eve).ok(t)
		for _, part := range []string{"status", "reason", "rule", "until"} {
			if status.text(part) != login.text(part) || status.text("reason") != reason {
				t.Errorf("%s: the status says %q, the login %q, want the reason %s", part, status.text(part), login.text(part), reason)
			}
		}
		if status.at("policy_version") != login.at("policy_version") || strings.Contains(status.raw, recoveryAddress(eve)) {
			t.Errorf("status %s", status.raw)
		}
	}
	same("enrolled")
	for range freeTries {
		ten.answer(ten.login(eve), "totp", p.wrong()).want(t, 422, "code_refused")
	}
	same("locked")
	ten.send(ten.put("/users/eve/enforcement", ten.exempting(3))).ok(t)
	same("exempt")
	ten.decree(forced)
	ten.clock.Advance(73 * time.Hour)
	same("enrolled")
	ten.send(request{key: ten.app, method: http.MethodGet, path: ten.path("/users/nobody/status")}).want(t, 404, "not_found")
}

// A thousand at once: one bad line stops nobody, and there is one mail for all.
func TestAThousandAtOnce(t *testing.T) {
	ten := newProduct(t).tenant()
	var lines []any
	for i := range 40 {
		id := fmt.Sprintf("user/%d", i)
		ten.enrolled(id)
		line := ten.exempting(30)
		line["user"] = id
		lines = append(lines, line)
	}
	lines[7].(fields)["until"] = "tomorrow " + marker
	lines[8].(fields)["user"] = "nobody"
	lines[9].(fields)["enforcement"] = marker
	lines[10].(fields)["user"] = marker + "\n"
	lines[11].(fields)["user"] = "user/12"
	before := ten.dump()
	ten.call(ten.admin, ten.path("/enforcements"), fields{"users": lines}).want(t, 409, "step_up_required")
	ten.unchanged(before)
	path, code := ten.allowed()
	ten.call(ten.admin, path+"/confirm", fields{"code": code}).ok(t)
	r := ten.call(ten.admin, ten.path("/enforcements"), fields{"users": lines}).ok(t)
	codes := map[int]string{7: "invalid_field", 8: "not_found", 9: "invalid_field", 10: "invalid_field", 12: "duplicate_user"}
	for i, result := range r.at("results").([]any) {
		line := result.(fields)
		code, _ := line["code"].(string)
		if code != codes[i] || code == "" && line["result"] != "changed" {
			t.Errorf("line %d: %v", i, line)
		}
	}
	if strings.Contains(r.raw, marker) {
		t.Error("the answer repeats what was refused")
	}
	if n := ten.events(audit.UserExempted); n != 35 {
		t.Errorf("%d events of exempted users, want 35", n)
	}
	if to := ten.told("notice-user"); len(to) != 2 || !slices.Equal(to, ten.told("notice-users-exempted")) {
		t.Errorf("told %v", to)
	}
	over := make([]any, 1001)
	for i := range over {
		over[i] = fields{"user": eve, "enforcement": "required"}
	}
	ten.call(ten.admin, ten.path("/enforcements"), fields{"users": over}).want(t, 422, "invalid_field")
}
