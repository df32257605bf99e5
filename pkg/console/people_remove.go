package console

import (
	"twofold/pkg/fault"
	"twofold/pkg/page"
	"twofold/pkg/people"
)

// farewell is the page that says what ends with an administrator.
type farewell struct {
	person
	Action, Back string
	Lead         string
}

func (v *visit) leaving() error { return v.showLeaving(nil) }

func (v *visit) showLeaving(refused error) error {
	status, alerts, ok := v.failed(refused)
	if !ok {
		return refused
	}
	a, err := v.found()
	if err != nil {
		return err
	}
	keys, err := v.People.Keys(v.r.Context(), v.caller, v.home) // refused to whoever may not remove anybody
	if err != nil {
		return err
	}
	f := farewell{person: v.shownAs(a, keys), Action: v.at("/people/remove"), Back: v.at("/people/one", "id", a.ID), Lead: v.say.Say("console.people.remove.lead" + v.ofHome())}
	return v.shown(status, page.View{Body: "console/people.remove", Title: v.say.Say("console.people.remove.title", "name", f.Shown), Data: f, Alerts: alerts})
}

func (v *visit) removePerson() error {
	id, err := v.id("id")
	if err != nil {
		return err
	}
	err = v.People.RemoveAdministrator(v.r.Context(), v.caller, v.home, id)
	switch {
	case missing(err):
		return v.on("/people", "done", "gone")
	case err != nil:
		return v.showLeaving(v.ofVendor(err))
	}
	return v.on("/people", "done", "person_removed")
}

// ofVendor names a refusal so that it is said otherwise on the vendor's pages.
func (v *visit) ofVendor(err error) error {
	if known := fault.As(err); v.vendors() && known.Code == people.ErrLast.Code {
		return known.At("vendor")
	}
	return err
}
