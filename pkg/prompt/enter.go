package prompt

import (
	"net/http"
	"time"

	"github.com/google/uuid"

	"twofold/pkg/access"
	"twofold/pkg/login"
	"twofold/pkg/page"
)

const (
	cookiePrefix = "prompt-"
	// pageLife is how long a browser keeps a login that is under way: as long as one may take, and an enrolment after it.
	pageLife = login.Life + login.EnrollingLife
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
	if under, found := d.kept(r, h.Login.ID); found && !ended(under, d.Now()) {
		page.SeeOther(w, pathOf(under)) // entered before, in this browser: it goes on
		return nil
	}
	page.MakeRoom(w, r, cookiePrefix)
	h = h.Entered(uuid.NewString())
	if err := d.keep(w, h); err != nil {
		return err
	}
	page.SeeOther(w, pathOf(h))
	return nil
}

// kept is the login that the browser keeps under an id.
func (d desk) kept(r *http.Request, id string) (login.Hosted, bool) {
	sealed, there := cookie(id).Read(r)
	if !there {
		return login.Hosted{}, false
	}
	h, err := login.ParsePage(d.Tokens, sealed)
	return h, err == nil && h.At == id
}

// keep writes a login into its cookie.
func (d desk) keep(w http.ResponseWriter, h login.Hosted) error {
	sealed, err := h.Page(d.Tokens)
	if err != nil {
		return err
	}
	return cookie(h.At).Set(w, sealed)
}

// pathOf is where a login's page is.
func pathOf(h login.Hosted) string { return "/prompt/" + h.At }

// ended reports whether a login is over by its time.
func ended(h login.Hosted, now time.Time) bool { return !now.Before(h.Login.ExpiresAt) }
