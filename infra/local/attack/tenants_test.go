package attack_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"twofold/pkg/login"
	"twofold/pkg/seal"
)

// foreign is a request of tenant a, as somebody of tenant b sends it, with what the same would be for a thing that does
// not exist.
func foreign(a, b *tenant, r request) (crossed, unknown request) {
	switch r.key {
	case a.app:
		r.key = b.app
	case a.admin, a.system:
		r.key = b.admin
	}
	crossed, unknown = r, r
	unknown.path = strings.ReplaceAll(r.path, a.id, "nobody")
	body, ok := r.body.(fields)
	if !ok {
		return crossed, unknown
	}
	other := fields{}
	for name, value := range body {
		other[name] = value
	}
	if _, named := body["organization"]; named {
		other["organization"] = "nobody"
	}
	if _, named := body["login"]; named {
		other["login"] = b.tokenFor("nobody")
	}
	unknown.body = other
	return crossed, unknown
}

// tokenFor is a token of this application's for an organisation, such as none that was issued could be.
func (t *tenant) tokenFor(organization string) string {
	token, err := login.Token(t.rings[seal.Sign], login.Login{
		ID: uuid.NewString(), Organization: organization, User: eve, Application: t.id + "/crm", Nonce: "nonce-0000",
		PolicyVersion: 1, ExpiresAt: t.clock.Now().Add(10 * time.Minute),
	})
	t.must(err)
	return token
}

// ofTenants reports whether somebody of a tenant may call this, and not everybody: what the vendor's own alone may is refused
// before anything is looked for.
func ofTenants(o operation) bool {
	return slices.Contains(o.roles, "org_admin") || slices.Contains(o.roles, "application")
}

// Another organisation's key gets what it would get for an id that does not exist: the same words after the same reads.
func TestAnotherOrganisationsThingsDoNotExist(t *testing.T) {
	documented := newProduct(t).documented()
	for _, s := range samples() {
		o := documented[s.operation]
		if !ofTenants(o) {
			continue
		}
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			p := newProduct(t)
			a, b := p.tenant(), p.tenant()
			crossed, unknown := foreign(a, b, s.make(a))
			before := a.dump()
			a.wire.Record()
			got := a.send(crossed).want(t, 404, "not_found")
			reads := a.wire.Calls()
			a.wire.Record()
			want := a.send(unknown).want(t, 404, "not_found")
			if got.bare() != want.bare() {
				t.Errorf("answered %s, and %s for an unknown id", got.bare(), want.bare())
			}
			if other := a.wire.Calls(); !slices.Equal(reads, other) {
				t.Errorf("reads %v, and %v for an unknown id", reads, other)
			}
			a.unchanged(before)
		})
	}
}

// Whoever may not know a user cannot tell one that exists from one that does not.
func TestForeignUsersCannotBeProbed(t *testing.T) {
	p := newProduct(t)
	a, b := p.tenant(), p.tenant()
	a.enrolled(eve)
	for _, probe := range []struct {
		key, method, path string
		body              any
	}{
		{b.admin, "POST", "/users/%s/reset", fields{"reason": "curiosity"}},
		{b.app, "POST", "/users/%s/disable", fields{"proof": fields{"code": "000000"}}},
		{b.admin, "POST", "/users/%s/bypass-code", fields{"reason": "curiosity"}},
		{b.app, "POST", "/users/%s/proofs", fields{"for": "disable", "method": "email"}},
		{b.app, "GET", "/users/%s/authenticators", nil},
		{b.app, "POST", "/users/%s/authenticators", fields{"method": "totp", "proof": fields{"code": "000000"}}},
		{b.app, "POST", "/users/%s/confirmations/authenticator", fields{"code": "000000"}},
		{b.app, "PATCH", "/users/%s/authenticators/a1b2c3d4e5f60718", fields{"name": "mine"}},
		{b.app, "POST", "/users/%s/authenticators/a1b2c3d4e5f60718/remove", fields{"proof": fields{"code": "000000"}}},
		{b.app, "POST", "/users/%s/recovery-codes", fields{"proof": fields{"code": "000000"}}},
		{b.app, "POST", "/users/%s/recovery-email", fields{"recovery_email": "b@b.example", "recovery_email_again": "b@b.example", "proof": fields{"code": "000000"}}},
		{b.app, "POST", "/users/%s/confirmations/recovery-email", fields{"code": "00000000"}},
		{b.app, "POST", "/users/%s/confirmations/codes", fields{}},
		{b.admin, "GET", "/users/%s/devices", nil},
		{b.admin, "GET", "/users/%s/security", nil},
		{b.app, "DELETE", "/users/%s/devices", nil},
		{b.app, "DELETE", "/users/%s/devices/00000000-0000-4000-8000-000000000000", nil},
		{b.app, "PATCH", "/users/%s/devices/00000000-0000-4000-8000-000000000000", fields{"name": "mine"}},
		{b.app, "POST", "/users/%s/password-changed", fields{}},
		{b.admin, "GET", "/users/%s/enforcement", nil},
		{b.admin, "GET", "/users/%s/status", nil},
		{b.app, "GET", "/users/%s/status", nil},
		{b.admin, "PUT", "/users/%s/grace", b.extending(1)},
		{b.admin, "DELETE", "/users/%s/grace", nil},
		{b.admin, "PUT", "/users/%s/enforcement", fields{"enforcement": "required"}},
	} {
		for _, of := range []*tenant{a, b} { // through the other's path, and through one's own
			path := probe.path
			ask := func(id string) reply {
				r := request{key: probe.key, method: probe.method, path: of.path(strings.ReplaceAll(path, "%s", id)), body: probe.body}
				return b.send(r).want(t, 404, "not_found")
			}
			known, nobody := ask(eve), ask("nobody")
			if known.bare() != nobody.bare() {
				t.Errorf("%s: %s is told from %s", path, known.bare(), nobody.bare())
			}
		}
	}
	if n := a.failures(eve); n != 0 {
		t.Errorf("somebody else's guess was counted: %d", n)
	}
}

func TestAnOrganisationInTheBodyDoesNotOverrideThePath(t *testing.T) {
	p := newProduct(t)
	a, b := p.tenant(), p.tenant()
	a.enrolled(eve)
	before := p.dump()
	body := fields{"organization": a.id, "user": eve, "email": loginAddress(eve), "nonce": "nonce-0001"}
	b.call(b.app, "/v1/logins", body).want(t, 404, "not_found")
	for _, name := range []string{"organization", "id", "tenant", "user"} {
		b.call(b.admin, b.path("/users/eve/reset"), fields{"reason": "mine", name: a.id}).want(t, 400, "unknown_field")
		b.send(b.proposing(b.admin, fields{"policy": forcing()["policy"], name: a.id})).want(t, 400, "unknown_field")
	}
	elsewhere := b.proposing(b.admin, forcing())
	elsewhere.path += "?organization=" + a.id
	b.send(elsewhere).want(t, 400, "unknown_parameter")
	p.unchanged(before)
}

// A key and a proposal have ids that say nothing of their organisation; naming another's is naming none.
func TestIdsOfAnotherOrganisationAreUnknown(t *testing.T) {
	p := newProduct(t)
	a, b := p.tenant(), p.tenant()
	before := p.dump()
	r := b.send(request{key: b.system, method: "DELETE", path: b.path("/keys/" + a.adminKey)}).want(t, 404, "not_found")
	none := b.send(request{key: b.system, method: "DELETE", path: b.path("/keys/0123456789abcdef0123")}).want(t, 404, "not_found")
	if r.bare() != none.bare() {
		t.Error("another organisation's key is told from none")
	}
	p.unchanged(before)
	id, code := a.proposed(a.admin, "ann", forcing())
	b.confirm(b.admin, id, code).want(t, 404, "not_found")
	b.send(b.read(b.path("/policy/changes/"+id))).want(t, 404, "not_found")
	if a.version() != 1 || b.version() != 1 {
		t.Error("a policy has moved")
	}
}

// A page's cursor leads into no other organisation.
func TestCursorsStayAtHome(t *testing.T) {
	p := newProduct(t)
	a, b := p.tenant(), p.tenant()
	for _, id := range []string{"a1", "a2", "a3"} {
		a.begin(id).ok(t)
	}
	var cursor string
	for deadline := time.Now().Add(time.Minute); cursor == ""; { // the index is a moment behind
		cursor = a.send(a.read(a.path("/report?limit=1"))).ok(t).text("next_cursor")
		if time.Now().After(deadline) {
			t.Fatal("the report shows no second page within a minute")
		}
	}
	r := b.send(b.read(b.path("/report?limit=1&cursor=" + cursor))).ok(t)
	if strings.Contains(r.raw, "a2") || strings.Contains(r.raw, loginAddress("a3")) {
		t.Error("the cursor of one organisation shows users of another")
	}
	foretold := a.send(a.read(a.path("/policy/dry-run/users?outcome=let_in&limit=1"))).ok(t).text("next_cursor")
	r = b.send(b.read(b.path("/policy/dry-run/users?outcome=let_in&limit=1&cursor=" + foretold))).ok(t)
	if foretold == "" || strings.Contains(r.raw, "a2") || strings.Contains(r.raw, loginAddress("a3")) {
		t.Error("the cursor of one organisation shows users of another in a dry run")
	}
	audit := a.send(a.read(a.path("/audit?limit=1"))).ok(t).text("next_cursor")
	r = b.send(b.read(b.path("/audit?limit=50&cursor=" + audit))).ok(t)
	if audit == "" || strings.Contains(r.raw, "a2") {
		t.Error("the cursor of one organisation shows events of another")
	}
}
