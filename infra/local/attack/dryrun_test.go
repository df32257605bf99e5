package attack_test

import (
	"testing"

	"github.com/aws/aws-lambda-go/events"

	"twofold/pkg/dynamo"
)

// project does what the stream and the projector do: every profile is counted as it is.
func (t *tenant) project() {
	t.t.Helper()
	handle := dynamo.Project(quiet, dynamo.Each(dynamo.ProfileOf, t.projector.Observe))
	answer, err := handle(t.t.Context(), events.DynamoDBEvent{Records: t.records("attribute_exists(registered_at)")})
	if err != nil || len(answer.BatchItemFailures) > 0 {
		t.t.Fatalf("not counted: %v, %+v", err, answer)
	}
}

// Before anything is decided, an administrator sees whom it would hit: in numbers at once, and by name.
func TestADryRunTellsWhomItWouldHit(t *testing.T) {
	ten := newProduct(t).tenant()
	ten.enrolled("eve")
	for _, id := range []string{"new-1", "new-2", "freed"} {
		ten.login(id)
	}
	ten.send(ten.put("/users/freed/enforcement", ten.exempting(3))).ok(t)
	ten.call(ten.app, "/v1/logins", fields{
		"organization": ten.id, "user": "eve", "email": loginAddress("eve"), "nonce": "nonce-imap", "service": "imap",
	}).ok(t)
	ten.project()
	before := ten.dump()
	run := ten.call(ten.admin, ten.path("/policy/dry-run"), forcing()).ok(t)
	for path, want := range map[string]float64{
		"must_enroll": 2, "verify": 1, "let_in": 1, "exempt": 1, "within_grace": 0,
	} {
		if got := run.at("today", path); got != want {
			t.Errorf("%s: %v, want %v", path, got, want)
		}
	}
	if out := run.at("today", "locked_out").(fields); out["total"] != 1.0 || out["exemption_ending"] != 1.0 {
		t.Errorf("locked out: %v", out)
	}
	refused := run.at("today", "refused_services").([]any)
	if len(refused) != 1 || refused[0].(fields)["service"] != "imap" || refused[0].(fields)["users"] != 1.0 {
		t.Errorf("refused services: %v", refused)
	}
	stands := ten.send(ten.read(ten.path("/policy/dry-run"))).ok(t)
	if stands.at("today", "must_enroll") != 0.0 || stands.at("users") != 4.0 {
		t.Errorf("the policy that stands: %s", stands.raw)
	}
	ten.unchanged(before)
	id, _ := ten.proposed(ten.admin, "ann", forcing())
	var named []any
	ten.await(func() bool { // the index is a moment behind
		page := ten.send(ten.read(ten.path("/policy/dry-run/users?outcome=must_enroll&change=" + id))).ok(t)
		named, _ = page.at("users").([]any)
		return len(named) == 2
	})
	if first := named[0].(fields); first["user"] != "new-1" || first["email"] != loginAddress("new-1") || first["reason"] != "forced" {
		t.Errorf("named: %v", named)
	}
	ten.send(ten.read(ten.path("/policy/dry-run/users?outcome="+marker))).want(t, 422, "invalid_field")
}
