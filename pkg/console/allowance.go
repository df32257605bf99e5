package console

import (
	"strconv"

	"twofold/pkg/access"
	"twofold/pkg/page"
	"twofold/pkg/policy"
	"twofold/pkg/stepup"
	"twofold/pkg/user"
)

const allowancePath = "/allowances"

func allowanceRoutes(d desk) {
	d.get(allowancePath+"/new", (*visit).askAllowance)
	d.post(allowancePath+"/new", (*visit).proposeAllowance)
	d.get(allowancePath+"/{change}", (*visit).seeAllowance)
	d.post(allowancePath+"/{change}", (*visit).confirmAllowance)
}

// allowanceForm is the page on which one is asked for.
type allowanceForm struct {
	At, Back string
	Fields   []page.Field
}

func (v *visit) askAllowance() error { return v.showAllowanceForm(nil) }

func (v *visit) showAllowanceForm(refused error) error {
	if !v.may(policy.AllowanceRule) {
		return access.ErrRole
	}
	status, alerts, ok := v.failed(refused)
	if !ok {
		return refused
	}
	f := allowanceForm{At: v.at(allowancePath), Back: v.at("/users"), Fields: []page.Field{
		{Name: "users", Type: "number", InputMode: "numeric", Label: v.say.Say("console.allowance.users"), Hint: v.say.Say("console.allowance.users.hint", "free", strconv.Itoa(stepup.FreeUsers), "most", strconv.Itoa(stepup.MaxAllowance))},
		{Name: "reason", Label: v.say.Say("console.deed.reason"), Hint: v.say.Say("console.deed.reason.all"), MaxLength: 200, Autocomplete: "off"},
	}}
	for i := range f.Fields {
		f.Fields[i].Value = v.form(f.Fields[i].Name)
		if refused != nil {
			f.Fields[i].Error = v.about(f.Fields[i].Name, refused)
		}
	}
	return v.shown(status, page.View{Body: "console/allowance", Title: v.say.Say("console.allowance.title"), Data: f, Alerts: alerts})
}

func (v *visit) proposeAllowance() error {
	n, err := strconv.Atoi(v.form("users"))
	a := policy.Allowance{Users: n, Reason: v.form("reason")}
	switch {
	case err != nil:
		return v.showAllowanceForm(policy.ErrAllowanceSize)
	case !user.GoodReason(a.Reason):
		return v.showAllowanceForm(errDeedReason)
	}
	p, err := v.Policies.ProposeAllowance(v.r.Context(), v.caller, v.home, a)
	if err != nil {
		return v.showAllowanceForm(err)
	}
	return v.on(allowancePath + "/" + p.Change.ID)
}

func (v *visit) seeAllowance() error { return v.showAllowance(nil) }

// showAllowance shows one that waits, with what was refused. One that was given is over: the table says so.
func (v *visit) showAllowance(refused error) error {
	p, err := v.Policies.ProposedAllowance(v.r.Context(), v.caller, v.home, v.r.PathValue("change"))
	if err != nil {
		return err
	}
	if !p.Until.IsZero() {
		return v.on("/users", "done", "user_allowance")
	}
	linked, err := v.linked()
	if err != nil {
		return err
	}
	return v.confirming(v.say.Say("console.allowance.title"), waiting{
		Action: v.at(allowancePath + "/" + p.Change.ID), Back: v.at("/users"), Lead: v.say.Say("console.allowance.lead"), Facts: v.told(p.Change.Told),
		SentTo: p.SentTo, ExpiresAt: p.Change.ExpiresAt, ByTOTP: linked,
	}, refused)
}

func (v *visit) confirmAllowance() error {
	_, err := v.Policies.ConfirmAllowance(v.r.Context(), v.caller, v.home, v.r.PathValue("change"), v.word())
	if err != nil {
		return v.showAllowance(err)
	}
	return v.on("/users", "done", "user_allowance")
}
