package console

import (
	"cmp"
	"net/http"
	"time"

	"twofold/pkg/access"
	"twofold/pkg/org"
	"twofold/pkg/page"
	"twofold/pkg/people"
)

func peopleRoutes(d desk) {
	d.bothGet("/people", (*visit).people)
	d.bothGet("/people/new", (*visit).newPerson)
	d.bothPost("/people/new", (*visit).invite)
	d.bothGet("/people/one", (*visit).person)
	d.bothPost("/people/rename", (*visit).rename)
	d.bothPost("/people/permissions", (*visit).permit)
	d.bothPost("/people/address", (*visit).readdress)
	d.bothGet("/people/remove", (*visit).leaving)
	d.bothPost("/people/remove", (*visit).removePerson)
	d.bothGet("/people/changes/{change}", (*visit).personWaits)
	d.bothPost("/people/changes/{change}", (*visit).confirmPerson)
}

// person is an administrator as pages show one.
type person struct {
	ID, Name    string
	Shown       string // by name or, without one, by id
	At          string // the person's page
	Email, Next string
	NextAt      time.Time
	Permissions []string // in words
	Everything  bool     // a system administrator
	Invited     bool
	Lapsed      bool // and the invitation is over
	Until       time.Time
	CreatedAt   time.Time
	Keys        int
	Sessions    int
	Me          bool
}

// roster is the page of all administrators.
type roster struct {
	All   []person
	Cares bool   // the caller may change them, and sees their keys
	New   string // where somebody is invited
	Lead  string
}

func (v *visit) people() error {
	all, err := v.People.Administrators(v.r.Context(), v.caller, v.home)
	if err != nil {
		return err
	}
	keys, err := v.keysSeen()
	if err != nil {
		return err
	}
	shown := roster{Cares: v.cares(), New: v.at("/people/new"), Lead: v.say.Say("console.people.lead" + v.ofHome())}
	for _, a := range all {
		shown.All = append(shown.All, v.shownAs(a, keys))
	}
	return v.shown(http.StatusOK, page.View{Body: "console/people", Title: v.say.Say("console.people.title"), Data: shown})
}

// ofHome is what the names of texts end in that say something else on the vendor's pages.
func (v *visit) ofHome() string {
	if v.vendors() {
		return ".vendor"
	}
	return ""
}

// keysSeen are all keys, if the caller may see them.
func (v *visit) keysSeen() ([]access.Key, error) {
	if !v.cares() {
		return nil, nil
	}
	return v.People.Keys(v.r.Context(), v.caller, v.home)
}

func (v *visit) shownAs(a org.Administrator, keys []access.Key) person {
	now := v.Now()
	p := person{
		ID: a.ID, Name: a.Name, Shown: cmp.Or(a.Name, a.ID), At: v.at("/people/one", "id", a.ID), Email: a.Address(now), Everything: v.vendors(),
		Permissions: v.permissionWords(permissionsOf(a)), Invited: !a.Active(), CreatedAt: a.CreatedAt,
	}
	home, me := v.key.Home()
	p.Me = home == v.home && me == a.ID
	if a.NextEmail != "" && a.NextEmail != p.Email {
		p.Next, p.NextAt = a.NextEmail, a.NextEmailAt
	}
	if p.Invited {
		p.Until = a.Invitation.ExpiresAt
		p.Lapsed = !now.Before(p.Until)
	}
	for _, k := range keys {
		switch {
		case k.Holder != a.ID || k.Role != access.OrganizationAdministrator && k.Role != access.SystemAdministrator:
		case k.Console:
			p.Sessions++
		default:
			p.Keys++
		}
	}
	return p
}

func permissionsOf(a org.Administrator) []access.Permission {
	var all []access.Permission
	for _, p := range a.Permissions {
		all = append(all, access.Permission(p))
	}
	return all
}

// found reads the administrator that a field names.
func (v *visit) found() (org.Administrator, error) {
	id, err := v.id("id")
	if err != nil {
		return org.Administrator{}, err
	}
	return v.People.Administrator(v.r.Context(), v.caller, v.home, id)
}

// personWaits and confirmPerson are the page of what was proposed for an administrator.
func (v *visit) personWaits() error { return v.waits(v.personProposal(), nil) }

func (v *visit) personProposal() proposal {
	id := v.r.PathValue("change")
	return proposal{"/people/changes/" + id, "/people", "console.people.change", func() (people.Proposed, error) {
		return v.People.AdministratorProposal(v.r.Context(), v.caller, v.home, id)
	}}
}

func (v *visit) confirmPerson() error {
	a, err := v.People.ConfirmAdministrator(v.r.Context(), v.caller, v.home, v.r.PathValue("change"), v.word())
	if err != nil {
		return v.again(v.personProposal(), err)
	}
	if !a.Active() {
		return v.on("/people", "done", "invited")
	}
	return v.on("/people", "done", "person_changed")
}
