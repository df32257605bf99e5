package console

import (
	"crypto/rand"
	"errors"
	"net/http"
	"net/url"
	"strings"

	"twofold/pkg/admission"
	"twofold/pkg/page"
	"twofold/pkg/words"
)

const (
	codePath    = signInPath + "/code"
	keyPath     = signInPath + "/key"
	returnPath  = root + "/return"
	invitedPath = root + "/invitation"
)

func entranceRoutes(d desk) {
	d.site.Handle("GET "+root, d.home)
	for pattern, step := range map[string]func(*entering) error{
		"GET " + signInPath:             (*entering).ask,
		"POST " + signInPath:            (*entering).knock,
		"GET " + codePath:               (*entering).askCode,
		"POST " + codePath:              (*entering).answer,
		"POST " + signInPath + "/again": (*entering).again,
		"GET " + keyPath:                (*entering).askKey,
		"POST " + keyPath:               (*entering).proveKey,
		"GET " + returnPath:             (*entering).back,
		"POST " + root + "/sign-out":    (*entering).signOut,
		"GET " + invitedPath:            (*entering).askInvitation,
		"POST " + invitedPath:           (*entering).accept,
	} {
		d.site.Handle(pattern, d.entered(step))
	}
}

// home is where somebody who is signed in begins.
func (d desk) home(w http.ResponseWriter, r *http.Request) error {
	target := signInPath
	if s, there := d.kept(r); there {
		target = baseOf(s.Organization)
	}
	page.SeeOther(w, target)
	return nil
}

// entering is one request of somebody who is on the way in.
type entering struct {
	desk
	w   http.ResponseWriter
	r   *http.Request
	on  way
	say *words.Catalogue
}

// entered answers a step of the way in. What a step refuses and no page of its own explains becomes one.
func (d desk) entered(step func(*entering) error) page.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		e := &entering{desk: d, w: w, r: r, say: words.Console(page.Language(r, "", ""))}
		e.on, _ = d.coming(r)
		err := step(e)
		if errors.Is(err, admission.ErrOver) {
			return e.over()
		}
		return err
	}
}

// over begins again, and says so.
func (e *entering) over() error {
	wayCookie.Clear(e.w)
	page.SeeOther(e.w, signInPath+"?over=yes")
	return nil
}

func (e *entering) shown(status int, p page.View) error {
	p.Language, p.Brand = e.say.Language(), page.Brand{Name: e.say.Say("console.name")}
	return e.site.Render(e.w, e.r, status, p)
}

// refused shows a page again with what was refused, or hands that on.
func (e *entering) refused(err error, p page.View) error {
	v := visit{say: e.say}
	status, alerts, ok := v.failed(err)
	if !ok {
		return err
	}
	p.Alerts = append(alerts, p.Alerts...)
	return e.shown(status, p)
}

// ask is the form for who somebody is.
func (e *entering) ask() error {
	p := e.asking(e.r.URL.Query().Get("organization"), "")
	if e.r.URL.Query().Get("over") != "" {
		p.Alerts = []page.Alert{{Tone: page.Noted, Text: e.say.Say("console.entrance.over")}}
	}
	return e.shown(http.StatusOK, p)
}

func (e *entering) asking(organization, email string) page.View {
	return page.View{Body: "console/sign-in", Title: e.say.Say("console.entrance.title"), Data: []page.Field{
		{Name: "email", Type: "email", Label: e.say.Say("console.entrance.email"), Value: email, Autocomplete: "username", MaxLength: 254, Autofocus: true},
		{Name: "organization", Label: e.say.Say("console.entrance.organization"), Hint: e.say.Say("console.entrance.organization.hint"), Value: organization,
			Autocomplete: "organization", MaxLength: 48, Optional: true},
	}}
}

// knock has a code mailed. What is answered does not tell whether there is such an administrator.
func (e *entering) knock() error {
	claim := admission.Claim{Organization: posted(e.r, "organization"), Email: posted(e.r, "email"), Known: e.known(e.r)}
	ticket, err := e.Admissions.Knock(e.r.Context(), e.visitor(e.r), claim)
	if err != nil {
		return e.refused(err, e.asking(claim.Organization, claim.Email))
	}
	e.on = way{Ticket: ticket, Nonce: rand.Text(), ExpiresAt: e.Now().Add(wayLife)}
	if err := e.keepWay(e.w, e.on); err != nil {
		return err
	}
	page.SeeOther(e.w, codePath)
	return nil
}

// again begins again with what was said before: the address is not kept, so it is asked for anew.
func (e *entering) again() error {
	page.SeeOther(e.w, signInPath+"?organization="+url.QueryEscape(e.on.Ticket.Organization))
	return nil
}

// posted is a field of a form, as far as somebody typed it.
func posted(r *http.Request, name string) string {
	if value := r.PostFormValue(name); len(value) <= 512 {
		return strings.TrimSpace(value)
	}
	return ""
}
