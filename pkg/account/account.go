package account

import (
	"embed"
	"io/fs"
	"net/http"

	"twofold/pkg/access"
	"twofold/pkg/enroll"
	"twofold/pkg/login"
	"twofold/pkg/page"
	"twofold/pkg/words"
)

//go:embed templates/*.html
var templates embed.FS

// Account is what the pages are made of. The templates and words of Options are its own.
type Account struct {
	page.Options
	Users  *enroll.Service
	Tokens login.Sealer
}

// Handler serves the pages.
func (a Account) Handler() (http.Handler, error) {
	var err error
	if a.Templates, err = fs.Sub(templates, "templates"); err != nil {
		return nil, err
	}
	site, err := page.New(a.Options)
	if err != nil {
		return nil, err
	}
	d := desk{a, site}
	site.Handle("GET /account", d.enter)
	site.Handle("GET /account/{id}", d.visited((*visit).home))
	site.Handle("GET /account/{id}/{task}", d.visited((*visit).look))
	site.Handle("POST /account/{id}/{task}", d.visited((*visit).act))
	return site, nil
}

// desk is an Account that is open.
type desk struct {
	Account
	site *page.Site
}

const cookiePrefix = "account-"

// cookie keeps one page, so that those of several users in one browser do not end each other.
func cookie(id string) page.Cookie {
	return page.Cookie{Name: cookiePrefix + id, MaxAge: login.AccountLife}
}

// enter takes what opened the page off the address bar: it goes into a cookie, and the browser on to the page. An entry is good once, but for the
// browser that has entered with it.
func (d desk) enter(w http.ResponseWriter, r *http.Request) error {
	a, err := login.ParseAccountEntry(d.Tokens, r.URL.Query().Get("page"), d.Now())
	if err != nil {
		return access.ErrNotFound
	}
	if _, entered := d.kept(r, a.ID); entered {
		page.SeeOther(w, pathOf(a))
		return nil
	}
	sealed, err := a.Page(d.Tokens)
	if err != nil {
		return err
	}
	caller := a.Caller(d.site.RequestID(r), d.site.SourceIP(r), r.UserAgent())
	if err := d.Users.EnterAccount(r.Context(), caller, a); err != nil {
		v := &visit{desk: d, w: w, r: r, a: a, say: words.Pages(page.Language(r, a.Language, ""))}
		return v.refuse(err)
	}
	page.MakeRoom(w, r, cookiePrefix)
	if err := cookie(a.ID).Set(w, sealed); err != nil {
		return err
	}
	page.SeeOther(w, pathOf(a))
	return nil
}

// kept is the page that the browser keeps under an id, as long as it lasts.
func (d desk) kept(r *http.Request, id string) (login.Account, bool) {
	sealed, there := cookie(id).Read(r)
	if !there {
		return login.Account{}, false
	}
	a, err := login.ParseAccount(d.Tokens, sealed, d.Now())
	return a, err == nil && a.ID == id
}

// pathOf is where a page is.
func pathOf(a login.Account) string { return "/account/" + a.ID }
