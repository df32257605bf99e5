package console

import (
	"net/http"

	"twofold/pkg/access"
	"twofold/pkg/fault"
	"twofold/pkg/page"
)

// refuse answers what no page of a step's own explains. Whoever is signed in no more goes to where one signs in, and comes back.
func (v *visit) refuse(err error) error {
	known := fault.As(err)
	switch {
	case known.Code == access.ErrSessionEnded.Code:
		return v.ended()
	case known.Kind == fault.Unauthenticated:
		target := signInPath
		if _, was := sessionCookie.Read(v.r); was {
			target += "?over=yes"
		}
		sessionCookie.Clear(v.w)
		page.SeeOther(v.w, target)
		return nil
	}
	p := page.View{Language: v.say.Language(), Brand: v.face.Brand(), Banner: v.banner()}
	if v.key.ID != "" { // what is refused is one page, and the menu leads to others
		p.Nav, p.Wide = v.nav(), true
	}
	v.site.Fail(v.w, v.r, p, err)
	return nil
}

// explained is a refusal in words, for a form that can be mended: the text console.refused.<code>, or one of its kind. status is 0 where no
// form mends it.
func (v *visit) explained(err error) (status int, text string) {
	known := fault.As(err)
	status = formStatuses[known.Kind]
	if status == 0 {
		return 0, ""
	}
	for _, key := range []string{known.Code + "." + known.Field, known.Code} {
		if said := "console.refused." + key; v.say.Has(said) {
			return status, v.say.Say(said)
		}
	}
	return status, v.say.Say("console.refused")
}

// formStatuses are the kinds of refusals that whoever filled in a form can do something about.
var formStatuses = map[fault.Kind]int{
	fault.Invalid: 422, fault.Unprocessable: 422, fault.Conflict: 409, fault.PreconditionFailed: 409, fault.PreconditionRequired: 409, fault.Throttled: 429,
}

// failed is the alert of a refusal, before those of the page; err may be nil. ok is false where it must be refused as a whole.
func (v *visit) failed(err error) (status int, alerts []page.Alert, ok bool) {
	if err == nil {
		return http.StatusOK, nil, true
	}
	status, text := v.explained(err)
	if status == 0 {
		return 0, nil, false
	}
	return status, []page.Alert{{Tone: page.Failed, Text: text}}, true
}

// ended takes an impersonation that is over out of the session, and says so where the administrator is at home.
func (v *visit) ended() error {
	v.session.Acting = nil
	if err := v.keep(v.w, v.session); err != nil {
		return err
	}
	page.SeeOther(v.w, baseOf(v.session.Organization)+"?done=impersonation_over")
	return nil
}
