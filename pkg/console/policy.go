package console

import (
	"net/http"
	"strconv"
	"time"

	"twofold/pkg/org"
	"twofold/pkg/page"
	"twofold/pkg/policy"
)

func policyRoutes(d desk) {
	d.get("/policy", (*visit).policy)
	d.get("/policy/users", (*visit).standingUsers)
	d.get("/policy/edit", (*visit).editPolicy)
	d.post("/policy/edit", (*visit).editAgain)
	d.post("/policy/dry-run", (*visit).tryPolicy)
	d.post("/policy/propose", (*visit).proposePolicy)
	d.get("/policy/changes/{change}", (*visit).policyChange)
	d.post("/policy/changes/{change}", (*visit).confirmPolicy)
	d.get("/policy/changes/{change}/users", (*visit).changeUsers)
	d.get("/policy/history", (*visit).policyHistory)
}

// standingPolicy is the page of the policy that stands.
type standingPolicy struct {
	Version     int64
	At          time.Time
	By          string
	Settings    []saidSetting
	Grants      []policyGrant
	Run         dryRun
	Edit        string // empty: it is not offered
	History     string
	Unavailable bool
}

func (v *visit) policy() error {
	result, err := v.Policies.DryRun(v.r.Context(), v.caller, v.home, nil)
	if err != nil {
		return err
	}
	p := v.organization.Policy
	s := standingPolicy{
		Version: p.Version, At: p.ChangedAt, By: p.ChangedBy, Settings: v.settings(p), Grants: v.policyGrants(), Run: v.dryRun(result, v.at("/policy/users")),
		History: v.at("/policy/history"), Unavailable: !v.organization.Entitlements.TwoFactor,
	}
	if v.may(policy.ProposeRule) {
		s.Edit = v.at("/policy/edit")
	}
	return v.shown(http.StatusOK, page.View{Body: "console/policy", Title: v.say.Say("console.policy.title"), Data: s})
}

// policyGrant is something that the system administrator grants or withholds.
type policyGrant struct {
	Name, Text, Tone string
}

func (v *visit) policyGrants() []policyGrant {
	e := v.organization.Entitlements
	var all []policyGrant
	for _, g := range []struct {
		name    string
		granted bool
	}{
		{org.EntitledTwoFactor, e.TwoFactor}, {org.EntitledSMS, e.SMS}, {org.EntitledAppPasswords, e.AppPasswords}, {org.EntitledSender, e.Sender},
	} {
		said, tone := "console.policy.withheld", ""
		if g.granted {
			said, tone = "console.policy.granted", "good"
		}
		all = append(all, policyGrant{v.say.Say("console.policy.grant." + g.name), v.say.Say(said), tone})
	}
	if e.SMS {
		all = append(all, policyGrant{Name: v.say.Say("console.policy.grant." + org.EntitledSMSCountries), Text: commaList(e.SMSCountries.List())})
		all = append(all, v.policyLimit(org.LimitSMSPerDay, e.SMSPerDay))
	}
	return append(all, v.policyLimit(org.LimitUsers, e.UserLimit))
}

func (v *visit) policyLimit(name string, n int) policyGrant {
	text := v.say.Say("console.policy.unlimited")
	if n > 0 {
		text = strconv.Itoa(n)
	}
	return policyGrant{Name: v.say.Say("console.policy.grant." + name), Text: text}
}
