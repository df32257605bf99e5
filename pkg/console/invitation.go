package console

import (
	"net/http"

	"twofold/pkg/page"
)

// askInvitation is the form in which an invited administrator enters what was mailed.
func (e *entering) askInvitation() error {
	q := e.r.URL.Query()
	return e.shown(http.StatusOK, e.askingInvitation(q.Get("organization"), q.Get("administrator")))
}

func (e *entering) askingInvitation(organization, administrator string) page.View {
	return page.View{Body: "console/invitation", Title: e.say.Say("console.invitation.title"), Data: []page.Field{
		{Name: "organization", Label: e.say.Say("console.entrance.organization"), Hint: e.say.Say("console.entrance.organization.hint"), Value: organization,
			MaxLength: 48, Optional: true},
		{Name: "administrator", Label: e.say.Say("console.invitation.administrator"), Value: administrator, MaxLength: 48},
		{Name: "code", Label: e.say.Say("console.invitation.code"), Hint: e.say.Say("console.invitation.code.hint"), MaxLength: 64, Autocomplete: "one-time-code"},
	}}
}

// accept gives the first key, which is shown here once: it is what the second factor is set up with.
func (e *entering) accept() error {
	organization, administrator := posted(e.r, "organization"), posted(e.r, "administrator")
	issued, err := e.People.AcceptInvitation(e.r.Context(), e.visitor(e.r), organization, administrator, posted(e.r, "code"))
	if err != nil {
		return e.refused(err, e.askingInvitation(organization, administrator))
	}
	return e.shown(http.StatusOK, page.View{Body: "console/accepted", Title: e.say.Say("console.invitation.accepted"), Secret: true, Data: struct{ Key, SignIn string }{
		issued.Text, signInPath,
	}})
}
