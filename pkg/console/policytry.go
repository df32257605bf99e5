package console

import (
	"net/http"

	"twofold/pkg/fault"
	"twofold/pkg/page"
	"twofold/pkg/policy"
)

// policyTrial is the page of what a policy would do, before anything is proposed.
type policyTrial struct {
	Propose, Edit string
	Kept          []keptField
	Changes       []altered
	Run           dryRun
	Know          *page.Field // to force what one has not set up oneself
}

// tryPolicy shows what the policy that was typed would do. Nothing is stored.
func (v *visit) tryPolicy() error {
	if err := v.demand(policy.ProposeRule); err != nil {
		return err
	}
	return v.tried(v.typedPolicy(), nil)
}

// proposePolicy proposes it.
func (v *visit) proposePolicy() error {
	f := v.typedPolicy()
	wanted := policy.Wanted{Policy: f.policy(v.organization.Policy), Acknowledged: v.checked("know")}
	proposed, err := v.Policies.Propose(v.r.Context(), v.caller, v.home, wanted, f.base)
	if err != nil {
		return v.tried(f, err)
	}
	return v.on("/policy/changes/" + proposed.Change.ID)
}

// tried shows what a form would do, with what was refused when it was proposed. What the form must be mended for leads back to it.
func (v *visit) tried(f policyForm, refused error) error {
	stands := v.organization.Policy
	if f.base != stands.Version || unwritable(refused) {
		return v.editTyped(f, refused)
	}
	status, alerts, ok := v.failed(refused)
	if !ok {
		return refused
	}
	wanted := f.policy(stands)
	result, err := v.Policies.DryRun(v.r.Context(), v.caller, v.home, &wanted)
	switch {
	case unwritable(err):
		return v.editTyped(f, err)
	case err != nil:
		return err
	}
	wanted = wanted.Continuing(stands, v.Now())
	t := policyTrial{Propose: v.at("/policy/propose"), Edit: v.at("/policy/edit"), Kept: f.kept(), Changes: v.alterations(wanted, stands), Run: v.dryRun(result, "")}
	if fault.As(refused).Code == policy.ErrYourself.Code {
		t.Know = &page.Field{Name: "know", Label: v.say.Say("console.policy.know")}
	}
	if len(t.Changes) == 0 && refused == nil {
		alerts = append(alerts, page.Alert{Tone: page.Noted, Text: v.say.Say("console.refused.nothing_changes")})
	}
	if status == http.StatusOK && len(t.Changes) > 0 {
		alerts = append(alerts, page.Alert{Tone: page.Noted, Text: v.say.Say("console.policy.trial")})
	}
	return v.shown(status, page.View{Body: "console/policy/trial", Title: v.say.Say("console.policy.trial.title"), Data: t, Alerts: alerts})
}
