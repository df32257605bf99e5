package account

import (
	"errors"
	"net/http"
	"net/url"

	"twofold/pkg/access"
	"twofold/pkg/enroll"
	"twofold/pkg/fault"
	"twofold/pkg/login"
	"twofold/pkg/page"
	"twofold/pkg/words"
)

// visit is one request for a page.
type visit struct {
	desk
	w      http.ResponseWriter
	r      *http.Request
	a      login.Account
	caller access.Caller
	face   page.Face
	say    *words.Catalogue
}

// visited finds the page that a request is about. Whatever a step refuses becomes a page that says what to do.
func (d desk) visited(step func(*visit) error) page.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		v, err := d.find(w, r)
		if err == nil {
			err = step(v)
		}
		if err != nil {
			return v.refuse(err)
		}
		return nil
	}
}

// find is login.ErrEnded where the browser keeps no such page, or it has expired.
func (d desk) find(w http.ResponseWriter, r *http.Request) (*visit, error) {
	v := &visit{desk: d, w: w, r: r, say: words.Pages(page.Language(r, "", ""))}
	a, found := d.kept(r, r.PathValue("id"))
	if !found {
		return v, login.ErrEnded
	}
	v.a = a
	v.caller = a.Caller(d.site.RequestID(r), d.site.SourceIP(r), r.UserAgent())
	var err error
	if v.face, err = d.site.Face(r.Context(), a.Organization); err != nil {
		return v, err
	}
	v.say = words.Pages(v.face.Language(r, a.Language))
	return v, nil
}

// subject is whose settings these are, in the state that the page was opened in.
func (v *visit) subject() enroll.Subject {
	return enroll.Subject{Organization: v.a.Organization, User: v.a.User, Epoch: &v.a.Epoch}
}

// on goes on to a path below the page's; pairs are its query.
func (v *visit) on(path string, pairs ...string) error {
	query := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i+1] != "" {
			query.Set(pairs[i], pairs[i+1])
		}
	}
	target := pathOf(v.a) + path
	if len(query) > 0 {
		target += "?" + query.Encode()
	}
	page.SeeOther(v.w, target)
	return nil
}

// done goes back to the overview, which says what was done.
func (v *visit) done(what string) error { return v.on("", "done", what) }

func (v *visit) shown(status int, p page.View) error {
	p.Language, p.Brand = v.say.Language(), v.face.Brand()
	return v.site.Render(v.w, v.r, status, p)
}

// refuse shows a page that is over, and hands on what may be tried again. What there is no more was named by a page that is old: the
// overview says how things are now, and has ended itself where it is the user that there is no more.
func (v *visit) refuse(err error) error {
	known := fault.As(err)
	switch {
	case errors.Is(err, login.ErrEnded), known.Kind == fault.Unauthenticated, known.Kind == fault.Forbidden:
		return v.over(http.StatusGone, "ended")
	case known.Kind == fault.NotFound && v.r.PathValue("task") != "":
		return v.on("")
	case known.Kind == fault.NotFound:
		return v.over(http.StatusGone, "ended")
	}
	v.site.Fail(v.w, v.r, page.View{Language: v.say.Language(), Brand: v.face.Brand()}, err)
	return nil
}

// over is a page from which nothing goes on but the way back to the application.
func (v *visit) over(status int, name string) error {
	return v.shown(status, page.View{
		Body: "account/over", Title: v.say.Say("account." + name + ".title"),
		Data: struct {
			Text string
			Out  out
		}{v.say.Say("account." + name + ".text"), v.out()},
	})
}

// out is the way back to the application.
type out struct{ URL, Host string }

func (v *visit) out() out {
	to, err := url.Parse(v.a.ReturnTo)
	if err != nil || v.a.ReturnTo == "" {
		return out{}
	}
	return out{v.a.ReturnTo, to.Hostname()}
}

// form is a field of what was posted or, of a page that is asked for, of its query; what is far too long was not typed.
func (v *visit) form(name string) string {
	if v.r.Method == http.MethodPost {
		return short(v.r.PostFormValue(name))
	}
	return short(v.r.URL.Query().Get(name))
}

func short(value string) string {
	if len(value) > 512 {
		return ""
	}
	return value
}
