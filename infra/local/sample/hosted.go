package sample

import (
	"crypto/rand"
	"net/http"
)

// hosted is called when somebody has typed the right password.
func (a *App) hosted(w http.ResponseWriter, r *http.Request, u User, setUp bool) {
	p := pending{user: u, nonce: rand.Text(), state: rand.Text()}
	answer, err := a.twofold.Begin(r.Context(), Login{
		Organization: a.Organization, User: u.ID, Email: u.Email, Nonce: p.nonce, ReturnTo: a.Address + "/callback", State: p.state,
		DeviceToken: a.deviceToken(r, u), Browser: browserOf(r),
	})
	switch {
	case err != nil: // Twofold cannot be reached, or refuses: nobody gets in
		a.refuse(w, r, err)
	case answer.Next.URL == "", answer.Status == "complete" && !setUp:
		a.finish(w, r, p, answer)
	default:
		a.sessions.await(w, r, p) // user, nonce and state stay on this side, with the browser's session
		http.Redirect(w, r, answer.Next.URL, http.StatusSeeOther)
	}
}

// callback is the return address: the prompt sends the browser back to it, with a code that is good once and for a minute.
func (a *App) callback(w http.ResponseWriter, r *http.Request) {
	if r.URL.RawQuery == "" { // somebody comes back from the page of settings, with nothing
		http.Redirect(w, r, "/", http.StatusSeeOther)
		return
	}
	p, ok := a.sessions.take(r, r.FormValue("state")) // of this browser, and only once
	if !ok {
		a.refuse(w, r, errNoLogin)
		return
	}
	if r.FormValue("code") == "" { // error=not_verified: given up, or refused, which the prompt has explained
		a.refuse(w, r, errNotVerified)
		return
	}
	answer, err := a.twofold.Exchange(r.Context(), r.FormValue("code"), p.nonce)
	if err != nil {
		a.refuse(w, r, err)
		return
	}
	a.finish(w, r, p, answer)
}

// finish lets in whom Twofold says complete about. Only an assertion proves the second factor, if it is about this very login.
func (a *App) finish(w http.ResponseWriter, r *http.Request, p pending, answer Answer) {
	if answer.Status != "complete" {
		a.refuse(w, r, denied(answer))
		return
	}
	var proof Proof
	if answer.Assertion != "" {
		var err error
		if proof, err = a.assertions.verify(r.Context(), answer.Assertion, a.Organization, p.user.ID, p.nonce); err != nil {
			a.refuse(w, r, err)
			return
		}
	}
	a.keepDevice(w, p.user, answer)
	a.sessions.signIn(w, r, p, proof, answer) // under a new session id
	http.Redirect(w, r, "/", http.StatusSeeOther)
}
