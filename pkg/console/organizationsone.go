package console

import (
	"net/http"
	"strconv"
	"time"

	"twofold/pkg/access"
	"twofold/pkg/org"
	"twofold/pkg/page"
	"twofold/pkg/people"
	"twofold/pkg/policy"
)

// oneOrganization is the page on which the vendor cares for one.
type oneOrganization struct {
	At           string
	ID, Name     string
	Base         int64 // the revision that the page shows
	Overview     string
	CreatedAt    time.Time
	Policy       string
	Forced       bool
	MayChange    bool
	Called       page.Field
	Entitlements entitlementsForm
	Acting       actingForm
}

// subject is the organisation that a page of the vendor's is about, as it stands.
func (v *visit) subject(id string) (org.Organization, error) {
	if !org.ID(id) {
		return org.Organization{}, access.ErrNotFound
	}
	return v.Policies.Organization(v.r.Context(), v.caller, id)
}

func (v *visit) oneOrganization() error { return v.showOrganization(v.form("id"), nil, nil) }

// showOrganization shows one as it stands, with the entitlements that were typed, if they were refused.
func (v *visit) showOrganization(id string, typed map[string]string, refused error) error {
	o, err := v.subject(id)
	if err != nil {
		return err
	}
	if typed == nil {
		typed = entitlementsOf(o.Entitlements)
	}
	p := oneOrganization{
		At: v.at("/organizations"), ID: o.ID, Name: o.Name, Base: o.Rev, Overview: baseOf(o.ID), CreatedAt: o.CreatedAt,
		Policy: v.say.Say("console.policy.status." + string(o.Policy.Status)), Forced: o.Policy.Status == org.Forced,
		MayChange: v.may(policy.SystemRule), Entitlements: v.entitlementsForm(typed),
		Called: page.Field{Name: "name", Label: v.say.Say("console.organization.name"), MaxLength: 80, Value: o.Name},
	}
	if v.r.Method == http.MethodPost && v.r.PostForm.Has("name") {
		p.Called.Value = v.form("name")
	}
	if v.may(people.ImpersonateRule) {
		if p.Acting, err = v.actingForm(o); err != nil {
			return err
		}
	}
	called := []page.Field{p.Called}
	v.wrong(refused, called, p.Entitlements.Values, p.Acting.Fields)
	p.Called = called[0]
	return v.redone(refused, page.View{Body: "console/organization", Title: v.say.Say("console.organization.manage", "organization", o.Name), Data: p})
}

// base is the revision of the organisation that somebody saw when they filled in a form.
func (v *visit) base() int64 {
	n, err := strconv.ParseInt(v.form("base"), 10, 64)
	if err != nil || n <= 0 {
		return -1 // none is
	}
	return n
}

// renameOrganization gives one another name.
func (v *visit) renameOrganization() error {
	id := v.form("id")
	o, err := v.subject(id)
	if err != nil {
		return err
	}
	_, err = v.Policies.PutOrganization(v.r.Context(), v.caller, policy.Put{ID: id, Name: v.form("name"), Entitlements: o.Entitlements, Base: v.base()})
	if err != nil {
		return v.showOrganization(id, nil, err)
	}
	return v.on("/organizations/one", "id", id, "done", "organization_named")
}
