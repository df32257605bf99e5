package console_test

import (
	"net/http"
	"regexp"
	"strings"
	"testing"

	"twofold/pkg/access"
	"twofold/pkg/org"
)

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
