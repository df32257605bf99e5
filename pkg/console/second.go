package console

import (
	"crypto/rand"
	"errors"
	"net/http"
	"net/url"

	"twofold/pkg/access"
	"twofold/pkg/admission"
	"twofold/pkg/decision"
	"twofold/pkg/enroll"
	"twofold/pkg/login"
	"twofold/pkg/org"
	"twofold/pkg/page"
	"twofold/pkg/verify"
)

// second sends the browser to the hosted prompt for the second factor. Whoever has none yet shows a key first, once: whoever reads somebody's mail
// alone must not get one in that administrator's place.
func (e *entering) second(who org.Administrator, shown bool) error {
	c, returnTo, err := e.application(e.r)
	if err != nil {
		return err
	}
	of := enroll.Subject{Organization: access.Administrators, User: admission.UserOf(who)}
	email := who.Address(e.Now())
	if _, err := e.Users.Register(e.r.Context(), c, of, enroll.Account{Email: email, Language: string(e.say.Language())}); err != nil {
		return err
	}
	a, err := e.Logins.Begin(e.r.Context(), c, verify.Begin{
		Organization: of.Organization, User: of.User, Email: email, Nonce: e.on.Nonce, ReturnTo: returnTo,
	})
	switch {
	case err != nil:
		return err
	case a.Next.Entry == "":
		return e.unproven()
	case gets(a.Decision) && !shown:
		e.on.Gets = true
		if err := e.keepWay(e.w, e.on); err != nil {
			return err
		}
		page.SeeOther(e.w, keyPath)
		return nil
	}
	page.SeeOther(e.w, "/prompt?login="+url.QueryEscape(a.Next.Entry))
	return nil
}

// gets reports whether a login may end with a second factor that was not there before. A decision that asks for one that is there does not, whatever
// may come after it.
func gets(d decision.Decision) bool {
	return d.Status != decision.Challenge && d.Status != decision.Denied
}

// unproven explains that the policy of the administrators asks for no second factor, without which nobody comes in here.
func (e *entering) unproven() error {
	return e.shown(http.StatusForbidden, page.View{Body: "console/text", Title: e.say.Say("console.entrance.unproven.title"), Data: e.say.Say("console.entrance.unproven")})
}

// proven is the administrator whose code was right in this browser, as things are now.
func (e *entering) proven() (org.Administrator, error) {
	if e.on.Who == nil {
		return org.Administrator{}, admission.ErrOver
	}
	return e.Admissions.Administrator(e.r.Context(), e.on.Who.Organization, e.on.Who.Administrator, e.on.Who.Since)
}

func (e *entering) askKey() error {
	if _, err := e.getting(); err != nil {
		return err
	}
	return e.shown(http.StatusOK, e.askingKey())
}

func (e *entering) askingKey() page.View {
	return page.View{Body: "console/key", Title: e.say.Say("console.entrance.key.title"), Data: page.Field{
		Name: "key", Type: "password", Label: e.say.Say("console.entrance.key"), Hint: e.say.Say("console.entrance.key.hint"), Autocomplete: "off", MaxLength: 200, Autofocus: true,
	}}
}

// getting is the administrator who is to get a second factor.
func (e *entering) getting() (org.Administrator, error) {
	if !e.on.Gets {
		return org.Administrator{}, admission.ErrOver
	}
	return e.proven()
}

func (e *entering) proveKey() error {
	who, err := e.getting()
	if err != nil {
		return err
	}
	if err := e.Admissions.ProveKey(e.r.Context(), who, posted(e.r, "key")); err != nil {
		return e.refused(err, e.askingKey())
	}
	return e.second(who, true)
}

// back is where the prompt sends the browser: with a code for what was proven, or because somebody gave up.
func (e *entering) back() error {
	if _, in := e.kept(e.r); in && e.on.Who == nil {
		return e.home(e.w, e.r) // from the page of the own second factor
	}
	who, err := e.proven()
	if err != nil {
		return err
	}
	code := e.r.URL.Query().Get("code")
	if code == "" {
		return admission.ErrOver
	}
	c, _, err := e.application(e.r)
	if err != nil {
		return err
	}
	a, err := e.Logins.Exchange(e.r.Context(), c, verify.Exchange{Code: code, Nonce: e.on.Nonce, IdempotencyKey: e.on.Nonce})
	switch {
	case errors.Is(err, login.ErrReturnCode), errors.Is(err, login.ErrEnded): // used by another request, or too old, or the policy moved
		return admission.ErrOver
	case err != nil:
		return err
	case a.Assertion == "":
		return e.unproven() // let in, and nothing proven
	}
	return e.signIn(who)
}

// signIn gives the browser its session.
func (e *entering) signIn(who org.Administrator) error {
	id := admission.UserOf(who)
	epoch, there, err := e.Admissions.SecondFactor(e.r.Context(), id)
	if err != nil {
		return err
	}
	if !there {
		return admission.ErrOver // it was reset at this very moment
	}
	credential, err := e.Admissions.SignIn(e.r.Context(), e.visitor(e.r), admission.Passage{
		Organization: who.Organization, Administrator: who.ID, Since: who.CreatedAt, Secret: e.on.Nonce,
	})
	if err != nil {
		return err
	}
	known := e.known(e.r)
	if known.Organization != who.Organization || known.Administrator != who.ID {
		known = admission.Known{Organization: who.Organization, Administrator: who.ID, Browser: rand.Text()}
	}
	if err := e.remember(e.w, known); err != nil {
		return err
	}
	if err := e.keep(e.w, session{Key: credential.Keep(), Organization: who.Organization, Name: who.ID, User: id, Epoch: epoch}); err != nil {
		return err
	}
	wayCookie.Clear(e.w)
	page.SeeOther(e.w, baseOf(who.Organization))
	return nil
}
