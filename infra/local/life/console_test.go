package life_test

import (
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"twofold/infra/local/browser"
	"twofold/infra/local/stack"
)

// comesIn signs an administrator in to the console for the first time: a mailed code, the key, and a second factor of the administrator's own.
func (w *world) comesIn(p *browser.Page, organization, email, key string) *phone {
	w.t.Helper()
	w.knocks(p, organization, email)
	p.Sees("Show your key, once")
	w.lookedAt(p, "key")
	p.Fill("Your administrator key", key)
	p.Click("Continue")
	p.Sees("Protect your account")
	p.Click("Set it up")
	w.recovery(p, "private."+strings.Split(email, "@")[0])
	p.Sees("Connect your authenticator app")
	ph := scan(w.t, p.QR())
	p.Fill("Six-digit code", ph.code(w.t))
	p.Sees("Keep these recovery codes")
	p.Click("I have kept them")
	return ph
}

// knocks names somebody and enters the code that is mailed.
func (w *world) knocks(p *browser.Page, organization, email string) {
	w.t.Helper()
	before := len(w.codes(email))
	p.Sees("Sign in to the console")
	p.Fill("Your email address", email)
	if organization != "" {
		p.Fill("Organisation", organization)
	}
	p.Click("Continue")
	p.Sees("Look into your mailbox")
	p.Fill("Code", w.code(email, before))
}

// typesIn signs in an administrator who has a second factor, and no mouse.
func (w *world) typesIn(p *browser.Page, organization, email string, ph *phone) {
	w.t.Helper()
	before := len(w.codes(email))
	p.Sees("Sign in to the console")
	p.Type(email) // where the focus is
	p.Press("Tab")
	p.Type(organization)
	p.Press("Enter")
	p.Sees("Look into your mailbox")
	p.Type(w.code(email, before))
	p.Sees("Confirm that it is you")
	p.Type(ph.next(w.t))
}

// lookedAt holds a page of the console to what all pages are held to, its weight among it, and takes its picture.
func (w *world) lookedAt(p *browser.Page, name string) {
	w.t.Helper()
	if n := p.Weight(); n > maxWeight {
		w.t.Errorf("%s weighs %d bytes", name, n)
	}
	p.Screenshot("console/" + name)
	p.Accessible()
	p.Fits(320)
}

func TestAnAdministratorComesIn(t *testing.T) {
	w := newWorld(t)
	b := browser.New(t)
	p := b.Open(w.stack.APIURL + "/console")
	w.lookedAt(p, "sign-in")
	ph := w.comesIn(p, stack.Organization, "admin@demo.example", w.admin)
	p.Sees("Users with a second factor")
	w.lookedAt(p, "overview-first")
	p.Go(w.stack.APIURL + "/console")
	p.Sees("Users with a second factor")
	again := browser.New(t).Dark().Size(360, 740).Open(w.stack.APIURL + "/console")
	w.typesIn(again, stack.Organization, "admin@demo.example", ph)
	again.Sees("Users with a second factor")
	again.Press("Tab")
	if got := again.Focused(); got != "Skip to the content" {
		w.t.Errorf("the first key leads to %q", got)
	}
	for range 2 {
		again.Press("Tab")
	}
	again.Press("Enter")
	again.Sees("There are no such users.")
	w.lookedAt(again, "overview-dark")
}

// staff has the organisation's users: bo, cy and di without a second factor, and eli with an app already.
func (w *world) staff() {
	w.t.Helper()
	w.call(w.system, http.MethodPut, "", fields{"name": "Demo", "entitlements": fields{"two_factor": true, "app_passwords": true, "sender": true}}, 200)
	for _, id := range []string{"bo", "cy", "di"} {
		w.call(w.app, http.MethodPut, "/users/"+id, fields{"email": id + "@demo.example"}, 201)
	}
	line := `{"user":"eli","email":"eli@demo.example","otpauth":"otpauth://totp/Demo:eli?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&issuer=Demo"}`
	r, err := http.NewRequestWithContext(w.t.Context(), http.MethodPost, w.stack.APIURL+"/v1/organizations/"+stack.Organization+"/imports", strings.NewReader(line+"\n"))
	if err != nil {
		w.t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+w.admin)
	r.Header.Set("Content-Type", "application/x-ndjson")
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		w.t.Fatal(err)
	}
	if response.Body.Close(); response.StatusCode != 200 {
		w.t.Fatalf("an import: %d", response.StatusCode)
	}
}

// confirms enters the code that an administrator is mailed for what was proposed just now; before is how many codes there were.
func (w *world) confirms(p *browser.Page, email string, before int) {
	w.t.Helper()
	p.Sees("Confirm with a code")
	p.Fill("Code", w.code(email, before))
	p.Click("Confirm")
}

// at is a page of the organisation's console.
func (w *world) at(path string) string {
	return w.stack.APIURL + "/console/organizations/" + stack.Organization + path
}

const boss = "admin@demo.example"

// An administrator does what there is to do, page by page.
func TestAnAdministratorAtWork(t *testing.T) {
	w := newWorld(t)
	w.staff()
	p := browser.New(t).Open(w.stack.APIURL + "/console")
	w.comesIn(p, stack.Organization, boss, w.admin)
	p.Sees("Users with a second factor")
	w.users(p)
	w.forced(p)
	w.logs(p)
	w.keyed(p)
	w.sender(p)
	w.invites(p)
	p.Go(w.at("/self"))
	p.Sees("Signed in")
	w.lookedAt(p, "self")
	p.Click("Look after it")
	p.Sees("Your security settings")
	p.Go(w.at("/self"))
	p.Sees("Signed in")
	p.Click("Sign out")
	p.Sees("Sign in to the console")
	p.Go(w.at("/users"))
	p.Sees("Sign in to the console")
}

// users looks at the table in every order, exempts two at once, and cares for one.
func (w *world) users(p *browser.Page) {
	w.t.Helper()
	p.Go(w.at("/users"))
	p.Sees("eli@demo.example")
	w.lookedAt(p, "users")
	for _, by := range []string{"email", "has_two_factor", "method", "enrolled_at", "last_verified", "user"} {
		p.Go(w.at("/users?order=desc&sort=" + by))
		p.Sees("eli@demo.example")
	}
	p.Click("Choose bo")
	p.Click("Choose cy")
	p.Fill("What to do", "Exempt")
	p.Click("Continue")
	p.Sees("Users whom it is about: 2")
	p.Fill("Last day", time.Now().UTC().AddDate(0, 0, 7).Format(time.DateOnly))
	p.Fill("Reason", "moving house")
	w.lookedAt(p, "bulk")
	p.Click("Exempt")
	p.Sees("What became of it")
	w.lookedAt(p, "became")
	p.Go(w.at("/users/one?user=di"))
	p.Sees("A login in a browser now")
	w.lookedAt(p, "user")
	p.Click("Require a second factor")
	require := p.In("A second factor must be set up, even where the policy leaves it open")
	require.Fill("Reason", "handles money")
	require.Click("Require a second factor")
	p.Sees("A second factor is required of this user.")
	p.Go(w.at("/users/one?user=eli"))
	p.Click("Make a bypass code")
	given := p.In("It lets the user in once without the second factor")
	given.Fill("Reason", "phone at home")
	given.Click("Make a bypass code")
	p.Sees("It is shown only now")
	w.lookedAt(p, "bypass")
}

// forced makes a second factor everybody's: edited, tried, proposed, confirmed and announced.
func (w *world) forced(p *browser.Page) {
	w.t.Helper()
	p.Go(w.at("/policy"))
	p.Sees("What it says")
	w.lookedAt(p, "policy")
	p.Click("Change the policy")
	w.lookedAt(p, "policy-edit")
	p.Click("Required")
	p.Fill("Days to set it up", "14")
	p.Click("Show what it would do")
	p.Sees("Nothing has been proposed yet")
	w.lookedAt(p, "dry-run")
	before := len(w.codes(boss))
	p.Click("Propose this")
	p.Sees("As soon as you confirm")
	w.lookedAt(p, "policy-change")
	w.confirms(p, boss, before)
	p.Sees("The policy is changed.")
	p.Go(w.at("/policy/history"))
	p.Sees("Version")
	w.lookedAt(p, "history")
	p.Go(w.at("/policy/users?group=must_enroll&later=yes"))
	w.lookedAt(p, "dry-run-users")
	p.Go(w.at(""))
	p.Sees("Day by day")
	w.lookedAt(p, "overview")
	p.Go(w.at("/announcements"))
	p.Sees("Who must have a second factor and has none")
	w.lookedAt(p, "announcements")
}

// logs reads what happened, and takes it away as files.
func (w *world) logs(p *browser.Page) {
	w.t.Helper()
	p.Go(w.at("/audit"))
	p.Sees("policy.changed")
	w.lookedAt(p, "audit")
	p.Go(w.at("/audit?actor=admin"))
	p.Sees("policy.changed")
	p.Go(w.at("/sign-ins"))
	p.Sees("Sign-ins")
	w.lookedAt(p, "sign-ins")
	p.Go(w.at("/exports"))
	w.lookedAt(p, "exports")
	p.Go(w.at("/exports/parts?what=enrollment&format=csv"))
	p.Sees("go run ./infra/export -verify")
	w.lookedAt(p, "export-part")
}

// keyed makes an application, gives it a key, and takes both away.
func (w *world) keyed(p *browser.Page) {
	w.t.Helper()
	p.Go(w.at("/keys"))
	p.Sees("Keys of the API")
	w.lookedAt(p, "keys")
	p.Click("New application")
	p.Fill("Id", "shop")
	p.Fill("Name", "Shop")
	w.lookedAt(p, "application")
	p.Click("Save")
	p.Sees("The application is made.")
	p.Go(w.at("/keys/new?application=shop"))
	before := len(w.codes(boss))
	p.Fill("Name of the key", "till")
	w.lookedAt(p, "key")
	p.Click("Continue")
	w.confirms(p, boss, before)
	p.Sees("Keep this key")
	p.Sees("tfk_app_")
	w.lookedAt(p, "key-shown")
	p.Go(w.at("/keys/application/remove?id=shop"))
	w.lookedAt(p, "application-remove")
	p.Click("Remove")
	p.Sees("The application is removed")
}

// sender sets a domain, looks at it, and removes it.
func (w *world) sender(p *browser.Page) {
	w.t.Helper()
	p.Go(w.at("/sender"))
	p.Sees("No domain of yours is set")
	p.Fill("Domain of your own", "mail.demo-company.com")
	p.Click("Save")
	p.Sees("Records for your DNS")
	w.lookedAt(p, "sender")
	p.Click("Look again")
	p.Sees("Records for your DNS")
	p.Click("Remove the domain")
	p.Sees("The domain is removed.")
}

// invites has a colleague come in by an invitation that is accepted in the console.
func (w *world) invites(p *browser.Page) {
	w.t.Helper()
	p.Go(w.at("/people"))
	p.Sees(boss)
	w.lookedAt(p, "people")
	p.Go(w.at("/people/new"))
	p.Fill("Id", "bea")
	p.Fill("Email address", "bea@demo.example")
	p.Click("Read reports")
	w.lookedAt(p, "invite")
	before := len(w.codes(boss))
	p.Click("Continue")
	w.confirms(p, boss, before)
	p.Sees("bea@demo.example")
	b := browser.New(w.t).Language("de")
	q := b.Open(w.stack.APIURL + "/console/invitation")
	q.Fill("Organisation", stack.Organization)
	q.Fill("Administrator", "bea")
	q.Fill("Einladung", w.invitation("bea@demo.example"))
	w.lookedAt(q, "invitation-german")
	q.Click("Weiter")
	q.Sees("Das ist Ihr Schlüssel")
	q.Sees("tfk_admin_")
	w.lookedAt(q, "invitation-accepted-german")
}

var invited = regexp.MustCompile(`(?m)^[A-Z2-9]{4}(-[A-Z2-9]{4}){7}$`)

// invitation waits for the one that was mailed.
func (w *world) invitation(to string) string {
	w.t.Helper()
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		for _, m := range w.stack.Mailbox(to) {
			if found := invited.FindString(m.Text); found != "" {
				return found
			}
		}
	}
	w.t.Fatalf("%s was not invited", to)
	return ""
}

// The vendor's own see all organisations, make one, and act in an administrator's place, which nobody can overlook.
func TestTheVendorAtWork(t *testing.T) {
	w := newWorld(t)
	w.staff()
	p := browser.New(t).Open(w.stack.APIURL + "/console")
	w.comesIn(p, "", stack.Administrator, w.system)
	p.Sees("Users with a second factor")
	w.lookedAt(p, "vendor")
	vendor := w.stack.APIURL + "/console/vendor"
	p.Go(vendor + "/organizations")
	p.Sees("Demo")
	w.lookedAt(p, "organizations")
	p.Go(vendor + "/organizations/new")
	p.Fill("Id", "globex")
	p.Fill("Name", "Globex")
	w.lookedAt(p, "organization-new")
	p.Click("Create it")
	p.Sees("Globex")
	w.lookedAt(p, "organization-made")
	p.Go(vendor + "/organizations/one?id=" + stack.Organization)
	p.Sees("Act in an administrator")
	w.lookedAt(p, "organization")
	p.Click("admin")
	p.Fill("Reason", "ticket 4711")
	p.Click("Act in this place")
	p.Sees("is acting as admin of Demo")
	w.lookedAt(p, "acting")
	p.Go(w.at("/users"))
	p.Sees("is acting as admin of Demo")
	p.Go(w.at("/impersonations"))
	p.Sees("ticket 4711")
	w.lookedAt(p, "impersonations")
	p.Click("Stop acting")
	p.Sees("You act in nobody")
	p.Go(vendor + "/exports/parts?what=enrollment&format=csv")
	p.Sees("go run ./infra/export -verify")
	p.Go(vendor + "/audit")
	p.Sees("administrator.signed_in")
	p.Go(vendor + "/people")
	p.Sees(stack.Administrator)
	w.lookedAt(p, "vendor-people")
	p.Go(vendor + "/keys")
	p.Sees("Who is signed in")
	w.lookedAt(p, "vendor-keys")
}
