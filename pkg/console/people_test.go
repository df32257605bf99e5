package console_test

import (
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"twofold/infra/local/visitor"
	"twofold/pkg/access"
	"twofold/pkg/factor"
	"twofold/pkg/login"
	"twofold/pkg/memstore"
	"twofold/pkg/org"
	"twofold/pkg/people"
	"twofold/pkg/storetest"
	"twofold/pkg/user"
)

const acme = storetest.Organization

// mailed is the code that somebody is mailed for what they proposed last.
func (f *fixture) mailed(home, administrator string) string {
	f.t.Helper()
	d, err := f.store.Docket(f.t.Context(), home, administrator)
	f.must(err)
	if d == nil {
		f.t.Fatal("nothing was proposed")
	}
	last := d.Changes[len(d.Changes)-1]
	code, err := factor.MailedCode(f.Keys, last.KeyID, d.Mailed(last))
	f.must(err)
	return code
}

// confirms follows a redirect to the page of a proposal, and confirms it there. Another may be proposed afterwards.
func (f *fixture) confirms(p visitor.Page, home, administrator string) visitor.Page {
	f.t.Helper()
	p = f.Follow(p).Sees(http.StatusOK, "Confirm with a code")
	defer f.Clock.Advance(user.SendWindow)
	return f.Send(http.MethodPost, p.Path, url.Values{"code": {f.mailed(home, administrator)}})
}

// person is an administrator as stored; nil where there is none.
func (f *fixture) person(home, id string) *org.Administrator {
	f.t.Helper()
	a, err := f.store.Administrator(f.t.Context(), home, id)
	f.must(err)
	return a
}

// limited signs the browser in as somebody of acme with these permissions.
func (f *fixture) limited(id string, permissions ...access.Permission) access.Caller {
	f.t.Helper()
	a := org.Administrator{ID: id, Organization: acme, Name: "Lim", Email: id + "@acme.example", CreatedAt: f.Clock.Now(), Rev: 1}
	for _, p := range permissions {
		a.Permissions = append(a.Permissions, string(p))
	}
	key, credential := storetest.Session(f.t, access.OrganizationAdministrator, f.Clock.Now())
	key.Holder, key.Organizations, key.Permissions, a.Keys = id, []string{acme}, permissions, []string{key.ID}
	f.must(f.store.WritePeople(f.t.Context(), people.Change{Administrators: []org.Administrator{a}, Keys: []access.Key{key}}))
	c := access.Caller{Credential: credential}
	f.signedIn(c, acme, id)
	return c
}

// acts has root act in ann's place, in the browser.
func (f *fixture) acts() {
	f.t.Helper()
	begun, err := f.People.Impersonate(f.t.Context(), f.System, acme, "ann", "ticket 7")
	f.must(err)
	c, err := access.Parse(begun.Token)
	f.must(err)
	sealed, err := login.SealText(f.Keys, []byte("twofold console session v1"), map[string]any{
		"k": f.System.Credential.Keep(), "n": "root", "t": f.Clock.Now().Truncate(time.Minute), "u": f.AsUser(f.t, "", "root"),
		"a": map[string]any{"k": c.Keep(), "i": begun.ID, "o": acme, "n": "ann", "x": begun.ExpiresAt},
	})
	f.must(err)
	f.Cookies["__Host-console"] = sealed
}

func TestAdministratorsAreShown(t *testing.T) {
	f := newFixture(t)
	f.AddAdministrator(t, "bob")
	f.ann()
	p := f.opens("/people").Sees(http.StatusOK, "Administrators", "ann@acme.example", "bob", "Set the policy", "Care for administrators and keys", "Active", "You", "Invite an administrator")
	if !strings.Contains(p.HTML, `aria-current="page">Administrators<`) {
		t.Error("the menu does not say where this is")
	}
	f.opens("/people/one?id=bob").Sees(http.StatusOK, "bob@acme.example", "Permissions", "Another address", "Remove")
	f.root()
	f.opensVendors("/people").Sees(http.StatusOK, "Root", "root@vendor.example", "Everything", "in every organisation")
	f.opens("/people").Sees(http.StatusOK, "ann@acme.example", "Invite an administrator")
}

func TestSomebodyIsInvited(t *testing.T) {
	f := newFixture(t)
	f.ann()
	p := f.opens("/people/new").Sees(http.StatusOK, "Invite an administrator", "Read the audit")
	p = f.confirms(f.Post(p, "new", "id", "bob", "name", "Bob", "email", "bob@acme.example", "permissions", "audit:read"), acme, "ann")
	f.Follow(p).Sees(http.StatusOK, "The invitation is on its way.", "Bob", "Invited", "until", "Read the audit")
	if a := f.person(acme, "bob"); a == nil || a.Active() || len(a.Permissions) != 1 || a.Deliver != a.Invitation.ID {
		t.Fatalf("invited: %+v", a)
	}
	if p := f.opens("/keys/new"); strings.Contains(p.HTML, "administrator:bob") {
		t.Error("a key is offered to whom the invitation gives the first")
	}
	first := f.person(acme, "bob").Invitation.ID
	p = f.opens("/people/one?id=bob").Sees(http.StatusOK, "Invite again", "good for seven days")
	f.Follow(f.confirms(f.Post(p, "address", "email", "b@acme.example"), acme, "ann")).Sees(http.StatusOK, "The invitation is on its way.", "b@acme.example")
	if f.person(acme, "bob").Invitation.ID == first {
		t.Error("the earlier invitation is still good")
	}
	f.Clock.Advance(people.InvitationLife)
	f.ann()
	f.opens("/people").Sees(http.StatusOK, "Invitation over")
}

func TestAColleagueOfTheVendorsIsInvited(t *testing.T) {
	f := newFixture(t)
	f.root()
	p := f.opensVendors("/people/new").Sees(http.StatusOK, "may do everything, in every organisation")
	if strings.Contains(p.HTML, "checkbox") {
		t.Error("permissions are offered where there are none")
	}
	p = f.confirms(f.Post(p, "new", "id", "cai", "email", "cai@vendor.example", "permissions", "audit:read"), "", "root")
	f.Follow(p).Sees(http.StatusOK, "The invitation is on its way.", "cai@vendor.example")
	p = f.opensVendors("/people/one?id=root")
	p = f.confirms(f.Post(p, "address", "email", "new@vendor.example"), "", "root")
	f.Follow(p).Sees(http.StatusOK, "The change is saved.", "new@vendor.example") // one's own, at once
}

// What was typed stands in the form again, with what is wrong about it, and nobody is proposed.
func TestInvitationsThatAreRefused(t *testing.T) {
	f := newFixture(t)
	f.ann()
	form := f.opens("/people/new")
	for _, c := range []struct {
		id, name, email, permission string
		status                      int
		said                        string
	}{
		{"bob", "Bob", "bob at acme", "audit:read", 422, "This is not one bare email address."},
		{"bob", "Bob", "", "audit:read", 422, "This is not one bare email address."},
		{"bo b", "Bob", "bob@acme.example", "audit:read", 422, "An id is 1 to 48 letters"},
		{"", "Bob", "bob@acme.example", "audit:read", 422, "An id is 1 to 48 letters"},
		{"ann", "Bob", "bob@acme.example", "audit:read", 409, "There is one with this id already."},
		{"changes", "Bob", "bob@acme.example", "audit:read", 422, "Nobody can have this id."},
		{"bob", strings.Repeat("x", 81), "bob@acme.example", "audit:read", 422, "A name is one line"},
		{"bob", "Bob", "bob@acme.example", "", 422, "Tick what the administrator may do."},
		{"bob", "Bob", "bob@acme.example", "everything", 422, "Tick what the administrator may do."},
	} {
		p := f.Post(form, "new", "id", c.id, "name", c.name, "email", c.email, "permissions", c.permission).Sees(c.status, c.said)
		for _, typed := range []string{c.id, c.name, c.email} {
			if !strings.Contains(p.HTML, `value="`+typed+`"`) {
				t.Errorf("%s: %q is lost", c.said, typed)
			}
		}
		if ticked := strings.Contains(p.HTML, `value="audit:read" checked`); ticked != (c.permission == "audit:read") {
			t.Errorf("%s: ticked: %t", c.said, ticked)
		}
		if !strings.Contains(p.HTML, `class="field wrong"`) && c.id != "changes" {
			t.Errorf("%s: no field is marked", c.said)
		}
	}
	if d, err := f.store.Docket(t.Context(), acme, "ann"); err != nil || d != nil {
		t.Errorf("something was proposed: %+v, %v", d, err)
	}
}

// An address that somebody made up fills no form in, nor ticks anything.
func TestAQueryFillsNoFormIn(t *testing.T) {
	f := newFixture(t)
	f.limited("lim", access.KeysWrite)
	f.ann()
	for _, path := range []string{
		"/people/new?id=eve&email=eve@evil.example&permissions=keys:write", "/people/one?id=lim&chosen=yes&permissions=policy:write&email=eve@evil.example&name=Eve",
		"/keys/new?id=eve&permissions=policy:write&name=eve", "/keys/application?name=eve&return_addresses=https://evil.example/", "/self?name=eve&email=eve@evil.example&user=eve",
	} {
		p := f.opens(path).Sees(http.StatusOK)
		if strings.Contains(p.HTML, "evil") || strings.Contains(p.HTML, `"eve"`) || strings.Contains(p.HTML, `value="policy:write" checked`) {
			t.Errorf("%s: %s", path, p.HTML)
		}
	}
}

// Less holds at once; more waits for a second word.
func TestPermissions(t *testing.T) {
	f := newFixture(t)
	f.AddAdministrator(t, "bob")
	f.ann()
	p := f.opens("/people/one?id=bob")
	p = f.Follow(f.Post(p, "permissions", "permissions", "audit:read")).Sees(http.StatusOK, "The change is saved.")
	if got := f.person(acme, "bob").Permissions; len(got) != 1 || got[0] != "audit:read" {
		t.Fatalf("bob may %v", got)
	}
	path, values := p.Form("permissions")
	values["permissions"] = []string{"audit:read", "reports:read"}
	waits := f.Send(http.MethodPost, path, values).Sees(http.StatusSeeOther)
	if len(f.person(acme, "bob").Permissions) != 1 {
		t.Error("it holds without a second word")
	}
	f.Follow(waits).Sees(http.StatusOK, "Nothing has changed yet.", "Read the audit → Read the audit, Read reports")
	f.Follow(f.confirms(waits, acme, "ann")).Sees(http.StatusOK, "The change is saved.")
	if got := f.person(acme, "bob").Permissions; len(got) != 2 {
		t.Errorf("bob may %v", got)
	}
	f.Follow(f.Post(p, "rename", "name", "Robert")).Sees(http.StatusOK, "The change is saved.", "Robert")
	f.Post(p, "rename", "name", strings.Repeat("x", 81)).Sees(422, "A name is one line")
}

// Nobody is offered to give what they lack, and whoever sends it all the same is told so.
func TestNobodyGrantsWhatTheyLack(t *testing.T) {
	f := newFixture(t)
	f.limited("lim", access.KeysWrite, access.AuditRead)
	p := f.opens("/people/new").Sees(http.StatusOK, "Read the audit")
	if strings.Contains(p.HTML, "policy:write") {
		t.Error("a permission is offered that the giver lacks")
	}
	f.Post(p, "new", "id", "eve", "email", "eve@acme.example", "permissions", "policy:write").Sees(422, "You can give only what you may do yourself.")
	p = f.opens("/people/one?id=lim")
	f.Post(p, "permissions", "permissions", "users:write").Sees(422, "You can give only what you may do yourself.")
	p = f.opens("/people/one?id=ann")
	if !strings.Contains(p.HTML, `value="policy:write" checked`) {
		t.Error("what somebody has cannot be taken")
	}
	p = f.opens("/keys/new")
	f.Post(p, "new", "holder", "administrator:ann").Sees(422, "You can give only what you may do yourself.")
}

func TestAnAddressIsMovedWithASecondWord(t *testing.T) {
	f := newFixture(t)
	f.AddAdministrator(t, "bob")
	f.ann()
	p := f.opens("/people/one?id=bob")
	f.Post(p, "address", "email", "").Sees(422, "This is not one bare email address.")
	wrong := f.Post(p, "address", "email", "not one").Sees(422, "This is not one bare email address.")
	if !strings.Contains(wrong.HTML, `value="not one"`) {
		t.Error("what was typed is lost")
	}
	f.Post(p, "address", "email", "bob@acme.example").Sees(422, "Nothing would be changed by this.")
	waits := f.Post(p, "address", "email", "bob@new.example").Sees(http.StatusSeeOther)
	page := f.Follow(waits).Sees(http.StatusOK, "We mailed a code to a•••@acme.example", "bob@new.example")
	f.Send(http.MethodPost, page.Path, url.Values{"code": {"1"}}).Sees(422, "A mailed code has eight digits")
	f.Send(http.MethodPost, page.Path, url.Values{"code": {"00000000"}}).Sees(422, "The code was not accepted.", "bob@new.example")
	f.Follow(f.confirms(waits, acme, "ann")).Sees(http.StatusOK, "The change is saved.", "bob@acme.example", "bob@new.example")
	f.Follow(f.Send(http.MethodGet, page.Path, nil)).Sees(http.StatusOK, "This was confirmed before.")
	if f.person(acme, "bob").NextEmail != "bob@new.example" {
		t.Error("no other address waits")
	}
}

func TestAProposalThatCannotBeConfirmed(t *testing.T) {
	f := newFixture(t)
	bob := f.AddAdministrator(t, "bob")
	f.ann()
	page := f.Follow(f.Post(f.opens("/people/one?id=bob"), "address", "email", "bob@new.example"))
	code := f.mailed(acme, "ann")
	f.signedIn(bob, acme, "bob")
	f.Send(http.MethodGet, page.Path, nil).Sees(http.StatusNotFound)
	f.Send(http.MethodPost, page.Path, url.Values{"code": {code}}).Sees(http.StatusNotFound)
	f.ann()
	f.Follow(f.Post(f.opens("/people/one?id=bob"), "rename", "name", "Robert"))
	f.Send(http.MethodPost, page.Path, url.Values{"code": {code}}).Sees(http.StatusConflict, "has changed since it was proposed")
	f.Clock.Advance(10 * time.Minute)
	f.Send(http.MethodPost, page.Path, url.Values{"code": {code}}).Sees(http.StatusConflict, "This has ended. Begin again.")
	f.opens("/people/changes/none").Sees(http.StatusNotFound)
}

func TestSomebodyIsRemoved(t *testing.T) {
	f := newFixture(t)
	f.AddAdministrator(t, "bob")
	f.ann()
	p := f.opens("/people/remove?id=bob").Sees(http.StatusOK, "Remove bob?", "Keys that end 1", "Sessions that end 0", "end at once")
	for _, said := range []string{"The administrator is removed.", "That is not there any more."} { // the second time, the first answer was lost
		f.Follow(f.Post(p, "remove")).Sees(http.StatusOK, said)
	}
	if f.person(acme, "bob") != nil {
		t.Error("bob is still there")
	}
	p = f.opens("/people/remove?id=ann").Sees(http.StatusOK, "This is you.")
	f.Post(p, "remove").Sees(http.StatusConflict, "This is the last administrator who can change the policy")
	p = f.Post(f.opens("/people/one?id=ann"), "permissions", "permissions", "keys:write").Sees(http.StatusConflict, "This is the last administrator who can change the policy")
	if strings.Contains(p.HTML, `value="policy:write" checked`) || !strings.Contains(p.HTML, `value="keys:write" checked`) {
		t.Error("what was ticked is lost")
	}
	f.root()
	f.Post(f.opensVendors("/people/remove?id=root"), "remove").Sees(http.StatusConflict, "This is the last system administrator")
}

// Whoever may not care for people is offered nothing, and refused.
func TestPeopleWithoutThePermission(t *testing.T) {
	f := newFixture(t)
	f.ann()
	forms := map[string]visitor.Page{
		"new": f.opens("/people/new"), "rename": f.opens("/people/one?id=ann"), "permissions": f.opens("/people/one?id=ann"), "address": f.opens("/people/one?id=ann"),
		"remove": f.opens("/people/remove?id=ann"),
	}
	f.limited("lim", access.PolicyWrite)
	for _, path := range []string{"/people", "/people/one?id=ann"} {
		p := f.opens(path).Sees(http.StatusOK, "ann@acme.example")
		if strings.Contains(p.HTML, "<form") || strings.Contains(p.HTML, "danger") || strings.Contains(p.HTML, "/people/new") || strings.Contains(p.HTML, "/keys\"") {
			t.Errorf("%s offers what is refused: %s", path, p.HTML)
		}
	}
	before := f.person(acme, "ann").Rev
	for action, form := range forms {
		f.Post(form, action, "id", "ann", "name", "Eve", "email", "eve@evil.example", "permissions", "audit:read").Sees(http.StatusForbidden)
	}
	for _, path := range []string{"/people/new", "/people/remove?id=ann", "/people/changes/1"} {
		f.opens(path).Sees(http.StatusForbidden)
	}
	if f.person(acme, "ann").Rev != before {
		t.Error("something was changed")
	}
}

// Nobody sees another organisation, or the vendor's home.
func TestPeopleOfOthers(t *testing.T) {
	f := newFixture(t)
	f.ann()
	for _, path := range []string{"/people", "/people/new", "/people/one?id=ann", "/people/remove?id=ann", "/keys", "/keys/new", "/keys/application", "/self"} {
		f.Send(http.MethodGet, "/console/organizations/globex"+path, nil).Sees(http.StatusNotFound)
		f.opensVendors(path).Sees(http.StatusNotFound)
	}
	for _, id := range []string{"a/b", strings.Repeat("x", 1500)} { // no store is asked for what is no id
		f.store.FailNext(memstore.One, false, errors.New("asked"))
		f.opens("/people/one?id=" + id).Sees(http.StatusNotFound)
		f.opens("/people/one?id=ann").Sees(http.StatusServiceUnavailable)
	}
	for _, id := range []string{"", "nobody", "root", "a/b", strings.Repeat("x", 1500), "%00"} {
		for _, path := range []string{"/people/one", "/people/remove", "/keys/rotate", "/keys/revoke", "/keys/application/remove"} {
			f.opens(path + "?id=" + id).Sees(http.StatusNotFound)
		}
	}
}
