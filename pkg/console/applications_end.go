package console

import (
	"twofold/pkg/page"
)

// applicationEnd is the page that says what ends with an application.
type applicationEnd struct {
	application
	Action, Back string
}

func (v *visit) applicationLeaves() error { return v.showApplicationLeaves(nil) }

func (v *visit) showApplicationLeaves(refused error) error {
	status, alerts, ok := v.failed(refused)
	if !ok {
		return refused
	}
	a, err := v.applicationNamed("id")
	if err != nil {
		return err
	}
	keys, err := v.People.Keys(v.r.Context(), v.caller, v.home)
	if err != nil {
		return err
	}
	e := applicationEnd{v.applicationShown(a, keys), v.at("/keys/application/remove"), v.at("/keys")}
	return v.shown(status, page.View{Body: "console/application.remove", Title: v.say.Say("console.applications.remove.title", "name", a.Name), Data: e, Alerts: alerts})
}

func (v *visit) removeApplication() error {
	id, err := v.id("id")
	if err != nil {
		return err
	}
	err = v.People.RemoveApplication(v.r.Context(), v.caller, v.home, id)
	switch {
	case missing(err):
		return v.on("/keys", "done", "gone")
	case err != nil:
		return v.showApplicationLeaves(err)
	}
	return v.on("/keys", "done", "application_removed")
}
