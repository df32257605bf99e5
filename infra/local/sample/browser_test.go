package sample_test

import (
	"strings"
	"testing"
	"time"

	"github.com/pquerna/otp"

	"twofold/infra/local/browser"
)

// good holds a page to what all pages must be.
func good(p *browser.Page, name string) {
	p.Accessible()
	p.Fits(320)
	p.Screenshot("sample/" + name)
}

func secretOf(t *testing.T, uri string) string {
	t.Helper()
	key, err := otp.NewKeyFromURL(uri)
	if err != nil {
		t.Fatal(err)
	}
	return key.Secret()
}

// enters is what everybody sees first.
func (v *visitor) enters(b *browser.Browser, who, way string) *browser.Page {
	v.t.Helper()
	p := b.Open(v.address)
	p.Click(who)
	p.Click(way)
	p.Click("Sign in")
	return p
}

const (
	ownPages = "On our own pages, through the API"
	prompt   = "On Twofold’s hosted prompt"
)

func TestOurOwnPagesInABrowser(t *testing.T) {
	v := visit(t)
	b := browser.New(t)
	good(b.Open(v.address), "login")
	p := v.enters(b, "Lena Ahrens", ownPages)
	p.Sees("With your password alone: no second factor is set up.")
	good(p, "alone")
	p.Click("Set up two-factor")
	p.Sees("Is it you?")
	good(p, "prove")
	p.Fill("Code", v.code("lena@larkspur.example", 1))
	p.Click("Continue")
	p.Sees("Your recovery email")
	good(p, "recovery-email")
	p.Fill("Recovery email", "lena@home.example")
	p.Fill("The same once more", "lena@home.example")
	p.Click("Continue")
	p.Sees("Does the address work?")
	p.Fill("Code", v.code("lena@home.example", 1))
	p.Click("Continue")
	p.Sees("How do you want to confirm?")
	good(p, "method")
	p.Click("Continue")
	p.Sees("The first code")
	good(p, "first-code")
	secret := secretOf(t, p.QR())
	p.Fill("Code", v.totp(secret, 0))
	p.Click("Continue")
	p.Sees("Keep your recovery codes")
	good(p, "codes")
	p.Click("I have kept them")
	p.Sees("With your password and a second factor.")
	p.Click("All claims of the assertion")
	p.Click("Commands for a shell on this machine")
	good(p, "proven")
	p.Click("Sign out")

	dark := v.enters(browser.New(t).Dark(), "Lena Ahrens", ownPages)
	dark.Sees("Confirm that it is you")
	dark.Fill("Code", "12")
	dark.Click("Continue")
	dark.Sees("This cannot be a code of this method.")
	good(dark, "refused-dark")
	dark.Fill("Code", v.totp(secret, 1))
	dark.Click("Continue")
	dark.Sees("urn:twofold:acr:totp")
	good(dark, "proven-dark")
}

// A newcomer's five minutes: from the login through the prompt and back, and the next login.
func TestThePromptInABrowser(t *testing.T) {
	v := visit(t)
	begun := time.Now()
	b := browser.New(t)
	p := v.enters(b, "Marc Duval", prompt)
	p.Sees("With your password alone")
	p.Click("Set up two-factor")
	p.Sees("Protect your account")
	if !strings.HasPrefix(p.URL(), v.stack.APIURL+"/prompt/") {
		t.Errorf("the browser is at %s", p.URL())
	}
	p.Click("Set it up")
	p.Fill("Eight-digit code", v.code("marc@larkspur.example", 1))
	p.Fill("Recovery email", "marc@home.example")
	p.Fill("The same address again", "marc@home.example")
	p.Click("Continue")
	p.Fill("Eight-digit code", v.code("marc@home.example", 1))
	p.Sees("Choose your second factor")
	p.Click("Authenticator app")
	p.Click("Continue")
	p.Sees("Connect your authenticator app")
	secret := secretOf(t, p.QR())
	p.Fill("Six-digit code", v.totp(secret, 0))
	p.Sees("Keep these recovery codes")
	p.Click("I have kept them")
	p.Sees("With your password and a second factor.")
	p.Sees("/v1/logins/exchanges")
	if p.URL() != v.address+"/" {
		t.Errorf("the browser is at %s: a code may be in its history", p.URL())
	}
	good(p, "back")
	p.Click("Sign out")
	again := v.enters(b, "Marc Duval", prompt)
	again.Sees("Confirm that it is you")
	again.Fill("Six-digit code", v.totp(secret, 1))
	again.Sees("urn:twofold:acr:totp")
	t.Logf("it took a machine %v", time.Since(begun).Round(time.Second))
}
