package console_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"twofold/infra/local/visitor"
	"twofold/pkg/factor"
	"twofold/pkg/memstore"
	"twofold/pkg/org"

	"twofold/pkg/policy"
	"twofold/pkg/report"
	"twofold/pkg/storetest"
	"twofold/pkg/user"
	"twofold/pkg/words"
)

const ofAcme = storetest.Organization

// hostileText is what somebody may write where a name is asked for.
const hostileText = `<img src=x onerror=alert(1)>"'&`

// putsOrganization makes an organisation past the pages.
func (f *fixture) putsOrganization(in policy.Put) policy.PutResult {
	f.t.Helper()
	got, err := f.Policy.PutOrganization(f.t.Context(), f.System, in)
	f.must(err)
	return got
}

// countsUser has somebody of an organisation be counted.
func (f *fixture) countsUser(organization, id string, methods ...org.Method) {
	f.t.Helper()
	p := user.Profile{Organization: organization, User: id, Rev: 1, RegisteredAt: f.Clock.Now(), Methods: methods}
	f.must(f.store.Write(f.t.Context(), user.Change{Profile: &p}))
	f.must((&report.Counter{Store: f.store, Now: f.Clock.Now}).Observe(f.t.Context(), p))
}

// forcesIn has the organisation require a second factor.
func (f *fixture) forcesIn(id string) {
	f.t.Helper()
	o := f.organizationOf(id)
	o.Rev++
	o.Policy.Status = org.Forced
	f.must(f.store.WriteOrganization(f.t.Context(), id, policy.Change{Organization: &o}))
}

func (f *fixture) organizationOf(id string) org.Organization {
	f.t.Helper()
	_, o, err := f.store.ReadOrganization(f.t.Context(), f.System.Credential, id)
	f.must(err)
	if o == nil {
		f.t.Fatalf("there is no %s", id)
	}
	return *o
}

// mailedCode is what the mailer would send to an administrator for what was proposed last.
func (f *fixture) mailedCode(home, administrator string) string {
	f.t.Helper()
	d, err := f.store.Docket(f.t.Context(), home, administrator)
	f.must(err)
	last := d.Changes[len(d.Changes)-1]
	code, err := factor.MailedCode(f.Keys, last.KeyID, d.Mailed(last))
	f.must(err)
	return code
}

func TestTheVendorSeesAllTogether(t *testing.T) {
	f := newFixture(t)
	f.opensVendors("").Sees(http.StatusSeeOther)
	f.root()
	f.opensVendors("").Sees(200, "Overview", "Nobody has been counted yet")
	f.putsOrganization(policy.Put{ID: "globex", Name: "Globex", Entitlements: org.Entitlements{TwoFactor: true}})
	f.countsUser(storetest.Organization, "u1", org.TOTP)
	f.countsUser("globex", "u2")
	p := f.opensVendors("").Sees(200, "50.0 %", "1 of 2", "30 days", "How users stand")
	if strings.Contains(p.HTML, "/users") {
		t.Error("a link leads to a table that the vendor has not")
	}
	f.opensVendors("?days=90").Sees(200, "90 days")
	if p := f.opens("").Sees(200); !strings.Contains(p.HTML, "/users?status=") {
		t.Error("the organisation's own numbers lead nowhere")
	}
	f.ann()
	f.opensVendors("").Sees(404)
}

func TestAllOrganizationsAreListed(t *testing.T) {
	f := newFixture(t)
	f.root()
	f.putsOrganization(policy.Put{ID: "globex", Name: "Globex " + hostileText, Entitlements: org.Entitlements{TwoFactor: true, Sender: true, AppPasswords: true}})
	f.countsUser(storetest.Organization, "u1", org.TOTP)
	f.forcesIn(storetest.Organization)
	p := f.opensVendors("/organizations").Sees(200, "Organisations", "Acme", ofAcme, "100.0 %", "Required", "Globex "+hostileText, "Nobody counted yet", "Two-factor authentication, App passwords, Own mail sender")
	if strings.Contains(p.HTML, "<img src=x") {
		t.Error("a name is HTML")
	}
	for _, link := range []string{"/console/organizations/globex", "/console/vendor/organizations/one?id=globex", "/console/vendor/organizations/new"} {
		if !strings.Contains(p.HTML, `href="`+link+`"`) {
			t.Errorf("no link to %s", link)
		}
	}
	p = f.opensVendors("/organizations?prefix=GLO").Sees(200, "Globex", "Show all")
	if strings.Contains(p.Text, "Acme") {
		t.Error("another was found")
	}
	f.opensVendors("/organizations?prefix="+url.QueryEscape(hostileText)).Sees(200, "There is no such organisation")
	f.ann()
	f.opensVendors("/organizations").Sees(404)
}

func TestManyOrganizationsHavePages(t *testing.T) {
	f := newFixture(t)
	f.root()
	for i := range 60 {
		f.putsOrganization(policy.Put{ID: fmt.Sprintf("many-%02d", i), Name: "Many", Entitlements: org.Entitlements{TwoFactor: true}})
	}
	p := f.opensVendors("/organizations?prefix=many").Sees(200, "many-00", "many-48", "Show more")
	p = f.Send(http.MethodGet, strings.ReplaceAll(p.Found(regexp.MustCompile(`href="([^"]*cursor=[^"]*)"`)), "&amp;", "&"), nil).Sees(200, "many-49", "many-59")
	if strings.Contains(p.Text, "many-48") || strings.Contains(p.Text, "Show more") || strings.Contains(p.Text, "Acme") {
		t.Errorf("the second page: %s", p.Text)
	}
}

func TestTheVendorsPagesAreNotOthers(t *testing.T) {
	f := newFixture(t)
	f.root()
	p := f.opensVendors("/organizations/one?id=" + ofAcme)
	fresh := f.opensVendors("/organizations/new")
	for _, id := range []string{"", "nowhere", "a#b", strings.Repeat("x", 3000), "%00", "..", hostileText} {
		f.opensVendors("/organizations/one?id=" + url.QueryEscape(id)).Sees(404)
		f.Post(p, "name", "id", id, "name", "x").Sees(404)
		f.Post(p, "entitlements", "id", id).Sees(404)
		f.Post(p, "act", "id", id, "administrator", "ann", "reason", "a reason").Sees(404)
		f.opensVendors("/organizations/changes/abc?id=" + url.QueryEscape(id)).Sees(404)
	}
	f.store.FailAfter(memstore.ReadOrganization, 1, false, errors.New("asked")) // whoever asks, and then what is no id
	f.opensVendors("/organizations/one?id=" + strings.Repeat("x", 2000)).Sees(404)
	f.opensVendors("/organizations").Sees(503)
	f.ann()
	f.opensVendors("/organizations/one?id=" + ofAcme).Sees(404)
	f.opensVendors("/organizations/new").Sees(404)
	f.Post(p, "name", "name", "Mine").Sees(404)
	f.Post(p, "entitlements", "entitlements.sender", "yes").Sees(404)
	f.Post(p, "act", "administrator", "ann", "reason", "a reason").Sees(404)
	f.Post(fresh, "new", "id", "mine", "name", "Mine").Sees(404)
	if o := f.organizationOf(ofAcme); o.Rev != 1 {
		t.Errorf("changed: %+v", o)
	}
}

func TestTheVendorsFailuresLoseNothing(t *testing.T) {
	f := newFixture(t)
	f.root()
	f.forcesIn(ofAcme)
	one, fresh := f.opensVendors("/organizations/one?id="+ofAcme), f.opensVendors("/organizations/new")
	made := []string{"id", "globex", "name", "Globex", "application.id", "shop"}
	for _, c := range []struct {
		op  memstore.Operation
		act func() int
	}{
		{memstore.Tallies, func() int { return f.opensVendors("").Status }},
		{memstore.Days, func() int { return f.opensVendors("").Status }},
		{memstore.Tallies, func() int { return f.opensVendors("/organizations").Status }},
		{memstore.Organizations, func() int { return f.opensVendors("/organizations").Status }},
		{memstore.ReadOrganization, func() int { return f.opensVendors("/organizations").Status }},
		{memstore.Administrators, func() int { return f.opensVendors("/organizations/one?id=" + ofAcme).Status }},
		{memstore.WriteOrganization, func() int { return f.Post(one, "name", "name", "New").Status }},
		{memstore.Counts, func() int { return f.Post(one, "entitlements").Status }},
		{memstore.WriteOrganization, func() int { return f.Post(f.opensVendors("/organizations/one?id="+ofAcme), "entitlements").Status }},
		{memstore.WriteOrganization, func() int { return f.Post(fresh, "new", made...).Status }},
	} {
		f.store.FailNext(c.op, false, errors.New("down"))
		if got := c.act(); got != 503 {
			t.Errorf("without %s: %d", c.op, got)
		}
		if got := c.act(); got >= 400 && got != 409 {
			t.Errorf("with %s again: %d", c.op, got)
		}
	}
	f.store.FailNext(memstore.WriteOrganization, true, errors.New("the reply is lost"))
	f.Post(fresh, "new", "id", "initech", "name", "Initech").Sees(503)
	f.Follow(f.Post(fresh, "new", "id", "initech", "name", "Initech")).Sees(200, "issue others")
}

// Every page of the vendor's is there in every language, whatever somebody wrote.
func TestTheVendorsPagesInEveryLanguage(t *testing.T) {
	f := newFixture(t)
	f.root()
	f.putsOrganization(policy.Put{ID: "globex", Name: hostileText, Entitlements: org.Entitlements{TwoFactor: true, SMS: true, SMSCountries: "DE", AppPasswords: true, Sender: true}, Administrator: &policy.NewAdministrator{ID: "gil", Name: hostileText, Email: "gil@globex.example"}})
	f.countsUser("globex", "u1", org.SMS)
	for _, l := range words.Languages() {
		f.Accept = string(l)
		for _, path := range []string{"", "/organizations", "/organizations/new", "/organizations/one?id=globex"} {
			demandSoundPage(t, f.opensVendors(path).Sees(200))
		}
		one := f.opensVendors("/organizations/one?id=globex")
		demandSoundPage(t, f.Post(one, "entitlements").Sees(200))
		demandSoundPage(t, f.Post(one, "name", "name", strings.Repeat(hostileText, 9)).Sees(422))
		demandSoundPage(t, f.Post(f.opensVendors("/organizations/new"), "new", "id", hostileText, "name", hostileText, "administrator.name", hostileText).Sees(422))
		made := f.Post(f.opensVendors("/organizations/new"), "new", "id", "made-"+string(l), "name", hostileText, "administrator.id", "a", "administrator.email", "a@b.example", "application.id", "b").Sees(200)
		demandSoundPage(t, made)
	}
}

func demandSoundPage(t *testing.T, p visitor.Page) {
	t.Helper()
	for _, wrong := range []string{"ZgotmplZ", "<img src=x", "console."} {
		if strings.Contains(p.HTML, wrong) {
			t.Errorf("%s holds %s", p.Path, wrong)
		}
	}
}
