package attack_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"twofold/pkg/access"
	"twofold/pkg/audit"
	"twofold/pkg/people"
	"twofold/pkg/report"
)

// The organisation's administrators hear of it, and actor and subject are in the audit before anything can be done with it.
func TestAnImpersonationIsToldAndRecordedFirst(t *testing.T) {
	ten := newProduct(t).tenant()
	begun := ten.inPlaceOf("ann")
	if n := ten.events(audit.ImpersonationBegun); n != 1 {
		t.Fatalf("%d events of its beginning", n)
	}
	if to := ten.told("notice-impersonation-begun"); len(to) != 2 {
		t.Errorf("told: %v, want both administrators", to)
	}
	e := ten.lastEvent()
	if e.Actor != "root-"+ten.id || e.Role != "system_admin" || e.Subject != "ann" || e.Session != begun.at("impersonation", "id") || e.Reason != "ticket 4711" {
		t.Errorf("the event says %+v", e)
	}
}

// lastEvent is the latest of the tenant's audit.
func (t *tenant) lastEvent() audit.Event {
	t.t.Helper()
	all, _, err := t.store.Events(t.t.Context(), t.id, report.EventQuery{Limit: 1, Descending: true})
	t.must(err)
	return all[0]
}

// Everything that is done in it names both, whichever function does it, and what is kept of it says so too.
func TestEveryEventOfAnImpersonationNamesBoth(t *testing.T) {
	ten := newProduct(t).tenant()
	ten.entitled()
	ten.enrolled(eve)
	token := ten.impersonating("ann")
	enforcing := request{key: token, method: http.MethodPut, path: ten.path("/users/eve/enforcement"), body: fields{
		"enforcement": "exempt", "until": ten.clock.Now().Add(time.Hour).Format(time.RFC3339), "reason": "phone lost",
	}}
	for _, r := range []request{
		enforcing,
		{key: token, method: http.MethodPut, path: ten.path("/users/eve/grace"), body: ten.extending(1)},
		{key: token, method: http.MethodPost, path: ten.path("/users/eve/reset"), body: fields{"reason": "phone lost"}},
		{key: token, method: http.MethodPut, path: ten.path("/sender"), body: fields{"domain": ten.domain()}},
		ten.proposing(token, forcing()),
	} {
		before := ten.lastEvent().ID
		ten.send(r).ok(t)
		e := ten.lastEvent()
		if e.ID == before || e.Role != "system_admin" || e.Actor != "root-"+ten.id || e.Subject != "ann" || e.Session == "" {
			t.Errorf("%s %s: the event says %+v", r.method, r.path, e)
		}
	}
	if by := ten.send(enforcing).ok(t).at("enforcement", "set_by"); by != "root-"+ten.id+" for ann" {
		t.Errorf("the exemption was set by %v", by)
	}
}

// The second word is the impersonator's own: the administrator's mailbox gets nothing but the notice, and its code would be good for nothing.
func TestAnImpersonatorConfirmsWithTheOwnAddress(t *testing.T) {
	ten := newProduct(t).tenant()
	token := ten.impersonating("ann")
	ten.post()
	r := ten.send(ten.proposing(token, forcing())).ok(t)
	if to := ten.told("step-up-policy"); !slices.Equal(to, []string{ten.rootAddress()}) {
		t.Fatalf("the code went to %v", to)
	}
	id, code := r.text("id"), ten.mailed(ten.rootAddress())
	ten.confirm(ten.admin, id, code).want(t, 404, "not_found")
	ten.confirm(ten.impersonating("bob"), id, code).want(t, 404, "not_found")
	got := ten.confirm(token, id, code).ok(t)
	if by := got.text("changed_by"); by != "root-"+ten.id+" for ann" {
		t.Errorf("changed by %q", by)
	}
}

func TestAnImpersonationEnds(t *testing.T) {
	read := func(ten *tenant, token string) reply {
		return ten.send(request{key: token, method: http.MethodGet, path: ten.path("/policy")})
	}
	for name, end := range map[string]func(ten *tenant, id string){
		"after 15 minutes":            func(ten *tenant, _ string) { ten.clock.Advance(access.SessionLife) },
		"by the system administrator": func(ten *tenant, id string) { ten.ended(ten.system, id) },
		"by an administrator":         func(ten *tenant, id string) { ten.ended(ten.admin2, id) },
		"with the key that began it":  func(ten *tenant, _ string) { ten.revokeRoot() },
		"with the administrator":      func(ten *tenant, _ string) { ten.send(ten.direct("DELETE", "/administrators/bob", nil)).ok(ten.t) },
		"by another":                  func(ten *tenant, _ string) { ten.inPlaceOf("bob") },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ten := newProduct(t).tenant()
			begun := ten.inPlaceOf("bob")
			read(ten, begun.text("token")).ok(t)
			end(ten, begun.at("impersonation", "id").(string))
			before := ten.dump()
			read(ten, begun.text("token")).want(t, 403, "impersonation_ended")
			ten.send(ten.proposing(begun.text("token"), forcing())).want(t, 403, "impersonation_ended")
			ten.unchanged(before)
		})
	}
}

func (t *tenant) ended(key, id string) {
	t.t.Helper()
	t.send(request{key: key, method: http.MethodDelete, path: t.path("/impersonations/" + id)}).ok(t.t)
}

// revokeRoot revokes the key of the tenant's system administrator, as its holder's affairs do.
func (t *tenant) revokeRoot() {
	t.t.Helper()
	c, err := access.Parse(t.system)
	t.must(err)
	keys, err := t.store.Keys(t.t.Context(), c.ID)
	t.must(err)
	keys[0].RevokedAt = t.clock.Now()
	t.must(t.store.WritePeople(t.t.Context(), people.Change{Altered: keys}))
}

// What an administrator loses, the session loses with it, on the next request; keys, administrators and sessions it never had.
func TestAnImpersonationMayNoMoreThanTheAdministrator(t *testing.T) {
	ten := newProduct(t).tenant()
	ten.enrolled(eve)
	begun := ten.inPlaceOf("bob")
	token := begun.text("token")
	ten.send(ten.proposingTo(token, "/keys", fields{"application": "crm"})).want(t, 403, "impersonating")
	ten.send(ten.proposingTo(token, "/administrators", bea())).want(t, 403, "impersonating")
	nested := ten.impersonation("ann")
	nested.key = token
	ten.send(nested).want(t, 403, "role_forbidden")
	reset := request{key: token, method: http.MethodPost, path: ten.path("/users/eve/reset"), body: fields{"reason": "phone lost"}}
	ten.send(reset).ok(t)
	ten.send(ten.direct(http.MethodPatch, "/administrators/bob", fields{"permissions": []string{"audit:read", "keys:write"}})).ok(t)
	ten.send(reset).want(t, 403, "permission_missing")
	ten.send(ten.proposingTo(token, "/keys", fields{"application": "crm"})).want(t, 403, "impersonating")
}

// Elsewhere it is refused in the same words whether there is such an organisation or not.
func TestAnImpersonationIsForOneOrganization(t *testing.T) {
	p := newProduct(t)
	a, b := p.tenant(), p.tenant()
	token := a.impersonating("ann")
	before := p.dump()
	known := b.send(request{key: token, method: http.MethodGet, path: b.path("/policy")}).want(t, 403, "impersonation_elsewhere")
	none := b.send(request{key: token, method: http.MethodGet, path: "/v1/organizations/nobody/policy"}).want(t, 403, "impersonation_elsewhere")
	if known.bare() != none.bare() {
		t.Error("an organisation is told from none")
	}
	id := a.send(a.read(a.path("/impersonations"))).ok(t).at("impersonations").([]any)[0].(fields)["id"].(string)
	b.send(request{key: b.admin, method: http.MethodDelete, path: b.path("/impersonations/" + id)}).want(t, 404, "not_found")
	p.unchanged(before)
}

// A session is among nobody's keys: it is not listed, rotated or revoked as one, nor does it take a key's place.
func TestASessionIsNoneOfTheKeys(t *testing.T) {
	ten := newProduct(t).tenant()
	id := ten.inPlaceOf("ann").at("impersonation", "id").(string)
	if listed := ten.send(ten.read(ten.path("/keys"))).ok(t); strings.Contains(listed.raw, id) {
		t.Error("it is among the keys")
	}
	ten.send(ten.proposingTo(ten.system, "/keys", fields{"rotate": id})).want(t, 404, "not_found")
	ten.send(ten.direct(http.MethodDelete, "/keys/"+id, nil)).want(t, 404, "not_found")
	if n := ten.events(audit.KeyIssued); n != 0 {
		t.Errorf("%d keys were issued", n)
	}
}

// A forged token, made of a session's id and another key's, is none.
func TestATokenOfOtherIdsIsNone(t *testing.T) {
	ten := newProduct(t).tenant()
	token := ten.impersonating("ann")
	parts := strings.Split(token, "_")
	c, err := access.Parse(ten.admin)
	ten.must(err)
	parts[2] = parts[2][:20] + c.ID
	ten.send(request{key: strings.Join(parts, "_"), method: http.MethodGet, path: ten.path("/policy")}).want(t, 401, "unauthenticated")
}
