package life_test

import (
	"encoding/json"
	"net/http"
	"os"
	"regexp"
	"strings"
	"testing"

	"twofold/infra/local/browser"
)

// settings opens the page of a user's own settings, as the application does for whoever is signed in.
func (w *world) settings(p *browser.Page, user string) {
	w.t.Helper()
	opened := w.call(w.app, http.MethodPost, "/users/"+user+"/pages", fields{"return_to": w.returnTo()}, 200)
	p.Go(opened["url"].(string))
	p.Sees("Your security settings")
}

// signed signs a user in by the prompt and, where wanted, has the browser trusted.
func (w *world) signed(b *browser.Browser, user string, ph *phone, trusting bool) {
	w.t.Helper()
	address, _ := w.login(user)
	p := b.Open(address)
	p.Sees("Confirm that it is you")
	if trusting {
		p.Click("Do not ask again in this browser")
	}
	p.Fill("Six-digit code", ph.code(w.t))
	p.Sees("Back in the shop")
	w.exchanged(user)
}

// checked holds a page to what all pages are held to, and takes its picture.
func checked(p *browser.Page, name string) {
	p.Accessible()
	p.Fits(320)
	p.Screenshot("account/" + name)
}

// shownPassword is an app password as it is shown: in groups.
var shownPassword = regexp.MustCompile(`^[A-Z0-9]{4}([ -][A-Z0-9]{1,4}){2,}$`)

// A user enrols, and then changes everything there is in the page of the own settings.
func TestSomebodyLooksAfterTheirOwnSettings(t *testing.T) {
	w := newWorld(t)
	w.entitled()
	w.policy(fields{
		"status": "enabled", "methods": []string{"totp", "email"}, "remember_device": true, "remember_days": 7, "app_password_services": []string{"imap"},
		"recovery": fields{"saved_codes": true, "mailed_code": true},
	})
	b := browser.New(t)
	address, _ := w.login("ann")
	p := b.Open(address)
	ph := w.enrolled(p, "ann")
	p.Click("I have kept them")
	p.Sees("Back in the shop")
	w.exchanged("ann")
	w.signed(b, "ann", ph, true)

	w.settings(p, "ann")
	p.Sees("Authenticator app")
	p.Sees("a•••@home.example")
	checked(p, "overview")
	p.Click("Add a method")
	checked(p, "add")
	p.Click("Code by mail")
	before := len(w.codes("ann@home.example"))
	p.Fill("Six-digit code", ph.code(t))
	p.Sees("Confirm codes by mail")
	checked(p, "confirm")
	p.Fill("Name", "Letters")
	p.Fill("Eight-digit code", w.code("ann@home.example", before))
	p.Sees("The method is added.")
	p.Sees("Letters")

	p.Click("Make new recovery codes")
	p.Fill("Six-digit code", "000000")
	p.Sees("This code was not accepted")
	checked(p, "refused")
	p.Fill("Six-digit code", ph.code(t))
	p.Sees("Keep these new recovery codes")
	checked(p, "codes")
	p.Click("Back to your security settings")

	w.password(p, ph)
	p.Sees("Trusted browsers")
	p.Click("Trust none of them any more")
	p.Sees("No browser is trusted any more")
	w.browsers(b, p, ph)
	p.Screenshot("account/afterwards")
	p.Click("Back to 127.0.0.1")
	p.Sees("Back in the shop")
	<-w.back
}

// password makes one, views it and ends it.
func (w *world) password(p *browser.Page, ph *phone) {
	w.t.Helper()
	p.Click("Make an app password")
	p.Fill("Name", "Mail on the phone")
	p.Fill("Six-digit code", ph.code(w.t))
	p.Sees("Your app password")
	made := secretOn(w.t, p)
	p.Click("Back to your security settings")
	p.Lacks(made)
	p.Click("Show")
	checked(p, "view")
	p.Fill("Six-digit code", ph.code(w.t))
	p.Sees("Show an app password")
	if again := secretOn(w.t, p); again != made {
		w.t.Error("another password is shown")
	}
	checked(p, "app-password")
	p.Click("Back to your security settings")
	p.Click("End it")
	p.Fill("Six-digit code", ph.code(w.t))
	p.Sees("The app password has ended.")
}

// browsers has one trusted, and ends it alone.
func (w *world) browsers(b *browser.Browser, p *browser.Page, ph *phone) {
	w.t.Helper()
	w.signed(b, "ann", ph, true)
	w.settings(p, "ann")
	p.Click("Trust no more")
	p.Sees("This browser is trusted no more.")
}

// secretOn is the one secret that stands on a page, as people read it.
func secretOn(t *testing.T, p *browser.Page) string {
	t.Helper()
	for line := range strings.Lines(p.Text()) {
		if shownPassword.MatchString(strings.TrimSpace(line)) {
			return strings.TrimSpace(line)
		}
	}
	t.Fatalf("no app password: %s", p.Text())
	return ""
}

// entitled gives the organisation app passwords.
func (w *world) entitled() {
	w.t.Helper()
	text, err := os.ReadFile(w.keys)
	if err != nil {
		w.t.Fatal(err)
	}
	var keys struct {
		System struct{ Key string } `json:"system_admin"`
	}
	if err := json.Unmarshal(text, &keys); err != nil {
		w.t.Fatal(err)
	}
	w.call(keys.System.Key, http.MethodPut, "", fields{"name": "Demo", "entitlements": fields{"two_factor": true, "app_passwords": true}}, 200)
}
