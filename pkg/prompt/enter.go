package prompt

import (
	"net/http"
	"strings"
	"time"

	"twofold/pkg/access"
	"twofold/pkg/login"
	"twofold/pkg/page"
)

const (
	cookiePrefix = "prompt-"
	// pageLife is how long a browser keeps a login that is under way: as long as one may take, and an enrolment after it.
	pageLife = login.Life + login.EnrollingLife
	// crowded is how many bytes of cookies make room for a further login: API Gateway takes 10,240 bytes of headers in all.
	crowded = 4000
)

// cookie keeps one login, so that several in one browser do not end each other.
func cookie(id string) page.Cookie {
	return page.Cookie{Name: cookiePrefix + id, MaxAge: pageLife}
}

// enter takes what next.url carries off the address bar: the login goes into a cookie, and the browser on to its page. It reads nothing, and may
// be done again.
func (d desk) enter(w http.ResponseWriter, r *http.Request) error {
	h, err := login.ParseEntry(d.Tokens, r.URL.Query().Get("login"))
	if err != nil {
		return access.ErrNotFound
	}
	makeRoom(w, r)
	if err := d.keep(w, h); err != nil {
		return err
	}
	page.SeeOther(w, pathOf(h))
	return nil
}

// keep writes a login into its cookie.
func (d desk) keep(w http.ResponseWriter, h login.Hosted) error {
	sealed, err := h.Page(d.Tokens)
	if err != nil {
		return err
	}
	return cookie(h.Login.ID).Set(w, sealed)
}

// makeRoom lets go of the logins that a browser has begun before, where they would take all the room that there is.
func makeRoom(w http.ResponseWriter, r *http.Request) {
	if len(r.Header.Get("Cookie")) < crowded {
		return
	}
	for _, c := range r.Cookies() {
		if id, ours := strings.CutPrefix(c.Name, "__Host-"+cookiePrefix); ours {
			cookie(id).Clear(w)
		}
	}
}

// pathOf is where a login's page is.
func pathOf(h login.Hosted) string { return "/prompt/" + h.Login.ID }

// ended reports whether a login is over by its time.
func ended(h login.Hosted, now time.Time) bool { return !now.Before(h.Login.ExpiresAt) }
