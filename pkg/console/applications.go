package console

import (
	"errors"
	"net/http"

	"twofold/pkg/access"
	"twofold/pkg/org"
	"twofold/pkg/page"
	"twofold/pkg/people"
)

func applicationRoutes(d desk) {
	d.bothGet("/keys/application", (*visit).application)
	d.bothPost("/keys/application", (*visit).putApplication)
	d.bothGet("/keys/application/remove", (*visit).applicationLeaves)
	d.bothPost("/keys/application/remove", (*visit).removeApplication)
	d.vendorGet("/keys/applications/{application}/changes/{change}", (*visit).applicationWaits)
	d.vendorPost("/keys/applications/{application}/changes/{change}", (*visit).confirmApplication)
}

// applicationForm is the form of an application: of a new one, or of one that there is.
type applicationForm struct {
	Action, Back, Lead string
	ID                 string // of one that there is
	Fields             []page.Field
	Reach              *page.Field // of the vendor's
	More               []page.Field
}

// The ways in which an application of the vendor's reaches organisations.
const (
	reachNamed      = "named"
	reachEverywhere = "everywhere"
)

// applicationNamed reads the one that a field names.
func (v *visit) applicationNamed(field string) (org.Application, error) {
	id, err := v.id(field)
	if err != nil {
		return org.Application{}, err
	}
	all, err := v.People.Applications(v.r.Context(), v.caller, v.home)
	if err != nil {
		return org.Application{}, err
	}
	for _, a := range all {
		if a.ID == id {
			return a, nil
		}
	}
	return org.Application{}, access.ErrNotFound
}

func (v *visit) application() error { return v.showApplication(nil) }

// existing names the field of a form that says which application is changed; it is empty where one is made.
const existing = "of"

func (v *visit) showApplication(refused error) error {
	status, alerts, ok := v.failed(refused)
	switch {
	case !ok:
		return refused
	case !v.cares():
		return access.ErrPermission
	}
	field := existing
	if v.r.Method == http.MethodGet {
		field = "id"
	}
	var a org.Application
	var err error
	if v.form(field) != "" {
		if a, err = v.applicationNamed(field); err != nil {
			return err
		}
	}
	f := v.applicationFields(a, refused)
	title := "console.applications.change"
	if a.ID == "" {
		title = "console.applications.new"
	}
	return v.shown(status, page.View{Body: "console/application", Title: v.say.Say(title), Data: f, Alerts: alerts})
}

func (v *visit) applicationFields(a org.Application, refused error) applicationForm {
	f := applicationForm{Action: v.at("/keys/application"), Back: v.at("/keys"), Lead: v.say.Say("console.applications.form.lead" + v.ofHome()), ID: a.ID}
	if a.ID == "" {
		f.Fields = append(f.Fields, page.Field{Name: "id", Label: v.say.Say("console.applications.id"), Hint: v.say.Say("console.applications.id.hint" + v.ofHome()), MaxLength: 48, Autocomplete: "off", Value: v.typed("id", "")})
	}
	f.Fields = v.blame(refused, append(f.Fields,
		page.Field{Name: "name", Label: v.say.Say("console.applications.name"), MaxLength: 80, Autocomplete: "off", Value: v.typed("name", a.Name)},
		page.Field{Name: "return_addresses", Label: v.say.Say("console.applications.addresses"), Hint: v.say.Say("console.applications.addresses.hint"), Rows: 4, Optional: true, Value: v.typedLines("return_addresses", a.ReturnAddresses)},
	))
	if !v.vendors() {
		return f
	}
	reach := reachNamed
	if a.Everywhere {
		reach = reachEverywhere
	}
	more := v.blame(refused, []page.Field{
		{Name: "reach", Label: v.say.Say("console.applications.reach"), Value: v.typed("reach", reach), Options: []page.Option{
			{Value: reachNamed, Label: v.say.Say("console.applications.reach.named")}, {Value: reachEverywhere, Label: v.say.Say("console.applications.reach.everywhere"), Hint: v.say.Say("console.applications.reach.hint")},
		}},
		{Name: "organizations", Label: v.say.Say("console.applications.organizations"), Hint: v.say.Say("console.applications.organizations.hint"), Rows: 4, Optional: true, Value: v.typedLines("organizations", a.Organizations)},
		{Name: "audience", Label: v.say.Say("console.applications.audience"), Hint: v.say.Say("console.applications.audience.hint"), MaxLength: org.MaxAudience, Optional: true, Autocomplete: "off", Value: v.typed("audience", a.Audience)},
	})
	f.Reach, f.More = &more[0], more[1:]
	return f
}

// wantedApplication is what the form says.
func (v *visit) wantedApplication() people.WantedApplication {
	w := people.WantedApplication{ID: v.form(existing), Name: v.form("name"), ReturnAddresses: v.lines("return_addresses")}
	if w.ID == "" {
		w.ID, w.New = v.form("id"), true
	}
	if !v.vendors() {
		return w
	}
	w.Audience, w.Everywhere = v.form("audience"), v.form("reach") == reachEverywhere
	if !w.Everywhere {
		w.Organizations = v.lines("organizations")
	}
	return w
}

// putApplication makes or changes one: at once or, where the vendor's would have more than it had, as a proposal.
func (v *visit) putApplication() error {
	w := v.wantedApplication()
	if !w.New {
		if _, err := v.applicationNamed(existing); err != nil {
			return err // it would be made anew
		}
	}
	_, err := v.People.PutApplication(v.r.Context(), v.caller, v.home, w)
	switch {
	case err == nil && w.New:
		return v.on("/keys", "done", "application_made")
	case err == nil:
		return v.on("/keys", "done", "application_changed")
	case !errors.Is(err, people.ErrWider):
		return v.showApplication(err)
	}
	p, err := v.People.ProposeApplication(v.r.Context(), v.caller, w)
	if err != nil {
		return v.showApplication(err)
	}
	return v.on("/keys/applications/" + w.ID + "/changes/" + p.Change.ID)
}

func (v *visit) applicationWaits() error { return v.waits(v.applicationProposal(), nil) }

func (v *visit) applicationProposal() proposal {
	of, id := v.r.PathValue("application"), v.r.PathValue("change")
	return proposal{"/keys/applications/" + of + "/changes/" + id, "/keys", "console.applications.widen", func() (people.Proposed, error) {
		return v.People.ApplicationProposal(v.r.Context(), v.caller, of, id)
	}}
}

func (v *visit) confirmApplication() error {
	if _, err := v.People.ConfirmApplication(v.r.Context(), v.caller, v.r.PathValue("application"), v.r.PathValue("change"), v.word()); err != nil {
		return v.again(v.applicationProposal(), err)
	}
	return v.on("/keys", "done", "application_changed")
}
