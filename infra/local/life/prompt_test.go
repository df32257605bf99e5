package life_test

import (
	"testing"

	"twofold/infra/local/browser"
)

func TestEnrolAndVerifyInThePrompt(t *testing.T) {
	w := newWorld(t)
	w.policy(fields{"status": "forced", "methods": []string{"totp", "email"}, "remember_device": true, "remember_days": 7})
	b := browser.New(t)
	address, _ := w.login("ann")
	p := b.Open(address)
	p.Sees("Protect your account")
	p.Screenshot("prompt/offer")
	ph := w.enrolled(p, "ann")
	p.Screenshot("prompt/codes")
	p.Click("I have kept them")
	p.Sees("Back in the shop")
	if got := w.exchanged("ann"); got["assertion"] == nil {
		t.Errorf("exchanged %v", got)
	}
	address, _ = w.login("ann")
	p = b.Open(address)
	p.Sees("Confirm that it is you")
	p.Screenshot("prompt/challenge")
	p.Fill("Six-digit code", "000000")
	p.Sees("This code was not accepted")
	p.Screenshot("prompt/refused")
	p.Fill("Six-digit code", ph.code(t))
	p.Sees("Back in the shop")
	if got := w.exchanged("ann"); got["assertion"] == nil {
		t.Errorf("exchanged %v", got)
	}
}
