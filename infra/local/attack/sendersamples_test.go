package attack_test

import (
	"net/http"

	"twofold/pkg/access"
	"twofold/pkg/org"
	"twofold/pkg/policy"
)

// entitled lets the organisation have a sender of its own.
func (t *tenant) entitled() *tenant {
	t.t.Helper()
	_, o, err := t.store.ReadOrganization(t.t.Context(), access.Credential{ID: "none"}, t.id)
	t.must(err)
	o.Rev++
	o.Entitlements.Sender = true
	t.must(t.store.WriteOrganization(t.t.Context(), t.id, policy.Change{Organization: o}))
	return t
}

func (t *tenant) domain() string { return "mail." + t.id + ".example" }

func (t *tenant) putting(domain string) request {
	return request{key: t.admin, method: http.MethodPut, path: t.path("/sender"), body: fields{"domain": domain, "from": "codes", "name": "Acme Mail"}}
}

// sending has the organisation's mail come from its own domain.
func (t *tenant) sending() *tenant {
	t.t.Helper()
	t.entitled().send(t.putting(t.domain())).ok(t.t)
	t.domains.Publish(t.domain())
	if got := t.send(t.read(t.path("/sender"))).ok(t.t).text("status"); got != string(org.SenderVerified) {
		t.t.Fatalf("the domain is %s", got)
	}
	return t
}

func senderSamples() []sample {
	return []sample{
		{"a sender", "put-sender", func(t *tenant) request { return t.entitled().putting(t.domain()) }, 200, 0},
		{"a sender in place of another", "put-sender", func(t *tenant) request { return t.sending().putting("other." + t.domain()) }, 200, 0},
		{"a sender's new name", "put-sender", func(t *tenant) request {
			r := t.sending().putting(t.domain())
			r.body.(fields)["name"] = "Acme"
			return r
		}, 200, 0},
		{"a sender looked at", "get-sender", func(t *tenant) request { t.sending(); return t.read(t.path("/sender")) }, 0, 0},
		{"a sender found to be lost", "get-sender", func(t *tenant) request {
			t.sending().domains.Withdraw(t.domain())
			return t.read(t.path("/sender"))
		}, 200, 0},
		{"a sender removed", "delete-sender", func(t *tenant) request {
			t.sending()
			return request{key: t.admin, method: http.MethodDelete, path: t.path("/sender")}
		}, 204, 0},
		{"an entitlement withdrawn that a sender needs", "put-organization", func(t *tenant) request {
			t.sending()
			return request{key: t.system, method: http.MethodPut, path: t.path(""), body: fields{"name": "Acme", "entitlements": fields{"two_factor": true}}}
		}, 200, 0},
	}
}
