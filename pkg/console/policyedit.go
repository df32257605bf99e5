package console

import (
	"slices"

	"twofold/pkg/fault"
	"twofold/pkg/page"
	"twofold/pkg/policy"
	"twofold/pkg/words"
)

// policyEditor is the page on which a policy is written.
type policyEditor struct {
	Action, Back string
	Base         int64
	Fields       map[string]page.Field
	Methods      []page.Field // a box each
	SMS, Apps    bool         // they are granted
	Since        []altered    // what somebody else has changed meanwhile
}

// edit shows the form with what was refused of it.
func (v *visit) edit(f policyForm, since []altered, refused error, notes ...page.Alert) error {
	status, alerts, ok := v.failed(refused)
	if !ok {
		return refused
	}
	e := policyEditor{
		Action: v.at("/policy/dry-run"), Back: v.at("/policy"), Base: f.base, Fields: v.policyFields(f, refused), Methods: v.methodBoxes(f),
		SMS: v.organization.Entitlements.SMS, Apps: v.organization.Entitlements.AppPasswords, Since: since,
	}
	return v.shown(status, page.View{Body: "console/policy/edit", Title: v.say.Say("console.policy.edit"), Data: e, Alerts: append(alerts, notes...)})
}

// editPolicy begins with the policy that stands.
func (v *visit) editPolicy() error {
	if err := v.demand(policy.ProposeRule); err != nil {
		return err
	}
	p := v.organization.Policy
	return v.edit(formOf(p, p.Version), nil, nil)
}

// editAgain goes on with what was typed before.
func (v *visit) editAgain() error {
	if err := v.demand(policy.ProposeRule); err != nil {
		return err
	}
	return v.editTyped(v.typedPolicy(), nil)
}

// editTyped shows the form with what was typed. Where the policy has moved since the form was made that is said, with what has changed; the form is
// from then on one of the policy that stands.
func (v *visit) editTyped(f policyForm, refused error) error {
	stands := v.organization.Policy
	if f.base == stands.Version {
		return v.edit(f, nil, refused)
	}
	since, err := v.since(f.base)
	if err != nil {
		return err
	}
	f.base = stands.Version
	if refused == nil {
		refused = policy.ErrStale
	}
	return v.edit(f, since, refused, page.Alert{Tone: page.Noted, Text: v.say.Say("console.policy.moved", "by", words.Isolated(words.Line(stands.ChangedBy)), "time", v.say.Time(stands.ChangedAt))})
}

// since is what the policy that stands has otherwise than an earlier version.
func (v *visit) since(version int64) ([]altered, error) {
	if version < 1 || version >= v.organization.Policy.Version {
		return nil, nil
	}
	found, err := v.Policies.History(v.r.Context(), v.caller, v.home, version+1, 1)
	if err != nil || len(found.Versions) == 0 {
		return nil, err
	}
	return v.alterations(v.organization.Policy, found.Versions[0]), nil
}

// fieldError is what was refused of a field, in words.
func (v *visit) fieldError(refused error, field string) string {
	if refused == nil || fault.As(refused).Field != field {
		return ""
	}
	_, text := v.explained(refused)
	return text
}

// unwritable reports whether a refusal is of a field, so that the form must be shown to mend it.
func unwritable(refused error) bool {
	known := fault.As(refused)
	return known.Kind == fault.Unprocessable && slices.ContainsFunc(policySettings, func(s setting) bool { return s.name == known.Field }) &&
		known.Code != policy.ErrNothing.Code
}
