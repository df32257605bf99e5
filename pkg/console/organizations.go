package console

import (
	"net/http"

	"twofold/pkg/org"
	"twofold/pkg/page"
	"twofold/pkg/policy"
	"twofold/pkg/report"
)

// organizations is the page of all of them.
type organizations struct {
	At   string
	Find string // what was looked for
	Rows []organizationRow
	New  string // where one is made; empty: not by this key
	More string
}

// organizationRow is one of the table.
type organizationRow struct {
	report.OrganizationRow
	ID, Name, Share  string
	Status, Tone     string
	Granted          []string
	Overview, Manage string
	ManageLabel      string
}

func (v *visit) organizations() error {
	prefix := v.form("prefix")
	found, err := v.Reports.Organizations(v.r.Context(), v.caller, report.OrganizationQuery{Prefix: prefix, After: v.form("cursor")})
	if err != nil {
		return err
	}
	p := organizations{At: v.at("/organizations"), Find: prefix}
	for _, r := range found.Rows {
		p.Rows = append(p.Rows, v.organizationRow(r))
	}
	if v.may(policy.SystemRule) {
		p.New = v.at("/organizations/new")
	}
	if found.Next != "" {
		p.More = v.at("/organizations", "prefix", prefix, "cursor", found.Next)
	}
	return v.shown(http.StatusOK, page.View{Body: "console/organizations", Title: v.say.Say("console.menu.organizations"), Data: p})
}

func (v *visit) organizationRow(r report.OrganizationRow) organizationRow {
	o := r.Organization
	row := organizationRow{
		OrganizationRow: r, ID: o.ID, Name: o.Name, Share: v.percent(r.Percent()),
		Status: v.say.Say("console.policy.status." + string(o.Policy.Status)), Tone: policyTones[o.Policy.Status],
		Overview: baseOf(o.ID), Granted: v.granted(o.Entitlements),
	}
	if v.may(policy.SystemRule) {
		row.Manage = v.organizationAt(o.ID)
		row.ManageLabel = v.say.Say("console.organization.manage.one", "organization", o.ID)
	}
	return row
}

// policyTones are the colours of a policy's status beside its word.
var policyTones = map[org.Status]string{org.Forced: "good", org.Disabled: "warn"}

// granted names what an organisation is entitled to.
func (v *visit) granted(e org.Entitlements) []string {
	var names []string
	for _, f := range entitlementFlags {
		if *f.of(&e) {
			names = append(names, v.say.Say("console.entitlement."+f.name))
		}
	}
	return names
}

// organizationAt is where the vendor cares for an organisation.
func (v *visit) organizationAt(id string, pairs ...string) string {
	return v.at("/organizations/one", append([]string{"id", id}, pairs...)...)
}
