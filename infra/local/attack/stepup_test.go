package attack_test

import (
	"bytes"
	"net/http"
	"testing"
	"time"

	"twofold/pkg/audit"
	"twofold/pkg/org"
)

// forcing is the body of a proposal.
func forcing() fields {
	return fields{"policy": fields{"status": "forced", "methods": []string{"totp"}}}
}

// proposing is a proposal made from the first version.
func (t *tenant) proposing(key string, body fields) request {
	return request{key: key, method: http.MethodPost, path: t.path("/policy/changes"), body: body, ifMatch: `"1"`}
}

// proposed proposes and gives the change's id and the mailed code.
func (t *tenant) proposed(key, administrator string, body fields) (id, code string) {
	t.t.Helper()
	r := t.send(t.proposing(key, body)).ok(t.t)
	return r.text("id"), t.mailed(administrator + "@" + t.id + ".example")
}

func (t *tenant) confirm(key, change, code string) reply {
	t.t.Helper()
	return t.call(key, t.path("/policy/changes/"+change+"/confirm"), fields{"code": code})
}

// version is that of the policy that stands.
func (t *tenant) version() float64 {
	t.t.Helper()
	r := t.send(request{key: t.admin, method: http.MethodGet, path: t.path("/policy")}).ok(t.t)
	return r.at("version").(float64)
}

func TestAStepUpCodeIsForOneAdministrator(t *testing.T) {
	ten := newProduct(t).tenant()
	id, code := ten.proposed(ten.admin, "ann", forcing())
	ten.confirm(ten.admin2, id, code).want(t, 404, "not_found")
	other, _ := ten.proposed(ten.admin2, "bob", forcing())
	ten.confirm(ten.admin2, other, code).want(t, 422, "code_refused")
	ten.confirm(ten.admin, other, code).want(t, 404, "not_found")
	if v := ten.version(); v != 1 {
		t.Errorf("the policy has version %v, want 1", v)
	}
}

func TestAStepUpCodeIsForOnePayload(t *testing.T) {
	ten := newProduct(t).tenant()
	id, code := ten.proposed(ten.admin, "ann", forcing())
	ten.clock.Advance(time.Minute)
	other := forcing()
	other["policy"].(fields)["status"] = "disabled"
	second, _ := ten.proposed(ten.admin, "ann", other)
	ten.confirm(ten.admin, second, code).want(t, 422, "code_refused")
	ten.confirm(ten.admin, id, code).want(t, 404, "not_found")
	if v := ten.version(); v != 1 {
		t.Errorf("the policy has version %v, want 1", v)
	}
}

// The code names the payload, so a proposal that somebody with write access to the table exchanged is not confirmed.
func TestAStepUpCodeDoesNotConfirmAnExchangedPayload(t *testing.T) {
	ten := newProduct(t).tenant()
	id, code := ten.proposed(ten.admin, "ann", forcing())
	d, err := ten.store.Docket(t.Context(), ten.id, "ann")
	ten.must(err)
	d.Changes[0].Payload = bytes.ReplaceAll(d.Changes[0].Payload, []byte("forced"), []byte("disabled"))
	d.Rev++
	d.Deliver = ""
	ten.must(ten.store.WriteDocket(t.Context(), *d))
	ten.confirm(ten.admin, id, code).want(t, 422, "code_refused")
}

func TestAStepUpCodeIsForOneVersion(t *testing.T) {
	ten := newProduct(t).tenant()
	id, code := ten.proposed(ten.admin, "ann", forcing())
	ten.decree(func(p *org.Policy) { p.GraceDays = 7 })
	ten.confirm(ten.admin, id, code).want(t, 409, "policy_moved")
	if v := ten.version(); v != 2 {
		t.Errorf("the policy has version %v, want 2", v)
	}
}

func TestAStepUpCodeAppliesOnce(t *testing.T) {
	ten := newProduct(t).tenant()
	id, code := ten.proposed(ten.admin, "ann", forcing())
	ten.confirm(ten.admin, id, code).ok(t)
	ten.confirm(ten.admin, id, code).ok(t) // a lost reply: the same result, and no second change
	if v, n := ten.version(), ten.events(audit.PolicyChanged); v != 2 || n != 1 {
		t.Errorf("confirmed twice: version %v, %d events, want 2 and 1", v, n)
	}
	ten.decree(func(p *org.Policy) { p.Status = org.Enabled })
	ten.confirm(ten.admin, id, code).want(t, 409, "change_ended")
	if v := ten.version(); v != 3 {
		t.Errorf("the policy has version %v, want 3", v)
	}
}

func TestAStepUpCodeExpires(t *testing.T) {
	ten := newProduct(t).tenant()
	id, code := ten.proposed(ten.admin, "ann", forcing())
	ten.clock.Advance(10 * time.Minute)
	ten.confirm(ten.admin, id, code).want(t, 409, "change_ended")
}

// Proposing anew gives no new guesses: five wrong codes lock, over all proposals.
func TestProposingAnewForgivesNoFailure(t *testing.T) {
	ten := newProduct(t).tenant()
	id, code := ten.proposed(ten.admin, "ann", forcing())
	for range 4 {
		ten.confirm(ten.admin, id, notOf(8, code)).want(t, 422, "code_refused")
	}
	ten.clock.Advance(time.Minute)
	id, code = ten.proposed(ten.admin, "ann", forcing())
	ten.confirm(ten.admin, id, notOf(8, code)).want(t, 422, "code_refused")
	ten.confirm(ten.admin, id, code).want(t, 422, "code_refused")
}

// The code that a weakening needs reaches nobody but its administrator; that it happened, all hear.
func TestAWeakeningIsToldToAllAdministrators(t *testing.T) {
	ten := newProduct(t).tenant()
	off := forcing()
	off["policy"].(fields)["status"] = "disabled"
	id, code := ten.proposed(ten.admin, "ann", off)
	if to := ten.told("step-up-policy"); len(to) != 1 {
		t.Errorf("the code went to %v", to)
	}
	ten.confirm(ten.admin, id, code).ok(t)
	if to := ten.told("notice-policy-changed"); len(to) != 2 {
		t.Errorf("told of the weakening: %v, want both administrators", to)
	}
}
