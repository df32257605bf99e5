package console

import (
	"net/http"

	"twofold/pkg/page"
)

func vendorRoutes(d desk) {
	d.vendorGet("", (*visit).vendor)
	d.vendorGet("/organizations", (*visit).organizations)
	d.vendorGet("/organizations/new", (*visit).newOrganization)
	d.vendorPost("/organizations/new", (*visit).makeOrganization)
	d.vendorGet("/organizations/one", (*visit).oneOrganization)
	d.vendorPost("/organizations/name", (*visit).renameOrganization)
	d.vendorPost("/organizations/entitlements", (*visit).entitle)
	d.vendorGet("/organizations/changes/{change}", (*visit).showEntitling)
	d.vendorPost("/organizations/changes/{change}", (*visit).confirmEntitling)
}

// vendor is the page of who has a second factor in all organisations together.
func (v *visit) vendor() error {
	days := v.days()
	sum, err := v.Reports.SystemSummary(v.r.Context(), v.caller, days)
	if err != nil {
		return err
	}
	return v.shown(http.StatusOK, page.View{
		Body: "console/vendor", Title: v.say.Say("console.overview.title"), Data: v.summed(sum, days),
	})
}
