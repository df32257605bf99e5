package life_test

import (
	"strings"
	"testing"

	"twofold/infra/local/browser"
	"twofold/infra/local/stack"
)

// comesIn signs an administrator in to the console for the first time: a mailed code, the key, and a second factor of the administrator's own.
func (w *world) comesIn(p *browser.Page, organization, email, key string) *phone {
	w.t.Helper()
	w.knocks(p, organization, email)
	p.Sees("Show your key, once")
	lookedAt(p, "key")
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

// comesAgain signs in an administrator who has a second factor.
func (w *world) comesAgain(p *browser.Page, organization, email string, ph *phone) {
	w.t.Helper()
	w.knocks(p, organization, email)
	p.Sees("Confirm that it is you")
	p.Fill("Six-digit code", ph.next(w.t))
}

// lookedAt holds a page of the console to what all pages are held to, and takes its picture.
func lookedAt(p *browser.Page, name string) {
	p.Screenshot("console/" + name)
	p.Accessible()
	p.Fits(320)
}

func TestAnAdministratorComesIn(t *testing.T) {
	w := newWorld(t)
	b := browser.New(t)
	p := b.Open(w.stack.APIURL + "/console")
	lookedAt(p, "sign-in")
	ph := w.comesIn(p, stack.Organization, "admin@demo.example", w.admin)
	p.Sees("Users with a second factor")
	lookedAt(p, "overview")
	p.Go(w.stack.APIURL + "/console")
	p.Sees("Users with a second factor")
	again := browser.New(t).Dark().Size(360, 740).Open(w.stack.APIURL + "/console")
	w.comesAgain(again, stack.Organization, "admin@demo.example", ph)
	again.Sees("Users with a second factor")
	lookedAt(again, "overview-dark")
}
