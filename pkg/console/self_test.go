package console_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"twofold/pkg/access"
	"twofold/pkg/people"
)

func TestOnesOwnPage(t *testing.T) {
	f := newFixture(t)
	f.limited("lim", access.AuditRead)
	p := f.opens("/self").Sees(http.StatusOK, "My account", "Lim", "lim@acme.example", "Read the audit", "Signed in since", "Until", "Sign out")
	if !strings.Contains(p.HTML, `aria-current="page">My account: `) || !strings.Contains(p.HTML, `<form method="post" action="/console/sign-out">`) {
		t.Error(p.HTML)
	}
	p = f.opens("/people")
	if !strings.Contains(p.HTML, `href="/console/organizations/acme.example/self">My account: `) {
		t.Error("the menu does not lead there")
	}
	f.root()
	p = f.opensVendors("/self").Sees(http.StatusOK, "Root", "root@vendor.example", "Everything", "Sign out", "Change your name or address")
	if strings.Contains(p.HTML, `action="/console/vendor/self/name`) || !strings.Contains(p.HTML, "/people/one?id=root") || !strings.Contains(p.HTML, `aria-current="page">My account: `) {
		t.Error(p.HTML)
	}
	// Nobody is themselves elsewhere, or in another's place.
	for _, in := range []func(){f.root, f.acts} {
		in()
		f.Follow(f.opens("/self")).Sees(http.StatusOK, "root@vendor.example")
		if p := f.opens("/people"); !strings.Contains(p.HTML, `href="/console/vendor/self">My account: `) {
			t.Error("the menu leads elsewhere")
		}
	}
}

func TestOneChangesOneself(t *testing.T) {
	f := newFixture(t)
	f.Enrolled(t, "eve")
	f.ann()
	p := f.opens("/self").Sees(http.StatusOK, "Say which user of the organisation you are")
	f.Post(p, "user", "user", "").Sees(422, "The organisation has no such user.")
	wrong := f.Post(p, "user", "user", "nobody").Sees(422, "The organisation has no such user.")
	if !strings.Contains(wrong.HTML, `value="nobody"`) || strings.Contains(wrong.HTML, "self/forget") {
		t.Error(wrong.HTML)
	}
	f.Post(p, "name", "name", "ann").Sees(422, "Nothing would be changed by this.")
	f.Post(p, "address", "email", "x").Sees(422, "This is not one bare email address.")
	waits := f.Post(p, "user", "user", "eve").Sees(http.StatusSeeOther)
	if f.person(acme, "ann").User != "" {
		t.Error("without a second word")
	}
	page := f.Follow(waits).Sees(http.StatusOK, "Change your account", "eve")
	f.Send(http.MethodPost, page.Path, url.Values{"code": {"00000000"}}).Sees(422, "The code was not accepted.")
	p = f.Follow(f.confirms(waits, acme, "ann")).Sees(http.StatusOK, "Your account is changed.", "You are the user eve")
	p = f.Follow(f.confirms(f.Post(p, "name", "name", "Ann"), acme, "ann")).Sees(http.StatusOK, "Ann")
	p = f.Follow(f.confirms(f.Post(p, "address", "email", "own@acme.example"), acme, "ann")).Sees(http.StatusOK, "own@acme.example")
	// Linked, one may confirm with the authenticator of the user that one is.
	f.Follow(f.Post(p, "forget")).Sees(http.StatusOK, "How do you confirm?", "With a code of my authenticator app")
	f.Follow(f.confirms(f.Post(p, "forget"), acme, "ann")).Sees(http.StatusOK, "Say which user")
	if a := f.person(acme, "ann"); a.User != "" || a.Name != "Ann" || a.Email != "own@acme.example" {
		t.Errorf("stored: %+v", a)
	}
}

func TestOneConfirmsWithAnAuthenticator(t *testing.T) {
	f := newFixture(t)
	secret := f.Enrolled(t, "eve")
	f.ann()
	page := f.Follow(f.Post(f.opens("/self"), "name", "name", "Ann"))
	if strings.Contains(page.Text, "authenticator app") {
		t.Error("an authenticator is offered to whom none is known")
	}
	f.Link(t, "ann", "eve")
	f.Clock.Advance(time.Hour)
	f.ann()
	page = f.Follow(f.Post(f.opens("/self"), "name", "name", "Ann")).Sees(http.StatusOK, "With a code of my authenticator app")
	f.Send(http.MethodPost, page.Path, url.Values{"by": {"totp"}, "code": {"000000"}}).Sees(422, "The code was not accepted.")
	f.Follow(f.Send(http.MethodPost, page.Path, url.Values{"by": {"totp"}, "code": {f.Code(t, secret)}})).Sees(http.StatusOK, "Your account is changed.", "Ann")
}

// A narrowed key says nothing of its holder, and another's proposal is nobody else's.
func TestWhoCannotChangeOneself(t *testing.T) {
	f := newFixture(t)
	f.ann()
	form := f.opens("/self")
	page := f.Follow(f.Post(form, "name", "name", "Ann"))
	bob := f.AddAdministrator(t, "bob")
	f.signedIn(bob, acme, "bob")
	f.Send(http.MethodGet, page.Path, nil).Sees(http.StatusNotFound)
	f.Send(http.MethodPost, page.Path, url.Values{"code": {f.mailed(acme, "ann")}}).Sees(http.StatusNotFound)
	key, text := access.NewKey(access.OrganizationAdministrator, f.Clock.Now())
	key.Holder, key.Organizations, key.Scope, key.Permissions = "bob", []string{acme}, []access.Permission{access.AuditRead}, []access.Permission{access.AuditRead}
	f.must(f.store.WritePeople(t.Context(), people.Change{Keys: []access.Key{key}}))
	c, err := access.Parse(text)
	f.must(err)
	f.signedIn(access.Caller{Credential: c}, acme, "bob")
	if p := f.opens("/self").Sees(http.StatusOK, "With a narrowed key nothing can be changed here."); strings.Contains(p.HTML, "self/name") {
		t.Error("it is offered")
	}
	f.Post(form, "name", "name", "Bob").Sees(http.StatusForbidden)
	for _, in := range []func(){f.root, f.acts} {
		in()
		f.Post(form, "name", "name", "Bob").Sees(http.StatusForbidden)
		f.Post(form, "user", "user", "eve").Sees(http.StatusForbidden)
	}
	if f.person(acme, "bob").Name != "bob" || f.person(acme, "ann").Name != "ann" {
		t.Error("somebody was renamed")
	}
}
