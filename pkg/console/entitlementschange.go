package console

import (
	"errors"
	"net/http"
	"strconv"

	"twofold/pkg/page"
	"twofold/pkg/policy"
	"twofold/pkg/stepup"
)

// withdrawing is the page that says what becomes of users before something is taken away.
type withdrawing struct {
	At, Back string
	ID, Base string
	Facts    []fact
	Typed    []page.Field // what the form holds, hidden
}

// entitle changes what an organisation is entitled to. What would be taken away is said first; where the organisation forces, it waits for the second word.
func (v *visit) entitle() error {
	id, typed := v.form("id"), v.typedEntitlements()
	o, err := v.subject(id)
	if err != nil {
		return err
	}
	wanted, err := readEntitlements(typed)
	if err != nil {
		return v.showOrganization(id, typed, err)
	}
	if !v.checked("sure") {
		lost, forced, err := v.Policies.Foreseen(v.r.Context(), v.caller, id, wanted)
		switch {
		case err != nil:
			return v.showOrganization(id, typed, err)
		case len(lost) > 0 && !forced:
			return v.showWithdrawing(id, typed, lost)
		}
	}
	_, err = v.Policies.PutOrganization(v.r.Context(), v.caller, policy.Put{ID: id, Name: o.Name, Entitlements: wanted, Base: v.base()})
	if errors.Is(err, policy.ErrStepUp) {
		var p policy.ProposedEntitlements
		if p, err = v.Policies.ProposeEntitlements(v.r.Context(), v.caller, id, wanted); err == nil {
			return v.on("/organizations/changes/"+p.Change.ID, "id", id)
		}
	}
	if err != nil {
		return v.showOrganization(id, typed, err)
	}
	return v.on("/organizations/one", "id", id, "done", "organization_entitled")
}

func (v *visit) showWithdrawing(id string, typed map[string]string, lost []policy.Consequence) error {
	w := withdrawing{At: v.at("/organizations"), Back: v.organizationAt(id), ID: id, Base: v.form("base"), Facts: v.consequences(lost)}
	for _, name := range entitlementNames() {
		w.Typed = append(w.Typed, page.Field{Name: entitlementField(name), Value: typed[name]})
	}
	return v.shown(http.StatusOK, page.View{Body: "console/withdrawing", Title: v.say.Say("console.withdrawing"), Data: w})
}

// consequences say what becomes of those who rely on what is withdrawn, and how many they are.
func (v *visit) consequences(all []policy.Consequence) []fact {
	var facts []fact
	for _, c := range all {
		f := fact{v.say.Say("console.entitlement." + c.Entitlement), v.say.Say("console.consequence." + c.Entitlement)}
		if c.Users >= 0 {
			f.Text += " " + v.say.Say("console.consequence", "users", strconv.FormatInt(c.Users, 10))
		}
		facts = append(facts, f)
	}
	return facts
}

func (v *visit) showEntitling() error { return v.showEntitlingAgain(nil) }

// showEntitlingAgain shows what waits for the second word.
func (v *visit) showEntitlingAgain(refused error) error {
	id, change := v.r.URL.Query().Get("id"), v.r.PathValue("change")
	o, err := v.subject(id)
	if err != nil {
		return err
	}
	p, err := v.Policies.ProposedEntitlements(v.r.Context(), v.caller, id, change)
	switch {
	case err != nil:
		return err
	case p.Change.Applied != 0:
		return v.on("/organizations/one", "id", id, "done", "organization_entitled")
	case refused == nil && !p.Change.Live(v.Now()):
		refused = stepup.ErrEnded
	}
	return v.confirming(v.say.Say("console.organization.entitle"), waiting{
		Action: v.at("/organizations/changes/"+change, "id", id), Back: v.organizationAt(id),
		Lead:  v.say.Say("console.entitling.lead", "organization", o.Name),
		Facts: append(v.told(p.Change.Told), v.consequences(p.Consequences)...), SentTo: p.SentTo, ExpiresAt: p.Change.ExpiresAt,
	}, refused)
}

func (v *visit) confirmEntitling() error {
	id := v.r.URL.Query().Get("id")
	if _, err := v.subject(id); err != nil {
		return err
	}
	if _, err := v.Policies.ConfirmEntitlements(v.r.Context(), v.caller, id, v.r.PathValue("change"), v.word()); err != nil {
		return v.showEntitlingAgain(err)
	}
	return v.on("/organizations/one", "id", id, "done", "organization_entitled")
}
