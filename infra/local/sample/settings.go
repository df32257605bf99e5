package sample

import "net/http"

// settings sends whoever is signed in to Twofold's page of the own settings. It asks nobody who looks at it, so nobody else is sent there; who has a
// second factor is signed in here with it.
func (a *App) settings(w http.ResponseWriter, r *http.Request) {
	u := a.sessions.of(r).user
	if u == (User{}) {
		http.Redirect(w, r, "/", http.StatusSeeOther)
		return
	}
	address, err := a.twofold.Settings(r.Context(), a.Organization, u.ID, a.Address+"/callback")
	if err != nil {
		a.refuse(w, r, err)
		return
	}
	http.Redirect(w, r, address, http.StatusSeeOther)
}
