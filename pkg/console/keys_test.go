package console_test

import (
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"twofold/infra/local/visitor"
	"twofold/pkg/access"
	"twofold/pkg/user"
)

var keyText = regexp.MustCompile(`id="key">(tfk_[a-z0-9_]+)<`)

// keysOf are the live keys of a home that are no sessions.
func (f *fixture) keysOf(home string) []access.Key {
	f.t.Helper()
	all, err := f.People.Keys(f.t.Context(), f.System, home)
	f.must(err)
	return slices.DeleteFunc(all, func(k access.Key) bool { return k.Console })
}

// demandGood demands that a text is a live key.
func (f *fixture) demandGood(text string) *access.Key {
	f.t.Helper()
	c, err := access.Parse(text)
	f.must(err)
	found, err := f.store.Keys(f.t.Context(), c.ID)
	f.must(err)
	if len(found) != 1 || !found[0].Valid(c, f.Clock.Now()) {
		f.t.Fatalf("%s is no good: %+v", text, found)
	}
	return &found[0]
}

func TestApplicationsAndKeysAreShown(t *testing.T) {
	f := newFixture(t)
	f.ann()
	p := f.opens("/keys").Sees(http.StatusOK, "CRM", "crm", "https://crm.acme.example/back", "Ask at login", "Set the policy", "Not noted", "Never", "Nobody is signed in.")
	for _, k := range f.keysOf(acme) {
		if !strings.Contains(p.HTML, "<code>"+k.ID+"</code>") {
			t.Errorf("no key %s", k.ID)
		}
	}
	if strings.Contains(p.HTML, "tfk_") {
		t.Error("a key's text is shown")
	}
	f.root()
	f.opensVendors("/keys").Sees(http.StatusOK, "There is no application yet.", "System administrator", "Everything")
}

func TestAKeyIsMadeAndShownOnce(t *testing.T) {
	f := newFixture(t)
	f.ann()
	p := f.opens("/keys/new?application=crm").Sees(http.StatusOK, "Application crm", "Administrator ann", "A reader, named below")
	for what, fields := range map[string][]string{
		"application": {"holder", "application:crm", "name", "CI", "expires_at", "2031-12-31"},
		"org_admin":   {"holder", "administrator:ann", "permissions", "audit:read"},
		"reader":      {"holder", "reader", "id", "siem"},
	} {
		waits := f.Post(p, "new", fields...).Sees(http.StatusSeeOther)
		page := f.Follow(waits).Sees(http.StatusOK, "There is no key yet.")
		code := f.mailed(acme, "ann")
		if before := len(f.keysOf(acme)); strings.Contains(page.HTML, "tfk_") || before == 0 {
			t.Error("a key is shown before it was confirmed")
		}
		f.Send(http.MethodPost, page.Path, url.Values{"code": {"00000000"}}).Sees(422, "The code was not accepted.")
		shown := f.Send(http.MethodPost, page.Path, url.Values{"code": {code}}, "Accept-Encoding", "gzip").Sees(http.StatusOK, "It is shown this once")
		if shown.Header.Get("Content-Encoding") != "" || shown.Header.Get("Cache-Control") != "no-store" {
			t.Errorf("headers: %v", shown.Header)
		}
		k := f.demandGood(shown.Found(keyText))
		if string(k.Role) != what {
			t.Errorf("%s: %+v", what, k)
		}
		again := f.Send(http.MethodPost, page.Path, url.Values{"code": {code}}).Sees(http.StatusConflict, "its secret was shown once. If nobody has seen it, revoke it and make another.")
		if strings.Contains(again.HTML, "tfk_") || strings.Contains(again.HTML, `name="code"`) {
			t.Error("the key is shown again, or a code is asked for that opens nothing")
		}
		f.Follow(f.Send(http.MethodGet, page.Path, nil)).Sees(http.StatusOK, "This was confirmed before.")
		switch k.Role {
		case access.Application:
			if !k.ExpiresAt.Equal(time.Date(2032, 1, 1, 0, 0, 0, 0, time.UTC)) || k.Name != "CI" {
				t.Errorf("made: %+v", k)
			}
		case access.OrganizationAdministrator:
			if !slices.Equal(k.Scope, []access.Permission{access.AuditRead}) {
				t.Errorf("made: %+v", k)
			}
		}
		f.Clock.Advance(user.SendWindow)
	}
	f.opens("/keys").Sees(http.StatusOK, "CI", "siem", "Read reports and the audit", "Narrowed")
}

// What was typed stands in the form again, with what is wrong about it.
func TestKeysThatAreRefused(t *testing.T) {
	f := newFixture(t)
	f.ann()
	form := f.opens("/keys/new")
	for _, c := range []struct {
		fields []string
		status int
		said   string
	}{
		{[]string{"holder", "", "name", "x1"}, 422, "Choose whom the key is for."},
		{[]string{"holder", "nobody", "name", "x1"}, 422, "Choose whom the key is for."},
		{[]string{"holder", "reader", "name", "x1"}, 422, "An id is 1 to 48 letters"},
		{[]string{"holder", "reader", "id", "a b", "name", "x1"}, 422, "An id is 1 to 48 letters"},
		{[]string{"holder", "application:crm", "expires_at", "tomorrow", "name", "x1"}, 422, "Write the day as year-month-day."},
		{[]string{"holder", "application:crm", "expires_at", "2020-01-01", "name", "x1"}, 422, "cannot lie in the past"},
		{[]string{"holder", "application:crm", "permissions", "audit:read", "name", "x1"}, 422, "Only an administrator’s key can be narrowed"},
		{[]string{"holder", "application:crm", "name", strings.Repeat("x1", 41)}, 422, "A name is one line"},
	} {
		p := f.Post(form, "new", c.fields...).Sees(c.status, c.said)
		for i := 1; i < len(c.fields); i += 2 {
			if !strings.Contains(p.HTML, `value="`+c.fields[i]+`"`) && c.fields[i] != "nobody" {
				t.Errorf("%s: %q is lost", c.said, c.fields[i])
			}
		}
	}
	for _, holder := range []string{"application:none", "administrator:root", "application:a/b"} {
		f.Post(form, "new", "holder", holder).Sees(http.StatusNotFound)
	}
	for range 4 {
		f.confirms(f.Post(form, "new", "holder", "application:crm"), acme, "ann").Sees(http.StatusOK)
		f.signedIn(f.Administrator, acme, "ann")
	}
	f.Post(form, "new", "holder", "application:crm").Sees(http.StatusConflict, "This holder has as many keys as one may have.")
}

func TestAKeyIsReplaced(t *testing.T) {
	f := newFixture(t)
	f.ann()
	old := f.Application.Credential.ID
	p := f.opens("/keys/rotate?id="+old).Sees(http.StatusOK, "Replace a key", old, "after a day")
	for overlap, said := range map[string]string{"2251799813685248": "The old key lives on", "-2251799813685248": "The old key lives on", "169": "The old key lives on for a week at most.", "-1": "The old key lives on", "soon": "The old key lives on", "": "The old key lives on"} {
		f.Post(p, "rotate", "overlap_hours", overlap, "name", "typed").Sees(422, said)
	}
	f.Post(p, "rotate", "overlap_hours", "1", "expires_at", "x").Sees(422, "Write the day")
	shown := f.confirms(f.Post(p, "rotate", "overlap_hours", "1", "name", "second"), acme, "ann").Sees(http.StatusOK)
	if k := f.demandGood(shown.Found(keyText)); k.Holder != "crm" || k.Name != "second" {
		t.Errorf("made: %+v", k)
	}
	found, err := f.store.Keys(t.Context(), old)
	f.must(err)
	if end := found[0].ExpiresAt; end.IsZero() || end.After(f.Clock.Now().Add(time.Hour)) {
		t.Errorf("the old one ends at %s", end)
	}
}

func TestAKeyIsRevoked(t *testing.T) {
	f := newFixture(t)
	f.ann()
	id := f.Application.Credential.ID
	p := f.opens("/keys/revoke?id="+id).Sees(http.StatusOK, "Revoke this key?", "crm", "This cannot be undone.")
	if len(f.keysOf(acme)) != 2 {
		t.Fatal("asking revokes")
	}
	f.Follow(f.Post(p, "revoke")).Sees(http.StatusOK, "The key is revoked.")
	f.Follow(f.Post(p, "revoke")).Sees(http.StatusOK, "The key is revoked.") // the answer was lost
	if left := f.keysOf(acme); len(left) != 1 || left[0].ID == id {
		t.Errorf("left: %+v", left)
	}
	f.Follow(f.Send(http.MethodPost, "/console/organizations/"+acme+"/keys/revoke", url.Values{"id": {f.System.Credential.ID}})).Sees(http.StatusOK, "That is not there any more.")
	f.demandLive(f.System.Credential)
}

// demandLive demands that a key has not ended.
func (f *fixture) demandLive(c access.Credential) {
	f.t.Helper()
	found, err := f.store.Keys(f.t.Context(), c.ID)
	f.must(err)
	if len(found) != 1 || !found[0].Valid(c, f.Clock.Now()) {
		f.t.Errorf("%s has ended", c.ID)
	}
}

// Sessions stand apart: they are no keys that one rotates, and whoever cares for keys ends them.
func TestWhoIsSignedInIsSeenAndSignedOut(t *testing.T) {
	f := newFixture(t)
	lim := f.limited("lim", access.AuditRead)
	f.ann()
	p := f.opens("/keys").Sees(http.StatusOK, "Who is signed in", "lim", "Signed in since")
	if strings.Contains(p.HTML, "rotate?id="+lim.Credential.ID) || strings.Contains(p.HTML, "revoke?id="+lim.Credential.ID) {
		t.Error("a session is offered as a key")
	}
	for _, path := range []string{"/keys/rotate?id=", "/keys/revoke?id="} {
		f.opens(path + lim.Credential.ID).Sees(http.StatusNotFound)
	}
	f.Follow(f.Post(p, "end")).Sees(http.StatusOK, "The session is ended.", "Nobody is signed in.")
	f.signedIn(lim, acme, "lim")
	if end := f.opens("/people"); end.Status != http.StatusSeeOther || end.Header.Get("Location") != "/console/sign-in?over=yes" {
		t.Errorf("an ended session is let in: %d", end.Status)
	}
	f.limited("own", access.KeysWrite)
	p = f.opens("/keys").Sees(http.StatusOK, "This session")
	f.Post(p, "end").Sees(http.StatusSeeOther)
	if end := f.opens("/keys"); end.Header.Get("Location") != "/console/sign-in?over=yes" {
		t.Error("one's own session goes on")
	}
}

func TestAnApplicationIsMadeChangedAndRemoved(t *testing.T) {
	f := newFixture(t)
	f.ann()
	p := f.opens("/keys/application").Sees(http.StatusOK, "New application")
	const two = "https://a.example/\r\n\r\n https://b.example/back \r\n"
	f.Follow(f.Post(p, "application", "id", "erp", "name", "ERP", "return_addresses", two)).Sees(http.StatusOK, "The application is made.", "ERP", "https://b.example/back")
	p = f.opens("/keys/application?id=erp").Sees(http.StatusOK, "Change an application", "https://a.example/ https://b.example/back")
	f.Follow(f.Post(p, "application", "name", "E", "return_addresses", "https://c.example/")).Sees(http.StatusOK, "The application is changed.", "https://c.example/")
	all, err := f.People.Applications(t.Context(), f.Administrator, acme)
	f.must(err)
	if len(all) != 2 || all[1].Name != "E" || !slices.Equal(all[1].ReturnAddresses, []string{"https://c.example/"}) || all[1].Everywhere || all[1].Audience != "" {
		t.Errorf("stored: %+v", all)
	}
	gone := f.opens("/keys/application/remove?id=crm").Sees(http.StatusOK, "Remove CRM?", "Keys that end 1")
	f.Follow(f.Post(gone, "remove")).Sees(http.StatusOK, "The application is removed, with all its keys.")
	f.Follow(f.Post(gone, "remove")).Sees(http.StatusOK, "That is not there any more.")
	if len(f.keysOf(acme)) != 1 {
		t.Error("its key is still good")
	}
	// A form of one that has gone makes it not anew.
	f.Follow(f.Post(f.opens("/keys/application/remove?id=erp"), "remove"))
	f.Post(p, "application", "name", "E").Sees(http.StatusNotFound)
}

func TestApplicationsThatAreRefused(t *testing.T) {
	f := newFixture(t)
	f.ann()
	form := f.opens("/keys/application")
	for _, c := range []struct {
		id, name, addresses string
		status              int
		said                string
	}{
		{"erp", "", "https://a.example/", 422, "A name is one line"},
		{"e r p", "ERP", "", 422, "An id is 1 to 48 letters"},
		{"crm", "ERP", "", 409, "There is one with this id already."},
		{"erp", "ERP", "http://a.example/", 422, "Each line is one complete, secure address"},
		{"erp", "ERP", "javascript:alert(1)", 422, "Each line is one complete, secure address"},
		{"erp", "ERP", strings.Repeat("https://a.example/\n", 21), 422, "at most 20 return addresses"},
	} {
		p := f.Post(form, "application", "id", c.id, "name", c.name, "return_addresses", c.addresses).Sees(c.status, c.said)
		if !strings.Contains(p.HTML, `value="`+c.id+`"`) || !strings.Contains(p.HTML, strings.TrimSpace(c.addresses)) {
			t.Errorf("%s: what was typed is lost", c.said)
		}
		if !strings.Contains(p.HTML, `class="field wrong"`) {
			t.Errorf("%s: no field is marked", c.said)
		}
	}
	all, err := f.People.Applications(t.Context(), f.Administrator, acme)
	f.must(err)
	if len(all) != 1 || all[0].Name != "CRM" {
		t.Errorf("stored: %+v", all)
	}
}

// An application of the vendor's own is narrowed at once, and widened with a second word.
func TestAnApplicationOfTheVendorsIsWidened(t *testing.T) {
	f := newFixture(t)
	f.root()
	form := f.opensVendors("/keys/application").Sees(http.StatusOK, "Named organisations", "All organisations", "Audience of assertions")
	f.Post(form, "application", "id", "portal", "name", "P", "reach", "named").Sees(422, "Name at least one organisation, or choose all.")
	f.Post(form, "application", "id", "portal", "name", "P", "reach", "named", "organizations", "globex").Sees(422, "There is no organisation of one of these ids.")
	f.Post(form, "application", "id", "portal", "name", "P", "reach", "named", "organizations", acme, "audience", "portal").Sees(422, "An audience is a complete")
	f.Post(form, "application", "id", "portal", "name", "P", "reach", "named", "organizations", strings.Repeat("a\n", 101)).Sees(422, "at most 100 organisations")
	f.Follow(f.Post(form, "application", "id", "portal", "name", "P", "reach", "named", "organizations", acme)).Sees(http.StatusOK, "The application is made.", "Named organisations: 1", "urn:twofold:application:portal")
	p := f.opensVendors("/keys/application?id=portal").Sees(http.StatusOK, acme)
	waits := f.Post(p, "application", "name", "P", "reach", "everywhere", "organizations", acme, "audience", "urn:twofold:application:portal").Sees(http.StatusSeeOther)
	page := f.Follow(waits).Sees(http.StatusOK, "Give an application more", "no → yes")
	f.Send(http.MethodPost, page.Path, url.Values{"code": {"00000000"}}).Sees(422, "The code was not accepted.")
	other := strings.Replace(page.Path, "/portal/", "/other/", 1)
	f.Send(http.MethodPost, other, url.Values{"code": {f.mailed("", "root")}}).Sees(http.StatusNotFound)
	f.Follow(f.confirms(waits, "", "root")).Sees(http.StatusOK, "The application is changed.", "All organisations")
	p = f.opensVendors("/keys/application?id=portal")
	f.Follow(f.Post(p, "application", "name", "P", "reach", "named", "organizations", acme, "audience", "urn:twofold:application:portal")).Sees(http.StatusOK, "The application is changed.", "Named organisations: 1")
	f.Post(f.opensVendors("/keys/application?id=portal"), "application", "name", "P", "reach", "named", "organizations", acme, "audience", "urn:x:y").Sees(http.StatusSeeOther)
	f.confirms(f.Post(f.opensVendors("/keys/new"), "new", "holder", "application:portal"), "", "root").Sees(http.StatusOK, "Application")
	f.Follow(f.Post(f.opensVendors("/keys/application/remove?id=portal"), "remove")).Sees(http.StatusOK, "The application is removed")
}

// Whoever may not care for keys is refused all of it, and so is whoever acts in another's place.
func TestKeysWithoutThePermission(t *testing.T) {
	f := newFixture(t)
	f.ann()
	id := f.Application.Credential.ID
	forms := map[string]visitor.Page{
		"keys/new": f.opens("/keys/new"), "rotate": f.opens("/keys/rotate?id=" + id), "revoke": f.opens("/keys/revoke?id=" + id),
		"application": f.opens("/keys/application"), "application/remove": f.opens("/keys/application/remove?id=crm"),
	}
	before := f.keysOf(acme)
	for who, in := range map[string]func(){"without the permission": func() { f.limited("lim", access.PolicyWrite) }, "in another's place": f.acts} {
		in()
		for action, form := range forms {
			if p := f.Post(form, action, "holder", "application:crm", "id", "erp", "name", "E", "overlap_hours", "0"); p.Status != http.StatusForbidden {
				t.Errorf("%s: %s: %d", who, action, p.Status)
			}
		}
		for _, path := range []string{"/keys", "/keys/new", "/keys/rotate?id=" + id, "/keys/revoke?id=" + id, "/keys/application", "/keys/application/remove?id=crm", "/keys/changes/1", "/people/new", "/people/remove?id=ann"} {
			if p := f.opens(path); p.Status != http.StatusForbidden {
				t.Errorf("%s: %s: %d", who, path, p.Status)
			}
		}
		p := f.opens("/people").Sees(http.StatusOK)
		if strings.Contains(p.HTML, `/keys"`) || strings.Contains(p.HTML, "/people/new") {
			t.Errorf("%s: it is offered", who)
		}
	}
	if after := f.keysOf(acme); len(after) != len(before) {
		t.Errorf("the keys are %+v", after)
	}
}

// What ends sessions ends no key: that has a page which says what it means.
func TestEndingASessionEndsNoKey(t *testing.T) {
	f := newFixture(t)
	f.ann()
	f.Send(http.MethodPost, "/console/organizations/"+acme+"/keys/end", url.Values{"id": {f.Application.Credential.ID}}).Sees(http.StatusSeeOther)
	keys, err := f.store.Keys(t.Context(), f.Application.Credential.ID)
	f.must(err)
	if len(keys) != 1 || !keys[0].Live(f.Clock.Now()) {
		t.Errorf("the application's key has ended: %+v", keys)
	}
}
