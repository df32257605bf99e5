package life_test

import (
	"net/http"
	"regexp"
	"strings"
	"testing"

	"twofold/infra/local/browser"
)

// lively is a world in which everybody must have a second factor, and may have it remembered.
func lively(t *testing.T) *world {
	t.Helper()
	w := newWorld(t)
	w.policy(fields{"status": "forced", "methods": []string{"totp", "email"}, "remember_device": true, "remember_days": 7})
	return w
}

// open begins a login and opens its page.
func (w *world) open(b *browser.Browser, user string) *browser.Page {
	w.t.Helper()
	address, _ := w.login(user)
	return b.Open(address)
}

// settled enrols somebody in a browser, and gives the phone and the saved recovery codes.
func (w *world) settled(b *browser.Browser, user string) (*phone, []string) {
	w.t.Helper()
	p := w.open(b, user)
	ph := w.enrolled(p, user)
	codes := savedCode.FindAllString(p.Text(), -1)
	p.Click("I have kept them")
	w.exchanged(user)
	return ph, codes
}

var savedCode = regexp.MustCompile(`\b[A-Z0-9]{4}-[A-Z0-9]{4}-[A-Z0-9]{4}-[A-Z0-9]{4}\b`)

// A page is good for everybody: whatever they see, use, and hold it in.
func good(p *browser.Page) {
	p.Accessible()
	p.Fits(320)
}

// Every page on the way, in light and dark, narrow and wide, is accessible; and in each language.
func TestThePromptIsForEverybody(t *testing.T) {
	w := lively(t)
	for _, c := range []struct {
		user    string
		browser *browser.Browser
		begin   string
	}{
		{"wide", browser.New(t), "Set it up"},
		{"dark", browser.New(t).Dark().Size(360, 740), "Set it up"},
		{"german", browser.New(t).Language("de"), "Einrichten"},
	} {
		p := w.open(c.browser, c.user)
		p.Screenshot("prompt/" + c.user + "-1-offer")
		good(p)
		p.Click(c.begin)
		good(p)
		fill := func(name, code string) {
			p.Fill(name, code)
			good(p)
		}
		eight, recovery, again, on, six := "Eight-digit code", "Recovery email", "The same address again", "Continue", "Six-digit code"
		if c.user == "german" {
			eight, recovery, again, on, six = "Achtstelliger Code", "Wiederherstellungs-E-Mail", "Dieselbe Adresse noch einmal", "Weiter", "Sechsstelliger Code"
		}
		fill(eight, w.code(c.user+"@demo.example", 0))
		p.Fill(recovery, "not an address")
		p.Fill(recovery, c.user+"@home.example")
		p.Fill(again, c.user+"@home.example")
		p.Click(on)
		good(p)
		fill(eight, w.code(c.user+"@home.example", 0))
		p.Screenshot("prompt/" + c.user + "-2-methods")
		p.Click(on)
		p.Screenshot("prompt/" + c.user + "-3-qr")
		good(p)
		ph := scan(t, p.QR())
		fill(six, "000000")
		p.Screenshot("prompt/" + c.user + "-4-refused")
		fill(six, ph.code(t))
		p.Screenshot("prompt/" + c.user + "-5-codes")
	}
}

// Whoever runs no scripts gets in as well: each page has all that it needs.
func TestThePromptNeedsNoScript(t *testing.T) {
	w := lively(t)
	b := browser.New(t).WithoutJavaScript()
	p := w.open(b, "ann")
	p.Click("Set it up")
	p.Fill("Eight-digit code", w.code("ann@demo.example", 0))
	p.Click("Continue")
	p.Fill("Recovery email", "ann@home.example")
	p.Fill("The same address again", "ann@home.example")
	p.Click("Continue")
	p.Fill("Eight-digit code", w.code("ann@home.example", 0))
	p.Click("Continue")
	p.Click("Code by mail")
	p.Click("Continue")
	p.Sees("Confirm codes by mail")
	p.Fill("Eight-digit code", w.code("ann@home.example", 1))
	p.Click("Continue")
	p.Sees("Keep these recovery codes")
	p.Click("I have kept them")
	p.Sees("Back in the shop")
	w.exchanged("ann")
}

// Nobody needs a mouse.
func TestThePromptNeedsNoMouse(t *testing.T) {
	w := lively(t)
	b := browser.New(t)
	ph, _ := w.settled(b, "ann")
	p := w.open(b, "ann")
	if at := p.Focused(); at != "Six-digit code" {
		t.Errorf("the focus is at %q", at)
	}
	p.Press("Shift+Tab", "Space") // the box before it: to be remembered
	p.Press("Tab")
	p.Paste(" " + ph.code(t)[:3] + " ")
	p.Type(ph.again(t)[3:])
	p.Sees("Back in the shop")
	if got := w.exchanged("ann"); got["device_token"] == nil {
		t.Errorf("the browser is not trusted: %v", got)
	}
}

func TestWaysBackInThePrompt(t *testing.T) {
	w := lively(t)
	b := browser.New(t)
	_, codes := w.settled(b, "ann")
	if len(codes) != 10 {
		t.Fatalf("codes %v", codes)
	}
	for name, back := range map[string]func(p *browser.Page){
		"a saved code": func(p *browser.Page) {
			p.Click("I have lost it: one of my saved recovery codes")
			p.Fill("Recovery code", strings.ToLower(codes[4]))
			p.Click("Continue")
		},
		"a mailed code": func(p *browser.Page) {
			before := len(w.codes("ann@home.example"))
			p.Click("I have lost it: a code to my recovery email")
			p.Sees("We have sent a one-time code") // a script has ordered it
			p.Screenshot("prompt/way-back-mail")
			p.Fill("Eight-digit code", w.code("ann@home.example", before))
		},
		"an administrator's code": func(p *browser.Page) {
			given := w.call(w.admin, http.MethodPost, "/users/ann/bypass-code", fields{"reason": "phone lost"}, 201)
			p.Click("I have a code from my administrator")
			p.Fill("Code from your administrator", given["bypass_code"].(string))
		},
	} {
		p := w.open(b, "ann")
		p.Click("Try another way")
		back(p)
		p.Sees("You have signed in without your authenticator")
		p.Screenshot("prompt/way-back-then")
		good(p)
		p.Click("Go on without")
		p.Sees("Back in the shop")
		if got := w.exchanged("ann"); got["assertion"] == nil {
			t.Errorf("%s: %v", name, got)
		}
	}
}

func TestRefusalsInThePrompt(t *testing.T) {
	w := lively(t)
	b := browser.New(t)
	w.settled(b, "ann")
	p := w.open(b, "ann")
	for range 4 {
		p.Fill("Six-digit code", "000000")
		p.Sees("not accepted")
	}
	p.Fill("Six-digit code", "000000")
	p.Sees("Please wait a while")
	p.Sees("Your administrator at Demo can help you further.")
	p.Screenshot("prompt/locked")
	good(p)
	p.Click("Try again") // the first lock is a second long
	p.Sees("Confirm that it is you")
	p.Click("Back to 127.0.0.1 without signing in")
	p.Sees("Back in the shop")
	if got := w.returned("ann"); got.Get("error") != "not_verified" || got.Has("code") {
		t.Errorf("came back with %v", got)
	}
	p.Go(w.stack.APIURL + "/prompt/00000000-0000-4000-8000-000000000000")
	p.Sees("This sign-in has ended")
	good(p)
	p.Go(w.stack.APIURL + "/prompt?login=nonsense")
	p.Sees("There is no such page")
	p.Screenshot("prompt/none")
	good(p)
}

// maxWeight is what a page may weigh on the wire, compressed, without pictures.
const maxWeight = 60 << 10

func TestThePromptIsLight(t *testing.T) {
	w := lively(t)
	p := w.open(browser.New(t), "ann")
	if weight := p.Weight(); weight == 0 || weight > maxWeight/2 {
		t.Errorf("%d bytes", weight)
	} else {
		t.Logf("%d bytes", weight)
	}
}

// Whoever has lost the phone sets up another one before getting in, where the policy says so; browsers that were trusted by the old one are not
// any more. App passwords come with an enrolment.
func TestALostPhone(t *testing.T) {
	w := newWorld(t)
	w.call(w.system, http.MethodPut, "", fields{"name": "Demo", "entitlements": fields{"two_factor": true, "app_passwords": true, "user_limit": 100}}, 200)
	w.policy(fields{
		"status": "forced", "methods": []string{"totp"}, "remember_device": true, "remember_days": 7, "app_password_services": []string{"imap", "smtp"},
		"recovery": fields{"mailed_code": true, "saved_codes": true, "reenroll": true},
	})
	b := browser.New(t)
	p := w.open(b, "ann")
	ph := w.enrolled(p, "ann")
	p.Sees("App passwords")
	p.Sees("smtp")
	p.Screenshot("prompt/app-passwords")
	good(p)
	old := savedCode.FindAllString(p.Text(), 10)
	p.Click("I have kept them")
	w.exchanged("ann")
	p = w.open(b, "ann")
	p.Click("Do not ask again in this browser")
	p.Fill("Six-digit code", ph.code(t))
	p.Sees("Back in the shop")
	trusted := w.exchanged("ann")["device_token"]
	if trusted == nil || !w.lets("ann", trusted) {
		t.Fatal("the browser is not trusted")
	}
	fresh := w.lost(b, old[0])
	w.exchanged("ann")
	if w.lets("ann", trusted) {
		t.Error("a browser that was trusted by the phone before is still")
	}
	p = w.open(b, "ann")
	p.Click("Try another way")
	p.Click("I have lost it: one of my saved recovery codes")
	p.Fill("Recovery code", old[1])
	p.Click("Continue")
	p.Sees("not accepted") // the codes of the enrolment before are void
	w.lost(b, fresh[0])
	w.exchanged("ann")
}

// lost is somebody who takes a way back and sets up another phone, and gives the new recovery codes.
func (w *world) lost(b *browser.Browser, code string) []string {
	w.t.Helper()
	p := w.open(b, "ann")
	p.Click("Try another way")
	p.Click("I have lost it: one of my saved recovery codes")
	p.Fill("Recovery code", code)
	p.Click("Continue")
	p.Sees("Set up your second factor anew to go on.")
	p.Click("Continue")
	p.Lacks("Do not ask again in this browser") // a way back makes no trusted browser
	ph := scan(w.t, p.QR())
	p.Fill("Six-digit code", ph.code(w.t))
	p.Sees("Keep these recovery codes")
	codes := savedCode.FindAllString(p.Text(), 10)
	p.Click("I have kept them")
	p.Sees("Back in the shop")
	return codes
}

// lets reports whether a device token lets somebody in at once.
func (w *world) lets(user string, token any) bool {
	w.t.Helper()
	_, answer := w.ask(w.app, http.MethodPost, "/v1/logins", fields{
		"organization": "demo", "user": user, "email": user + "@demo.example", "nonce": "nonce-of-" + user, "device_token": token,
	})
	return answer["assertion"] != nil
}
