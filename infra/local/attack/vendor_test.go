package attack_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"twofold/pkg/sign"
	"twofold/pkg/user"
)

// vendorsApplication makes an application of the vendor's own with a key, and gives both ids and the key.
func (t *tenant) vendorsApplication(id string, body fields) (keyID, key string) {
	t.t.Helper()
	t.send(t.vendors(http.MethodPut, "/applications/"+id, body)).ok(t.t)
	return t.vendorsKey(fields{"application": id})
}

func (t *tenant) vendorsKey(body fields) (keyID, key string) {
	t.t.Helper()
	t.clock.Advance(user.SendWindow)
	issued := t.send(t.vendorsConfirm("/keys", body, "/keys/changes")).ok(t.t)
	return issued.text("id"), issued.text("key")
}

// audienceOf is the one of the audiences that an assertion is for.
func (t *tenant) audienceOf(r reply, audiences ...string) string {
	t.t.Helper()
	for _, audience := range audiences {
		v, err := sign.NewVerifier(t.signer.JWKS(), issuer, audience)
		t.must(err)
		if _, err := v.Verify(r.text("assertion"), sign.Expected{Organization: t.id, User: eve, Nonce: "nonce-mine"}, t.clock.Now()); err == nil {
			return audience
		}
	}
	return ""
}

// An id is unique only within its home: the vendor's application crm and the organisation's are two, in every step of a login.
func TestApplicationsOfOneIDAreTwo(t *testing.T) {
	ten := newProduct(t).tenant()
	_, vendors := ten.vendorsApplication("crm", fields{"name": "CRM", "organizations": []string{ten.id}})
	p := ten.enrolled(eve)
	for name, c := range map[string]struct{ own, other, audience string }{
		"the organisation's": {ten.app, vendors, "crm"}, "the vendor's": {vendors, ten.app, "urn:twofold:application:crm"},
	} {
		ten.clock.Advance(time.Minute) // each step once
		of := func(key, path string, body fields) reply {
			return ten.send(request{key: key, method: http.MethodPost, path: path, body: body, idempotency: "mine"})
		}
		begin := func(id string) string {
			return of(c.own, "/v1/logins", fields{"organization": ten.id, "user": id, "email": loginAddress(id), "nonce": "nonce-mine"}).ok(t).text("login")
		}
		token, enrolling := begin(eve), begin("new-"+c.audience[:3])
		answer := fields{"login": token, "method": "totp", "code": p.code(0)}
		before := ten.dump()
		of(c.other, "/v1/logins/answers", answer).want(t, 422, "login_invalid")
		of(c.other, "/v1/logins/codes", fields{"login": token, "method": "recovery_email"}).want(t, 422, "login_invalid")
		of(c.other, "/v1/enrollments", fields{"login": enrolling}).want(t, 422, "login_invalid")
		of(c.other, "/v1/enrollments/answers", fields{"login": enrolling, "method": "totp"}).want(t, 422, "login_invalid")
		ten.unchanged(before)
		first := of(c.own, "/v1/logins/answers", answer).ok(t)
		if got := ten.audienceOf(first, "crm", "urn:twofold:application:crm"); got != c.audience {
			t.Errorf("%s: the assertion is for %q, want %q", name, got, c.audience)
		}
		of(c.other, "/v1/logins/answers", answer).want(t, 422, "login_invalid") // nor is it the other's retry
		if again := of(c.own, "/v1/logins/answers", answer).ok(t); ten.audienceOf(again, c.audience) == "" {
			t.Errorf("%s: a retry is for somebody else", name)
		}
		of(c.own, "/v1/enrollments", fields{"login": enrolling}).ok(t)
	}
}

// A login keeps the audience that it was begun with, so that a retry claims the same; the next one has the new.
func TestAnAudienceHoldsForALogin(t *testing.T) {
	ten := newProduct(t).tenant()
	p := ten.enrolled(eve)
	body := fields{"name": "Portal", "everywhere": true}
	_, key := ten.vendorsApplication("portal", body)
	begin := func() string {
		return ten.call(key, "/v1/logins", fields{"organization": ten.id, "user": eve, "email": loginAddress(eve), "nonce": "nonce-mine"}).ok(t).text("login")
	}
	answer := func(token string) reply {
		return ten.send(request{key: key, method: http.MethodPost, path: "/v1/logins/answers", idempotency: token[:20],
			body: fields{"login": token, "method": "totp", "code": p.code(0)}}).ok(t)
	}
	const usual, other = "urn:twofold:application:portal", "https://api.vendor.example"
	token := begin()
	first := answer(token)
	body["audience"] = other
	ten.send(ten.vendorsConfirm("/applications/portal/changes", body, "/applications/portal/changes")).ok(t)
	if a, b := ten.audienceOf(first, usual), ten.audienceOf(answer(token), usual, other); a != usual || b != usual {
		t.Errorf("first for %q, the retry for %q", a, b)
	}
	ten.clock.Advance(time.Minute)
	if got := ten.audienceOf(answer(begin()), usual, other); got != other {
		t.Errorf("the next is for %q", got)
	}
}

// What is taken from a vendor's application is gone from its key with the next request, and a foreign organisation is unknown to it.
func TestAVendorsApplicationAsksWhereItMay(t *testing.T) {
	p := newProduct(t)
	a, b := p.tenant(), p.tenant()
	both := fields{"name": "Portal", "organizations": []string{a.id, b.id}}
	_, key := a.vendorsApplication("portal", both)
	asks := func(organization string) reply {
		return a.call(key, "/v1/logins", fields{"organization": organization, "user": eve, "email": loginAddress(eve), "nonce": "nonce-mine"})
	}
	asks(a.id).ok(t)
	asks(b.id).ok(t)
	a.send(a.vendors(http.MethodPut, "/applications/portal", fields{"name": "Portal", "organizations": []string{a.id}})).ok(t)
	before := p.dump()
	crossed, unknown := asks(b.id).want(t, 404, "not_found"), asks("nobody").want(t, 404, "not_found")
	if crossed.bare() != unknown.bare() {
		t.Error("an organisation that was taken away is told from none")
	}
	p.unchanged(before)
	asks(a.id).ok(t)
	r := a.send(a.vendors(http.MethodPut, "/applications/portal", both)).want(t, 409, "step_up_required")
	if r.text("field") != "organizations" {
		t.Errorf("the field is %q", r.text("field"))
	}
	a.send(a.vendors(http.MethodDelete, "/applications/portal", nil)).ok(t)
	asks(a.id).want(t, 401, "unauthenticated")
}

// A key of the vendor's is none of an organisation's, though it reaches that one alone; nor may its holder more than an application.
func TestAVendorsKeyIsNoOrganisations(t *testing.T) {
	ten := newProduct(t).tenant()
	id, key := ten.vendorsApplication("crm", fields{"name": "CRM", "organizations": []string{ten.id}})
	before := ten.dump()
	for _, by := range []string{ten.admin, ten.system} {
		none := ten.send(request{key: by, method: http.MethodDelete, path: ten.path("/keys/0123456789abcdef0123")}).want(t, 404, "not_found")
		got := ten.send(request{key: by, method: http.MethodDelete, path: ten.path("/keys/" + id)}).want(t, 404, "not_found")
		if got.bare() != none.bare() {
			t.Error("the vendor's key is told from none")
		}
		ten.send(ten.proposingTo(by, "/keys", fields{"rotate": id})).want(t, 404, "not_found")
		if list := ten.send(request{key: by, method: http.MethodGet, path: ten.path("/keys")}).ok(t); strings.Contains(list.raw, id) {
			t.Error("the organisation lists the vendor's key")
		}
	}
	ten.send(ten.vendors(http.MethodDelete, "/keys/"+ten.adminKey, nil)).want(t, 404, "not_found")
	ten.send(request{key: key, method: http.MethodGet, path: "/v1/applications"}).want(t, 403, "role_forbidden")
	ten.unchanged(before)
	ten.send(ten.vendors(http.MethodDelete, "/keys/"+id, nil)).ok(t)
	ten.call(key, "/v1/logins", fields{"organization": ten.id, "user": eve, "email": loginAddress(eve), "nonce": "nonce-mine"}).want(t, 401, "unauthenticated")
}

// A reader of the vendor's own reads every organisation's reports and audit, and does nothing else.
func TestAReaderOfTheVendors(t *testing.T) {
	p := newProduct(t)
	a, b := p.tenant(), p.tenant()
	_, key := a.vendorsKey(fields{"reader": "siem"})
	for _, ten := range []*tenant{a, b} {
		for _, path := range []string{"/report", "/audit"} {
			ten.send(request{key: key, method: http.MethodGet, path: ten.path(path)}).ok(t)
		}
		ten.send(request{key: key, method: http.MethodGet, path: ten.path("/keys")}).want(t, 403, "role_forbidden")
	}
	a.send(request{key: key, method: http.MethodGet, path: "/v1/organizations/nobody/audit"}).want(t, 404, "not_found")
	a.call(key, "/v1/logins", fields{"organization": a.id, "user": eve, "email": loginAddress(eve), "nonce": "nonce-mine"}).want(t, 403, "role_forbidden")
}

// What happens among those of the vendor's own is told to all system administrators, and to nobody of an organisation.
func TestSystemAdministratorsAreToldOfTheirOwn(t *testing.T) {
	p := newProduct(t)
	ten := p.tenant()
	_, _ = ten.vendorsKey(fields{"reader": "siem"})
	all := []string{"root@" + ten.id + ".example", "root@vendor.example"}
	if got := ten.told("notice-key-issued"); !slices.Equal(got, all) {
		t.Errorf("told of a key: %v, want %v", got, all)
	}
	ten.invitedColleague()
	if got := ten.told("notice-administrator-invited"); !slices.Equal(got, all) {
		t.Errorf("told of an invitation: %v, want %v", got, all)
	}
	cai := ten.send(ten.accepting()).ok(t)
	if cai.text("role") != "system_admin" {
		t.Errorf("the role is %q", cai.text("role"))
	}
	// The first key may everything, at once.
	r := ten.vendors(http.MethodDelete, "/administrators/root-"+ten.id, nil)
	r.key = cai.text("key")
	ten.send(r).ok(t)
	all = append(all, "cai@"+ten.id+".example")
	slices.Sort(all)
	if got := ten.told("notice-administrator-removed"); !slices.Equal(got, all) {
		t.Errorf("told of a removal: %v, want %v", got, all)
	}
	ten.send(ten.vendors(http.MethodGet, "/keys", nil)).want(t, 401, "unauthenticated")
}

// What is wrong with an application is named, and the value is not.
func TestAnApplicationsFaultsAreNamed(t *testing.T) {
	ten := newProduct(t).tenant()
	before := ten.dump()
	bad := []string{"https://a.example/", "https://b.example/", "https://" + marker + "@c.example/"}
	for field, r := range map[string]request{
		"return_addresses[2]":         ten.vendors(http.MethodPut, "/applications/portal", fields{"name": "P", "everywhere": true, "return_addresses": bad}),
		"return_addresses[2] of ours": ten.direct(http.MethodPut, "/applications/portal", fields{"name": "P", "return_addresses": bad}),
		"organizations":               ten.vendors(http.MethodPut, "/applications/portal", fields{"name": "P"}),
		"everywhere":                  ten.vendors(http.MethodPut, "/applications/portal", fields{"name": "P", "everywhere": true, "organizations": []string{ten.id}}),
		"audience":                    ten.vendors(http.MethodPut, "/applications/portal", fields{"name": "P", "everywhere": true, "audience": marker}),
		"organizations[0]":            ten.vendors(http.MethodPut, "/applications/portal", fields{"name": "P", "organizations": []string{marker}}),
		"organizations[1]":            ten.vendors(http.MethodPut, "/applications/portal", fields{"name": "P", "organizations": []string{ten.id, strings.Repeat("a", 3000)}}),
		"permissions":                 ten.vendors(http.MethodPost, "/administrators", fields{"administrator": "cai", "email": "c@d.example", "permissions": []string{"policy:write"}}),
	} {
		got := ten.send(r)
		if want, _, _ := strings.Cut(field, " "); got.status/100 != 4 || got.text("field") != want || strings.Contains(got.raw, marker) {
			t.Errorf("%s: answered %d %s at %q", field, got.status, got.code(), got.text("field"))
		}
	}
	ten.unchanged(before)
}
