package prompt

import (
	"errors"
	"net/http"
	"net/url"
	"strings"

	"twofold/pkg/access"
	"twofold/pkg/fault"
	"twofold/pkg/login"
	"twofold/pkg/page"
	"twofold/pkg/words"
)

// visit is one request for a login's page.
type visit struct {
	desk
	w      http.ResponseWriter
	r      *http.Request
	h      login.Hosted
	caller access.Caller
	face   page.Face
	say    *words.Catalogue
}

// visited finds the login that a request is about. Whatever a step refuses becomes a page that says what to do.
func (d desk) visited(step func(*visit) error) page.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		v, err := d.find(w, r)
		if err == nil {
			err = step(v)
		}
		if err != nil && v != nil {
			return v.refuse(err)
		}
		return err
	}
}

// find is nil and login.ErrEnded where the browser keeps no such login.
func (d desk) find(w http.ResponseWriter, r *http.Request) (*visit, error) {
	v := &visit{desk: d, w: w, r: r, say: words.Pages(page.Language(r, "", ""))}
	h, found := d.kept(r, r.PathValue("id"))
	if !found {
		return v, login.ErrEnded
	}
	v.h = h
	var err error
	v.caller = h.Caller(d.site.RequestID(r), d.site.SourceIP(r), r.UserAgent())
	if v.face, err = d.site.Face(r.Context(), h.Login.Organization); err != nil {
		return v, err
	}
	v.say = words.Pages(v.face.Language(r, h.Language))
	return v, nil
}

// token is the login's, as the services take it.
func (v *visit) token() (string, error) { return v.h.Token(v.Tokens) }

// took makes the login what a step has made of it: its token may live longer now.
func (v *visit) took(a login.Answer) error {
	if a.Token == "" {
		return nil
	}
	l, err := login.Parse(v.Tokens, a.Token)
	if err != nil {
		return err
	}
	v.h.Login = l
	return nil
}

// on goes on to the login's page, with what it is to show.
func (v *visit) on(way string) error { return v.onWith(way, nil) }

// onWith is on with a refusal, by its code alone. So no page is the answer to a form, and whoever goes back sends nothing again.
func (v *visit) onWith(way string, refused error) error {
	say := url.Values{}
	if way != "" {
		say.Set("way", way)
	}
	if refused != nil {
		known := fault.As(refused)
		say.Set("refused", known.Code)
		if known.Field != "" {
			say.Set("field", known.Field)
		}
	}
	target := pathOf(v.h)
	if len(say) > 0 {
		target += "?" + say.Encode()
	}
	page.SeeOther(v.w, target)
	return nil
}

// refused is the refusal that the address names; nil: none. Whoever makes such an address up is shown a sentence of ours.
func (v *visit) refused() error {
	said := v.r.URL.Query()
	if said.Get("refused") == "" {
		return nil
	}
	return &fault.Error{Kind: fault.Unprocessable, Code: said.Get("refused"), Field: said.Get("field")}
}

// shown is what every page of a login has.
func (v *visit) shown(status int, p page.View) error {
	p.Language, p.Brand = v.say.Language(), v.face.Brand()
	if v.h.ReturnTo != "" {
		p.Returns = []string{v.h.ReturnTo}
	}
	return v.site.Render(v.w, v.r, status, p)
}

// refuse shows a login that is over, and hands on what may be tried again.
func (v *visit) refuse(err error) error {
	known := fault.As(err)
	switch {
	case errors.Is(err, login.ErrEnded), errors.Is(err, login.ErrInvalid), known.Kind == fault.Unauthenticated, known.Kind == fault.Forbidden, known.Kind == fault.NotFound:
		return v.over(http.StatusGone, "ended")
	case known.Code == "already_enrolled", known.Code == "enrollment_not_offered", known.Code == "wrong_step", known.Code == "decision_changed":
		if v.r.Method == http.MethodPost {
			return v.on("") // the page says how things are now
		}
		return v.over(http.StatusGone, "ended")
	}
	v.site.Fail(v.w, v.r, page.View{Language: v.say.Language(), Brand: v.face.Brand()}, err)
	return nil
}

// over is the page of a login that cannot go on: the texts prompt.<name>.title and .text, and the way out.
func (v *visit) over(status int, name string) error { return v.overWith(status, name, refusal{}) }

func (v *visit) overWith(status int, name string, r refusal) error {
	r.Text, r.Out = "prompt."+name+".text", v.out()
	return v.shown(status, page.View{Body: "prompt/over", Title: v.say.Say("prompt." + name + ".title"), Data: r})
}

// organization is the name that people know it by.
func (v *visit) organization() string { return v.face.ShownAs() }

// out is where somebody goes who gives up: back to the application, with nothing proven.
type out struct {
	URL  string
	Host string
}

func (v *visit) out() out {
	if v.h.ReturnTo == "" {
		return out{}
	}
	to, err := url.Parse(v.h.ReturnTo)
	if err != nil {
		return out{}
	}
	return out{URL: returning(v.h, "error", "not_verified"), Host: to.Hostname()}
}

// returning is the return address with one thing said, and with the application's state. The address is byte for byte what the
// application has: only what is behind its query is ours.
func returning(h login.Hosted, name, value string) string {
	separator := "?"
	if strings.Contains(h.ReturnTo, "?") {
		separator = "&"
	}
	said := name + "=" + url.QueryEscape(value)
	if h.State != "" {
		said += "&state=" + url.QueryEscape(h.State)
	}
	return h.ReturnTo + separator + said
}

// form is a field of what was posted, as it was typed.
func (v *visit) form(name string) string { return v.r.PostFormValue(name) }

// remember is whether the browser is to be trusted.
func (v *visit) remember() *login.Remember {
	if v.form("remember") == "" {
		return nil
	}
	return &login.Remember{}
}

// attempt is the idempotency key of a form: the one that it was shown with, so that to send it again is the same request.
func (v *visit) attempt() string { return v.form("attempt") }
