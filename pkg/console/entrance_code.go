package console

import (
	"errors"
	"net/http"

	"twofold/pkg/access"
	"twofold/pkg/admission"
	"twofold/pkg/fault"
	"twofold/pkg/page"
)

// waits demands that a code was asked for in this browser.
func (e *entering) waits() error {
	if e.on.Ticket == (admission.Ticket{}) {
		return admission.ErrOver
	}
	return nil
}

func (e *entering) askCode() error {
	if err := e.waits(); err != nil {
		return err
	}
	return e.shown(http.StatusOK, e.askingCode())
}

func (e *entering) askingCode() page.View {
	return page.View{Body: "console/code", Title: e.say.Say("console.entrance.code.title"), Data: struct {
		SentTo string
		Code   page.Field
	}{e.on.Ticket.SentTo, page.Field{Name: "code", Label: e.say.Say("console.confirm.code"), Digits: 8, Autocomplete: "one-time-code", Autofocus: true}}}
}

// answer judges the mailed code, and goes on to the second factor.
func (e *entering) answer() error {
	if err := e.waits(); err != nil {
		return err
	}
	who, err := e.Admissions.Answer(e.r.Context(), e.on.Ticket, posted(e.r, "code"))
	if err != nil && !errors.Is(err, admission.ErrOver) {
		return e.refused(err, e.askingCode())
	}
	if err != nil {
		return err
	}
	e.on.Who = provenOf(who)
	if err := e.keepWay(e.w, e.on); err != nil {
		return err
	}
	return e.second(who, false)
}

// signOut ends the session, and with it what was begun in it.
func (e *entering) signOut() error {
	s, there := e.kept(e.r)
	if there {
		c := e.visitor(e.r)
		c.Credential = access.Kept(s.Key)
		if err := e.Admissions.SignOut(e.r.Context(), c); err != nil && fault.As(err).Kind != fault.Unauthenticated {
			return err
		}
	}
	sessionCookie.Clear(e.w)
	page.SeeOther(e.w, signInPath)
	return nil
}
