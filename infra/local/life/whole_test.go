package life_test

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"twofold/infra/local/browser"
)

// TestTheWholeLife is what docs/life.md shows: forced, sent to the prompt, enrolled by QR code, back in the application, reported, reset, and
// once more from the beginning. Its pictures are numbered as they come.
func TestTheWholeLife(t *testing.T) {
	w := newWorld(t)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	notes, err := w.stack.Sample(ctx, "127.0.0.1:0", w.keys)
	if err != nil {
		t.Fatal(err)
	}
	w.policy(fields{"status": "forced", "methods": []string{"totp", "email"}, "remember_device": true, "remember_days": 14})
	b := browser.New(t).Size(1000, 760)
	p := signingIn(b, notes)
	p.Screenshot("life/01-signing-in")
	p.Click("Sign in")
	p.Sees("Your organisation asks for a second factor")
	p.Screenshot("life/02-asked-to-enrol")
	w.lena(p, true)
	p.Click("I have kept them")
	p.Sees("With your password and a second factor")
	p.Screenshot("life/09-back-in-the-application")

	if user := w.reported("lena", true); user["default_method"] != "totp" {
		t.Errorf("reported %v", user)
	}
	w.call(w.admin, http.MethodPost, "/users/lena/reset", fields{"reason": "phone lost"}, 200)
	w.reported("lena", false)
	p = signingIn(b, notes)
	p.Click("Sign in")
	p.Sees("Protect your account")
	p.Screenshot("life/10-after-a-reset")
	phone := w.lena(p, false)
	p.Click("I have kept them")
	p.Sees("With your password and a second factor")

	p = signingIn(b, notes)
	p.Click("Sign in")
	p.Click("Do not ask again in this browser")
	p.Screenshot("life/11-signing-in-again")
	p.Fill("Six-digit code", phone.code(t))
	p.Sees("With your password and a second factor")
	p = signingIn(b, notes)
	p.Click("Sign in")
	p.Sees("nothing was asked this time")
	p.Screenshot("life/12-in-a-trusted-browser")
}

// signingIn is the sample application's page for whoever has signed out, filled in for Lena.
func signingIn(b *browser.Browser, notes string) *browser.Page {
	p := b.Open(notes)
	if strings.Contains(p.Text(), "Sign out") {
		p.Click("Sign out")
	}
	p.Go(notes + "/?as=lena")
	return p
}

// lena enrols in the prompt, and keeps the recovery email that she has.
func (w *world) lena(p *browser.Page, first bool) *phone {
	w.t.Helper()
	const login, home = "lena@larkspur.example", "lena@home.example"
	shot := func(name string) {
		if first {
			p.Screenshot("life/" + name)
		}
	}
	before := len(w.codes(login))
	p.Click("Set it up")
	p.Sees("First, show that it is you")
	shot("03-a-code-to-the-login-address")
	p.Fill("Eight-digit code", w.code(login, before))
	p.Sees("Where can we reach you")
	shot("04-recovery-email")
	before = len(w.codes(home))
	p.Fill("Recovery email", home)
	p.Fill("The same address again", home)
	p.Click("Continue")
	p.Sees("Confirm your recovery email")
	shot("05-a-code-to-the-recovery-email")
	p.Fill("Eight-digit code", w.code(home, before))
	p.Sees("Choose your second factor")
	shot("06-choosing-a-method")
	p.Click("Continue")
	p.Sees("Connect your authenticator app")
	shot("07-the-qr-code")
	ph := scan(w.t, p.QR())
	p.Fill("Six-digit code", ph.code(w.t))
	p.Sees("Keep these recovery codes")
	shot("08-recovery-codes")
	return ph
}

// reported is a user's line of the organisation's report, once it says whether there is a second factor: it follows by a moment.
func (w *world) reported(id string, enrolled bool) fields {
	w.t.Helper()
	var page fields
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); time.Sleep(50 * time.Millisecond) {
		page = w.call(w.admin, http.MethodGet, "/report?user_prefix="+id, nil, 200)
		users, _ := page["users"].([]any)
		if len(users) == 1 && users[0].(fields)["has_two_factor"] == enrolled {
			return users[0].(fields)
		}
	}
	w.t.Fatalf("%s is reported otherwise: %v", id, page)
	return nil
}
