package console

import (
	"twofold/pkg/access"
	"twofold/pkg/page"
	"twofold/pkg/people"
)

// propose proposes an administrator and goes on to where that is confirmed.
func (v *visit) propose(w people.Wanted, refused func(error) error) error {
	p, err := v.People.ProposeAdministrator(v.r.Context(), v.caller, v.home, w)
	if err != nil {
		return refused(err)
	}
	return v.on("/people/changes/" + p.Change.ID)
}

// invitation is the form by which somebody is invited.
type invitation struct {
	Action, Back, Lead string
	Fields, Boxes      []page.Field
	BoxesError         string
}

func (v *visit) newPerson() error { return v.showInvitation(nil) }

func (v *visit) showInvitation(refused error) error {
	refused = mendable(refused)
	status, alerts, ok := v.failed(refused)
	switch {
	case !ok:
		return refused
	case !v.cares():
		return access.ErrPermission
	}
	fields := v.blame(refused, []page.Field{
		{Name: "id", Label: v.say.Say("console.people.id"), Hint: v.say.Say("console.people.id.hint"), MaxLength: 48, Autocomplete: "off", Value: v.typed("id", "")},
		{Name: "name", Label: v.say.Say("console.people.name"), Hint: v.say.Say("console.people.name.hint"), MaxLength: 80, Optional: true, Autocomplete: "off", Value: v.typed("name", "")},
		{Name: "email", Label: v.say.Say("console.people.email"), Hint: v.say.Say("console.people.again.hint"), Type: "email", MaxLength: 254, Autocomplete: "off", Value: v.typed("email", "")},
		{Name: permissionField},
	})
	i := invitation{Action: v.at("/people/new"), Back: v.at("/people"), Lead: v.say.Say("console.people.invite.lead" + v.ofHome()), Fields: fields[:3], BoxesError: fields[3].Error}
	if !v.vendors() {
		i.Boxes = v.boxes(v.ticked())
	}
	return v.shown(status, page.View{Body: "console/people.new", Title: v.say.Say("console.people.invite"), Data: i, Alerts: alerts})
}

func (v *visit) invite() error {
	w := people.Wanted{ID: v.form("id"), Name: v.form("name"), Email: v.form("email"), New: true}
	if !v.vendors() {
		w.Permissions = v.ticked()
	}
	return v.propose(w, v.showInvitation)
}
