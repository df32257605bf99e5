package console

import (
	"net/http"

	"twofold/pkg/org"
	"twofold/pkg/page"
	"twofold/pkg/policy"
)

// newOrganization is the page on which one is made.
type newOrganization struct {
	At, Back     string
	Organization []page.Field
	Entitlements entitlementsForm
	Whom, What   []page.Field // the first administrator and the first application
}

// newcomer are the fields of somebody who is made with it.
var newcomer = map[string][]string{"administrator": {"id", "name", "email"}, "application": {"id", "name"}}

func (v *visit) newOrganization() error {
	return v.showNewOrganization(entitlementsOf(org.Entitlements{TwoFactor: true}), nil)
}

func (v *visit) showNewOrganization(typed map[string]string, refused error) error {
	if !v.may(policy.SystemRule) {
		return v.on("/organizations")
	}
	p := newOrganization{
		At: v.at("/organizations"), Back: v.at("/organizations"), Entitlements: v.entitlementsForm(typed),
		Organization: []page.Field{
			{Name: "id", Label: v.say.Say("console.organization.id"), Hint: v.say.Say("console.organization.id.hint"), MaxLength: org.MaxID, Value: v.form("id")},
			{Name: "name", Label: v.say.Say("console.organization.name"), MaxLength: 80, Value: v.form("name")},
		},
		Whom: v.newcomerFields("administrator"), What: v.newcomerFields("application"),
	}
	v.wrong(refused, p.Organization, p.Entitlements.Values, p.Whom, p.What)
	return v.redone(refused, page.View{Body: "console/organization/new", Title: v.say.Say("console.organization.new"), Data: p})
}

func (v *visit) newcomerFields(whom string) []page.Field {
	var fields []page.Field
	for _, what := range newcomer[whom] {
		f := page.Field{Name: whom + "." + what, Label: v.say.Say("console.newcomer." + what), Optional: true, MaxLength: 80, Value: v.form(whom + "." + what)}
		switch what {
		case "id":
			f.MaxLength = org.MaxID
		case "email":
			f.Type, f.MaxLength = "email", 254
		}
		fields = append(fields, f)
	}
	return fields
}

// makeOrganization makes one. Its keys are shown in the answer and never again; whoever sends the form once more, because the answer was lost, is told
// that it is there.
func (v *visit) makeOrganization() error {
	typed := v.typedEntitlements()
	granted, err := readEntitlements(typed)
	if err != nil {
		return v.showNewOrganization(typed, err)
	}
	in := policy.Put{ID: v.form("id"), Name: v.form("name"), Entitlements: granted, New: true}
	if v.anybody("administrator") {
		in.Administrator = &policy.NewAdministrator{ID: v.form("administrator.id"), Name: v.form("administrator.name"), Email: v.form("administrator.email")}
	}
	if v.anybody("application") {
		in.Application = &policy.NewApplication{ID: v.form("application.id"), Name: v.form("application.name")}
	}
	made, err := v.Policies.PutOrganization(v.r.Context(), v.caller, in)
	switch {
	case err != nil:
		return v.showNewOrganization(typed, err)
	case !made.Created:
		return v.on("/organizations/one", "id", in.ID, "done", "organization_there")
	}
	return v.showMade(made)
}

// anybody reports whether something was typed of somebody.
func (v *visit) anybody(whom string) bool {
	for _, what := range newcomer[whom] {
		if v.form(whom+"."+what) != "" {
			return true
		}
	}
	return false
}

// made is the page that shows the first keys.
type made struct {
	Keys []madeKey
	Next string
}

type madeKey struct{ ID, Whose, Text string }

func (v *visit) showMade(result policy.PutResult) error {
	m := made{Next: v.organizationAt(result.Organization.ID)}
	for _, k := range result.Keys {
		m.Keys = append(m.Keys, madeKey{"key-" + k.ID, v.say.Say("console.made.key."+string(k.Role), "holder", k.Holder), k.Text})
	}
	return v.shown(http.StatusOK, page.View{
		Body: "console/organization/made", Title: v.say.Say("console.made.title", "organization", result.Organization.Name), Data: m, Secret: true,
		Alerts: []page.Alert{{Tone: page.Succeeded, Text: v.say.Say("console.made")}},
	})
}
