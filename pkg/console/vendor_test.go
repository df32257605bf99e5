package console_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"twofold/infra/local/visitor"
	"twofold/pkg/access"
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

var shownKey = regexp.MustCompile(`class="secret" id="key-[^"]+">(tfk_[^<]+)<`)

func TestAnOrganizationIsCreatedWithKeysThatAreShownOnce(t *testing.T) {
	f := newFixture(t)
	f.root()
	p := f.opensVendors("/organizations/new").Sees(200, "Create an organisation", "First administrator", "First application")
	typed := []string{
		"id", "globex", "name", "Globex", "entitlements.two_factor", "yes", "entitlements.user_limit", "20", "administrator.id", "gil", "administrator.name", hostileText,
		"administrator.email", "gil@globex.example", "application.id", "shop",
	}
	made := f.Post(p, "new", typed...).Sees(200, "Globex is created", "Keep these keys now", "Key of the administrator gil", "Key of the application shop")
	keys := shownKey.FindAllStringSubmatch(made.HTML, -1)
	if len(keys) != 2 {
		t.Fatalf("%d keys: %s", len(keys), made.HTML)
	}
	for i, role := range []access.Role{access.OrganizationAdministrator, access.Application} {
		c, err := access.Parse(keys[i][1])
		f.must(err)
		key, _, err := f.store.ReadOrganization(t.Context(), c, "globex")
		f.must(err)
		if key == nil || key.Role != role || !key.Reaches("globex") {
			t.Errorf("key %d: %+v", i, key)
		}
	}
	if o := f.organizationOf("globex"); o.Name != "Globex" || o.Entitlements != (org.Entitlements{TwoFactor: true, UserLimit: 20}) {
		t.Errorf("made: %+v", o)
	}
	again := f.Follow(f.Post(p, "new", typed...)).Sees(200, "its keys were shown then")
	f.opensVendors("/organizations?prefix=globex").Sees(200, "Globex")
	if strings.Contains(again.HTML, "tfk_") || strings.Contains(f.logs.String(), "tfk_") {
		t.Error("a key is shown again")
	}
	path, values := p.Form("new")
	for i := 0; i < len(typed); i += 2 {
		values.Set(typed[i], typed[i+1])
	}
	values.Set("id", "initech")
	if shown := f.Send(http.MethodPost, path, values, "Accept-Encoding", "gzip").Sees(200); shown.Header.Get("Content-Encoding") != "" || shown.Header.Get("Cache-Control") != "no-store" {
		t.Errorf("keys are sent with %v", shown.Header)
	}
}

func TestWhatIsWrongWithANewOrganizationIsSaid(t *testing.T) {
	f := newFixture(t)
	f.root()
	p := f.opensVendors("/organizations/new")
	for _, c := range []struct {
		status int
		says   string
		typed  []string
	}{
		{422, "An id has up to 48 letters", []string{"id", "a b"}},
		{422, "An id has up to 48 letters", []string{"id", ""}},
		{422, "A name is one line of at most 80", []string{"name", ""}},
		{422, "An id has up to 48 letters", []string{"administrator.id", "g l", "administrator.email", "g@globex.example"}},
		{422, "This is not one email address", []string{"administrator.id", "gil", "administrator.email", hostileText}},
		{422, "An id has up to 48 letters", []string{"application.name", "Shop"}},
		{422, "A limit is a whole number", []string{"entitlements.user_limit", "many"}},
		{422, "A limit is a whole number", []string{"entitlements.sms_per_day", "-1"}},
		{422, "A country is two letters", []string{"entitlements.sms_countries", "Germany"}},
		{422, "Name at least one", []string{"entitlements.sms", "yes"}},
		{422, "SMS cannot come from this", []string{"entitlements.sms_origination", "arn:aws:sms-voice:us-east-1:1:pool/x"}},
		{409, "There is an organisation with this id already", []string{"id", ofAcme}},
		{409, "Choose another", []string{"id", access.Administrators}},
	} {
		typed := append([]string{"id", "globex", "name", "Globex " + hostileText}, c.typed...)
		got := f.Post(p, "new", typed...).Sees(c.status, c.says)
		if value := c.typed[len(c.typed)-1]; value != "yes" && !strings.Contains(got.HTML, `value="`+strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&#34;", "'", "&#39;").Replace(value)+`"`) {
			t.Errorf("%v: what was typed is lost", c.typed)
		}
		if strings.Count(got.Text, c.says) < 2 {
			t.Errorf("%v: nothing is said beside the field", c.typed)
		}
		if strings.Contains(got.HTML, "<img src=x") {
			t.Error("what was typed is HTML")
		}
	}
	if o := f.organizationOf(ofAcme); o.Rev != 1 || o.Name != "Acme" {
		t.Errorf("another was changed: %+v", o)
	}
}

func TestNameAndEntitlementsChange(t *testing.T) {
	f := newFixture(t)
	f.root()
	p := f.opensVendors("/organizations/one?id="+ofAcme).Sees(200, "Manage Acme", "Look at its pages", "Optional")
	f.Post(p, "name", "name", "").Sees(422, "A name is one line")
	renamed := f.Follow(f.Post(p, "name", "name", "Acme & Co")).Sees(200, "The name is saved", "Manage Acme & Co")
	f.Follow(f.Post(p, "name", "name", "Acme & Co")).Sees(200, "The name is saved") // the answer was lost
	f.Post(p, "name", "name", "Another").Sees(409, "was changed meanwhile")
	wrong := f.Post(renamed, "entitlements", "entitlements.two_factor", "yes", "entitlements.user_limit", "x").Sees(422, "A limit is a whole number")
	if !strings.Contains(wrong.HTML, `name="entitlements.user_limit" type="text" value="x"`) {
		t.Error("what was typed is lost")
	}
	p = f.Follow(f.Post(renamed, "entitlements", "entitlements.two_factor", "yes", "entitlements.sms", "yes", "entitlements.sms_countries", "fr,de at")).Sees(200, "The entitlements are saved")
	if got, want := f.organizationOf(ofAcme).Entitlements, (org.Entitlements{TwoFactor: true, SMS: true, SMSCountries: "AT,DE,FR"}); got != want {
		t.Errorf("%+v", got)
	}
	if !strings.Contains(p.HTML, `value="AT, DE, FR"`) {
		t.Error("the form does not show them")
	}
}

func TestAWithdrawalSaysFirstWhatBecomesOfUsers(t *testing.T) {
	f := newFixture(t)
	f.root()
	f.countsUser(ofAcme, "u1", org.TOTP)
	f.countsUser(ofAcme, "u2", org.TOTP)
	p := f.opensVendors("/organizations/one?id=" + ofAcme)
	asked := f.Post(p, "entitlements", "entitlements.user_limit", "1").Sees(200, "Take this away?", "They are let in without their second factor", "Users it concerns now: 2.", "They are beyond the limit", "Users it concerns now: 1.")
	if o := f.organizationOf(ofAcme); o.Rev != 1 {
		t.Error("it was taken away before it was said")
	}
	f.Follow(f.Post(asked, "entitlements")).Sees(200, "The entitlements are saved")
	if got := f.organizationOf(ofAcme).Entitlements; got != (org.Entitlements{UserLimit: 1}) {
		t.Errorf("%+v", got)
	}
	f.Post(asked, "entitlements", "entitlements.user_limit", "2").Sees(409, "was changed meanwhile")
}

func TestAWithdrawalWhereItIsForcedIsConfirmed(t *testing.T) {
	f := newFixture(t)
	f.root()
	f.countsUser(ofAcme, "u1", org.TOTP)
	f.forcesIn(ofAcme)
	p := f.opensVendors("/organizations/one?id="+ofAcme).Sees(200, "confirmed with a code that is mailed to you")
	first := f.Post(p, "entitlements", "entitlements.two_factor", "")
	p = f.Follow(first).Sees(200, "Change the entitlements", "r•••@vendor.example", "They are let in without their second factor", "Users it concerns now: 1.")
	at := first.Header.Get("Location")
	action := strings.TrimPrefix(at, "/console/vendor/organizations/")
	f.Post(p, action, "code", "12").Sees(422, "A mailed code has eight digits")
	f.Post(p, action, "code", "00000000").Sees(422, "The code was not accepted")
	if f.organizationOf(ofAcme).Entitlements.TwoFactor != true {
		t.Fatal("taken away without a code")
	}
	code := f.mailedCode("", "root")
	for range 2 { // the second time, the answer was lost
		f.Follow(f.Post(p, action, "code", code)).Sees(200, "The entitlements are saved")
	}
	if f.organizationOf(ofAcme).Entitlements.TwoFactor {
		t.Error("nothing was taken away")
	}
	f.Follow(f.Send(http.MethodGet, at, nil)).Sees(200, "The entitlements are saved")
	f.Send(http.MethodGet, strings.Replace(at, "id="+ofAcme, "id=globex", 1), nil).Sees(404)
	f.ann()
	f.Send(http.MethodGet, at, nil).Sees(404)
	f.Post(p, action, "code", code).Sees(404)
}

func TestWhatWaitsTooLongEnds(t *testing.T) {
	f := newFixture(t)
	f.root()
	f.forcesIn(ofAcme)
	first := f.Post(f.opensVendors("/organizations/one?id="+ofAcme), "entitlements")
	f.Clock.Advance(45 * time.Minute)
	f.root()
	f.Send(http.MethodGet, first.Header.Get("Location"), nil).Sees(409, "This has ended. Begin again.")
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
