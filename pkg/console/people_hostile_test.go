package console_test

import (
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"twofold/infra/local/visitor"
	"twofold/pkg/access"
	"twofold/pkg/fault"
	"twofold/pkg/memstore"
	"twofold/pkg/org"
	"twofold/pkg/people"
	"twofold/pkg/user"
	"twofold/pkg/words"
)

const hostile = `<img src=x onerror=alert(1)>"'&`

// demandText demands that what is hostile is text on a page, in whatever language.
func demandText(t *testing.T, what string, p visitor.Page) {
	t.Helper()
	if p.Status >= 500 || strings.Contains(p.HTML, "<img src=x") || strings.Contains(p.HTML, `"'&`) || strings.Contains(p.HTML, "ZgotmplZ") {
		t.Errorf("%s: %d: %s", what, p.Status, p.HTML)
	}
}

// Whatever people call things, and whatever is sent, stays text.
func TestPeopleAndKeysWithHostileNames(t *testing.T) {
	f := newFixture(t)
	f.Enrolled(t, hostile)
	a := *f.person(acme, "ann")
	a.Name, a.NextEmail, a.NextEmailAt, a.User, a.Rev, a.Deliver = hostile, hostile, f.Clock.Now().Add(1e12), hostile, a.Rev+1, ""
	key, _ := access.NewKey(access.Application, f.Clock.Now())
	key.Holder, key.Organizations, key.Name = "crm", []string{acme}, hostile
	crm := org.Application{ID: "crm", Organization: acme, Name: hostile, Keys: []string{key.ID}, CreatedAt: f.Clock.Now(), Rev: 2, ReturnAddresses: []string{hostile}, Audience: hostile}
	f.must(f.store.WritePeople(t.Context(), people.Change{Administrators: []org.Administrator{a}, Applications: []org.Application{crm}, Keys: []access.Key{key}}))
	f.ann()
	pages := []string{
		"/people", "/people?done=" + url.QueryEscape(hostile), "/people/one?id=ann", "/people/remove?id=ann", "/people/new", "/keys", "/keys/new", "/keys/application?id=crm",
		"/keys/application/remove?id=crm", "/keys/revoke?id=" + key.ID, "/keys/rotate?id=" + key.ID, "/self",
	}
	for _, l := range words.Languages() {
		f.Accept = string(l)
		for _, path := range pages {
			p := f.opens(path).Sees(http.StatusOK)
			demandText(t, string(l)+" "+path, p)
			if path == "/people/one?id=ann" && !strings.Contains(p.Text, hostile) {
				t.Errorf("%s: the name is lost", l)
			}
		}
		for _, path := range []string{"/people/one?id=", "/keys/revoke?id=", "/keys/application?id=", "/keys/new?application=", "/people/changes/", "/keys/changes/", "/self/changes/"} {
			demandText(t, string(l)+" "+path, f.opens(path+url.QueryEscape(hostile)))
		}
		f.sendsHostile(string(l))
		for action, fields := range map[string][]string{"people/new": {"id", "eve", "email", "eve@acme.example", "permissions", "audit:read"}, "keys/new": {"holder", "application:crm"}} {
			f.Clock.Advance(user.SendWindow)
			f.ann()
			p := f.Follow(f.Post(f.opens("/"+action), action, append(fields, "name", hostile)...)).Sees(http.StatusOK)
			if demandText(t, string(l)+" "+action+", proposed", p); !strings.Contains(p.Text, hostile) {
				t.Errorf("%s: %s: what is proposed is not told: %s", l, action, p.Text)
			}
		}
	}
}

// sendsHostile sends hostile text in every field of every form.
func (f *fixture) sendsHostile(l string) {
	base := "/console/organizations/" + acme
	for _, path := range []string{
		"/people/new", "/people/rename", "/people/permissions", "/people/address", "/people/remove", "/keys/new", "/keys/rotate", "/keys/revoke", "/keys/end",
		"/keys/application", "/keys/application/remove", "/self/name", "/self/address", "/self/user", "/people/changes/1", "/keys/changes/1", "/self/changes/1",
	} {
		for _, id := range []string{"ann", "crm", hostile, f.Application.Credential.ID} {
			all := url.Values{"id": {id}}
			for _, name := range []string{"name", "email", "permissions", "chosen", "holder", "expires_at", "overlap_hours", "return_addresses", "user", "code", "by"} {
				all.Set(name, hostile)
			}
			if path == "/people/remove" || path == "/keys/revoke" || path == "/keys/end" || path == "/keys/application/remove" {
				all.Set("id", hostile) // the others are to be there still
			}
			if path == "/people/permissions" {
				for _, p := range access.Permissions() { // nobody loses any
					all.Add("permissions", string(p))
				}
			}
			demandText(f.t, l+" "+path, f.Send(http.MethodPost, base+path, all))
			f.Clock.Advance(user.SendWindow) // whatever was proposed is not the limit of the next
			f.ann()
		}
	}
}

// A failure of the store is a page that says so, and the same request goes through afterwards.
func TestPeopleAndKeysInAnOutage(t *testing.T) {
	down := errors.New("down")
	for _, c := range []struct {
		path string
		form url.Values
		ops  []memstore.Operation
	}{
		{"/people", nil, []memstore.Operation{memstore.ReadOrganization, memstore.Administrators, memstore.Applications, memstore.Readers, memstore.Keys}},
		{"/people/one?id=ann", nil, []memstore.Operation{memstore.One, memstore.Keys}},
		{"/people/remove?id=ann", nil, []memstore.Operation{memstore.One, memstore.Keys}},
		{"/keys", nil, []memstore.Operation{memstore.Applications, memstore.Keys}},
		{"/keys/new", nil, []memstore.Operation{memstore.Administrators, memstore.Applications, memstore.Keys}},
		{"/keys/application?id=crm", nil, []memstore.Operation{memstore.Applications}},
		{"/self", nil, []memstore.Operation{memstore.One}},
		{"/people/new", url.Values{"id": {"cai"}, "email": {"bob@acme.example"}, "permissions": {"audit:read"}}, []memstore.Operation{memstore.One, memstore.WritePeople}},
		{"/people/rename", url.Values{"id": {"ann"}, "name": {"Ann"}}, []memstore.Operation{memstore.One, memstore.Keys, memstore.WritePeople}},
		{"/people/address", url.Values{"id": {"ann"}, "email": {"a@acme.example"}}, []memstore.Operation{memstore.One, memstore.WritePeople}},
		{"/people/remove", url.Values{"id": {"bob"}}, []memstore.Operation{memstore.One, memstore.Keys, memstore.WritePeople}},
		{"/keys/new", url.Values{"holder": {"application:crm"}}, []memstore.Operation{memstore.One, memstore.Keys, memstore.WritePeople}},
		{"/keys/application", url.Values{"id": {"erp"}, "name": {"E"}}, []memstore.Operation{memstore.One, memstore.WritePeople}},
		{"/keys/application/remove", url.Values{"id": {"crm"}}, []memstore.Operation{memstore.One, memstore.Keys, memstore.WritePeople}},
		{"/self/name", url.Values{"name": {"Ann"}}, []memstore.Operation{memstore.One, memstore.WritePeople}},
	} {
		for _, op := range c.ops {
			for _, persisted := range []bool{false, true} {
				f := newFixture(t)
				f.AddAdministrator(t, "bob")
				f.ann()
				method, want := http.MethodGet, http.StatusOK
				if c.form != nil {
					method, want = http.MethodPost, http.StatusSeeOther
				}
				send := func() visitor.Page { return f.Send(method, "/console/organizations/"+acme+c.path, c.form) }
				f.store.FailNext(op, persisted, down)
				if p := send(); p.Status != http.StatusServiceUnavailable || p.Header.Get("Retry-After") == "" {
					t.Errorf("%s %s %s: %d %s", method, c.path, op, p.Status, p.Text)
				}
				again := send()
				taken := persisted && op == memstore.WritePeople && c.path == "/keys/application" // which says that there is one
				if again.Status != want && !taken {
					t.Errorf("%s %s %s again: %d %s", method, c.path, op, again.Status, again.Text)
				}
			}
		}
	}
}

// A confirmation that failed can be sent again, and does once what it does.
func TestConfirmationsInAnOutage(t *testing.T) {
	for _, persisted := range []bool{false, true} {
		f := newFixture(t)
		f.ann()
		page := f.Follow(f.Post(f.opens("/keys/new"), "new", "holder", "application:crm"))
		code := url.Values{"code": {f.mailed(acme, "ann")}}
		f.store.FailNext(memstore.WritePeople, persisted, fault.Down(errors.New("down")))
		f.Send(http.MethodPost, page.Path, code).Sees(http.StatusServiceUnavailable)
		p := f.Send(http.MethodPost, page.Path, code)
		if persisted {
			p.Sees(http.StatusConflict, "revoke it and make another")
		} else {
			f.demandGood(p.Sees(http.StatusOK).Found(keyText))
		}
		if n := len(f.keysOf(acme)); n != 3 {
			t.Errorf("%d keys", n)
		}
		f.Clock.Advance(user.SendWindow)
		page = f.Follow(f.Post(f.opens("/people/new"), "new", "id", "bob", "email", "bob@acme.example", "permissions", "audit:read"))
		code = url.Values{"code": {f.mailed(acme, "ann")}}
		f.store.FailNext(memstore.WritePeople, persisted, fault.Down(errors.New("down")))
		f.Send(http.MethodPost, page.Path, code).Sees(http.StatusServiceUnavailable)
		f.Follow(f.Send(http.MethodPost, page.Path, code)).Sees(http.StatusOK, "The invitation is on its way.")
	}
}
