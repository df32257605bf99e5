package life_test

import (
	"context"
	"encoding/json"
	"net/http"
	"os"
	"regexp"
	"testing"
	"time"

	"twofold/infra/local/browser"
)

// settings opens the page of a user's own settings, as the application does for whoever is signed in.
func (w *world) settings(p *browser.Page, user string) {
	w.t.Helper()
	opened := w.call(w.app, http.MethodPost, "/users/"+user+"/pages", fields{"return_to": w.returnTo()}, 200)
	p.Go(opened["url"].(string))
	p.Sees("Your security settings")
}

// signed signs a user in by the prompt, and has the browser trusted.
func (w *world) signed(b *browser.Browser, user string, ph *phone) {
	w.t.Helper()
	address, _ := w.login(user)
	p := b.Open(address)
	p.Sees("Confirm that it is you")
	p.Click("Do not ask again in this browser")
	p.Fill("Six-digit code", ph.code(w.t))
	p.Sees("Back in the shop")
	w.exchanged(user)
}

// checked holds a page to what all pages are held to, and takes its picture.
func checked(p *browser.Page, name string) {
	p.Screenshot("account/" + name)
	p.Accessible()
	p.Fits(320)
}

// shownPassword is an app password as it is shown: in groups.
var shownPassword = regexp.MustCompile(`\b[A-Z2-9]{4}(-[A-Z2-9]{4}){6}\b`)

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
	w.signed(b, "ann", ph)

	w.settings(p, "ann")
	p.Sees("Authenticator app")
	p.Sees("a•••@home.example")
	checked(p, "overview")
	p.Click("Add a method")
	checked(p, "add")
	p.Click("Code by mail")
	before := len(w.codes(home))
	p.Fill("Six-digit code", ph.next(t))
	p.Sees("Confirm codes by mail")
	checked(p, "confirm")
	p.Fill("Name", "Letters")
	p.Fill("Eight-digit code", w.code(home, before))
	p.Sees("The method is added.")
	p.Sees("Letters")

	w.renewed(p)
	w.password(p, ph)
	w.tablet(p, ph)
	for name, opens := range map[string]string{"recovery": "Change the recovery email", "off": "Switch two-factor authentication off"} {
		p.Click(opens)
		checked(p, name)
		p.Click("Back to your security settings")
	}
	p.In("Letters").Click("Change")
	checked(p, "method")
	p.Click("Back to your security settings")
	p.Click("Trust no more")
	p.Sees("This browser is trusted no more.")
	p.Screenshot("account/afterwards")
	p.Click("Back to 127.0.0.1")
	p.Sees("Back in the shop")
	<-w.back
	if address, _ = w.login("ann"); address == "" {
		t.Error("nothing is asked where no browser is trusted")
	}
}

const home = "ann@home.example"

// next is phone.code that the product takes: it takes no code that is more than one step ahead.
func (p *phone) next(t *testing.T) string {
	t.Helper()
	for time.Now().Unix()/30 < p.last {
		time.Sleep(100 * time.Millisecond)
	}
	return p.code(t)
}

// byMail proves a change with a code that is mailed for it.
func (w *world) byMail(p *browser.Page) {
	w.t.Helper()
	p.Click("Confirm it another way")
	p.Click("With a code by mail: Letters")
	p.Sees("we send a code to a•••@home.example")
	before := len(w.codes(home))
	p.Click("Send the code")
	p.Sees("We have sent a code")
	p.Fill("Eight-digit code", w.code(home, before))
}

// renewed makes new recovery codes, after a mistyped code.
func (w *world) renewed(p *browser.Page) {
	w.t.Helper()
	p.Click("Make new recovery codes")
	p.Fill("Six-digit code", "000000")
	p.Sees("This code was not accepted")
	checked(p, "refused")
	w.byMail(p)
	p.Sees("Keep these new recovery codes")
	checked(p, "codes")
	p.Click("Back to your security settings")
}

// tablet adds a second app, by what its camera sees.
func (w *world) tablet(p *browser.Page, ph *phone) {
	w.t.Helper()
	p.Click("Add a method")
	p.Click("Authenticator app")
	p.Fill("Six-digit code", ph.next(w.t))
	p.Sees("Connect your authenticator app")
	tablet := scan(w.t, p.QR())
	checked(p, "another-app")
	p.Fill("Name", "Tablet")
	p.Fill("Six-digit code", tablet.code(w.t))
	p.Sees("The method is added.")
	p.Sees("Tablet")
}

// password makes an app password, and views it.
func (w *world) password(p *browser.Page, ph *phone) {
	w.t.Helper()
	p.Click("Make an app password")
	p.Sees("Whoever has it gets in with that service")
	p.Click("Confirm it another way")
	p.Click("With a code by mail: Letters")
	before := len(w.codes(home))
	p.Click("Send the code")
	p.Fill("Name", "Mail on the phone")
	p.Fill("Eight-digit code", w.code(home, before))
	p.Sees("Your app password")
	made := secretOn(w.t, p)
	checked(p, "app-password")
	p.Click("Back to your security settings")
	p.Lacks(made)
	p.Sees("Mail on the phone")
	p.In("Mail on the phone").Click("Show")
	checked(p, "view")
	p.Fill("Six-digit code", ph.next(w.t))
	p.Sees("Enter it in the program in the place of your password")
	if again := secretOn(w.t, p); again != made {
		w.t.Error("another password is shown")
	}
	p.Click("Back to your security settings")
}

// secretOn is the one secret that stands on a page, as people read it.
func secretOn(t *testing.T, p *browser.Page) string {
	t.Helper()
	if found := shownPassword.FindString(p.Text()); found != "" {
		return found
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

// The application sends whoever is signed in to the page, and they come back signed in as before; without JavaScript too.
func TestTheApplicationSendsToTheSettings(t *testing.T) {
	w := newWorld(t)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	notes, err := w.stack.Sample(ctx, "127.0.0.1:0", w.keys)
	if err != nil {
		t.Fatal(err)
	}
	b := browser.New(t).WithoutJavaScript()
	p := signingIn(b, notes)
	p.Click("Sign in")
	p.Sees("With your password alone")
	p.Click("Security settings")
	p.Sees("Two-factor authentication is off")
	p.Screenshot("account/off")
	p.Click("I want none")
	p.Sees("You get no announcements")
	p.Click("Back to 127.0.0.1")
	p.Sees("Your notes")
	p.Sees("With your password alone")
}
