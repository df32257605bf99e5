package console

import (
	"net/http"
	"net/url"

	"twofold/pkg/org"
	"twofold/pkg/page"
	"twofold/pkg/policy"
	"twofold/pkg/stepup"
)

// policyProposal is what a page shows of a proposed policy beside the form of the second word.
type policyProposal struct {
	Open    bool // it can still be confirmed
	Changes []altered
	Run     dryRun
	Edit    string
	Kept    []keptField
}

func (v *visit) policyChange() error { return v.showChange(nil) }

// showChange shows the caller's proposal, with what was refused when it was confirmed.
func (v *visit) showChange(refused error) error {
	p, err := v.Policies.Proposed(v.r.Context(), v.caller, v.home, v.r.PathValue("change"))
	if err != nil {
		return err
	}
	if p.Change.Applied != 0 && refused == nil {
		return v.on("/policy", "done", "policy_changed")
	}
	linked, err := v.linked()
	if err != nil {
		return err
	}
	stands := v.organization.Policy
	at := "/policy/changes/" + url.PathEscape(p.Change.ID)
	shown := policyProposal{
		Open: p.Change.Live(v.Now()) && p.Change.Base == stands.Version, Changes: v.alterations(p.Policy, stands),
		Run: v.dryRun(p.DryRun, v.at(at+"/users")), Edit: v.at("/policy/edit"), Kept: formOf(p.Policy, p.Change.Base).kept(),
	}
	w := waiting{
		Body: "console/policy/change", Action: v.at(at), Back: v.at("/policy"), Lead: v.say.Say("console.policy.change.lead"), SentTo: p.SentTo,
		ExpiresAt: p.Change.ExpiresAt, ByTOTP: linked, More: shown,
	}
	if offered, begins := v.announces(p.Policy); offered {
		w.Announce = &page.Field{
			Name: "announce", Label: v.say.Say("console.policy.announce"), Hint: v.say.Say("console.policy.announce.hint"),
			Checked: begins && v.r.Method == http.MethodGet || v.checked("announce"),
		}
	}
	return v.confirming(v.say.Say("console.policy.change"), w, firstError(refused, v.over(p)))
}

// over is why a proposal cannot be confirmed any more; nil: it can.
func (v *visit) over(p policy.Proposed) error {
	switch {
	case p.Change.Base != v.organization.Policy.Version:
		return policy.ErrMoved
	case !p.Change.Live(v.Now()):
		return stepup.ErrEnded
	}
	return nil
}

func firstError(all ...error) error {
	for _, err := range all {
		if err != nil {
			return err
		}
	}
	return nil
}

// announces reports whether the users can be told of a policy when it is confirmed, and whether they are unless somebody says otherwise.
func (v *visit) announces(p org.Policy) (offered, begins bool) {
	begins = p.Status == org.Forced && v.organization.Policy.Status != org.Forced
	return begins || p.Status == org.Forced && v.may(policy.AnnounceRule), begins
}

// confirmPolicy confirms it. What is announced is what the box said that was shown.
func (v *visit) confirmPolicy() error {
	p, err := v.Policies.Proposed(v.r.Context(), v.caller, v.home, v.r.PathValue("change"))
	if err != nil {
		return err
	}
	typed := policy.Confirmation{Word: v.word()}
	if offered, _ := v.announces(p.Policy); offered {
		announce := v.checked("announce")
		typed.Announce = &announce
	}
	if _, err := v.Policies.Confirm(v.r.Context(), v.caller, v.home, p.Change.ID, typed); err != nil {
		return v.showChange(err)
	}
	return v.on("/policy", "done", "policy_changed")
}
