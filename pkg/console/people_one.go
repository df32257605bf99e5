package console

import (
	"twofold/pkg/fault"
	"twofold/pkg/org"
	"twofold/pkg/page"
	"twofold/pkg/people"
)

// particulars is the page of one administrator.
type particulars struct {
	person
	Cares       bool
	Rename      page.Field
	Boxes       []page.Field
	BoxesError  string
	Address     page.Field
	Actions     map[string]string // where forms lead, by what they do
	Remove      string
	Back        string
	AddressName string // of the texts of the form for the address
}

func (v *visit) person() error {
	a, err := v.found()
	if err != nil {
		return err
	}
	return v.showPerson(a, nil)
}

// showPerson shows one, with what was refused and, in the form that it was refused to, what was typed.
func (v *visit) showPerson(a org.Administrator, refused error) error {
	status, alerts, ok := v.failed(refused)
	if !ok {
		return refused
	}
	keys, err := v.keysSeen()
	if err != nil {
		return err
	}
	p := particulars{person: v.shownAs(a, keys), Cares: v.cares(), Back: v.at("/people"), Remove: v.at("/people/remove", "id", a.ID), AddressName: "console.people.address"}
	if p.Invited {
		p.AddressName = "console.people.again"
	}
	p.Actions = map[string]string{"rename": v.at("/people/rename"), "permissions": v.at("/people/permissions"), "address": v.at("/people/address")}
	p.fill(v, a, refused)
	return v.shown(status, page.View{Body: "console/people.one", Title: p.Shown, Data: p, Alerts: alerts})
}

func (p *particulars) fill(v *visit, a org.Administrator, refused error) {
	fields := v.blame(refused, []page.Field{
		{Name: "name", Label: v.say.Say("console.people.name"), Hint: v.say.Say("console.people.name.hint"), MaxLength: 80, Optional: true, Autocomplete: "off", Value: v.typed("name", a.Name)},
		{Name: "email", Label: v.say.Say("console.people.email"), Hint: v.say.Say(p.AddressName + ".hint"), Type: "email", MaxLength: 254, Autocomplete: "off", Value: v.typed("email", p.Email)},
		{Name: permissionField},
	})
	p.Rename, p.Address, p.BoxesError = fields[0], fields[1], fields[2].Error
	if p.Everything {
		return
	}
	ticked := permissionsOf(a)
	if _, chosen := v.posted("chosen"); chosen {
		ticked = v.ticked()
	}
	p.Boxes = v.boxes(ticked)
}

// retry shows the administrator's page once more, with what was refused.
func (v *visit) retry(err error) error {
	err = mendable(err)
	if status, _ := v.explained(err); status == 0 {
		return err
	}
	a, missing := v.found()
	if missing != nil {
		return missing
	}
	return v.showPerson(a, err)
}

func (v *visit) rename() error {
	id, err := v.id("id")
	if err != nil {
		return err
	}
	name := v.form("name")
	if _, err = v.People.ChangeAdministrator(v.r.Context(), v.caller, v.home, id, people.Lowered{Name: &name}); err != nil {
		return v.retry(err)
	}
	return v.on("/people/one", "id", id, "done", "person_changed")
}

// permit has an administrator do what is ticked: at once where that is less, and otherwise as a proposal.
func (v *visit) permit() error {
	id, err := v.id("id")
	if err != nil {
		return err
	}
	ticked := v.ticked()
	_, err = v.People.ChangeAdministrator(v.r.Context(), v.caller, v.home, id, people.Lowered{Permissions: &ticked})
	switch {
	case err == nil:
		return v.on("/people/one", "id", id, "done", "person_changed")
	case fault.As(err).Code == people.ErrStepUp.Code:
		return v.propose(people.Wanted{ID: id, Permissions: ticked}, v.retry)
	}
	return v.retry(err)
}

// readdress reaches an administrator elsewhere or, where the invitation is still open, invites once more.
func (v *visit) readdress() error {
	id, err := v.id("id")
	if err != nil {
		return err
	}
	email := v.form("email")
	if email == "" { // which would be: as it is
		return v.retry(people.ErrEmail)
	}
	return v.propose(people.Wanted{ID: id, Email: email}, v.retry)
}
