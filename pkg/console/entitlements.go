package console

import (
	"net/http"
	"strconv"
	"strings"

	"twofold/pkg/fault"
	"twofold/pkg/org"
	"twofold/pkg/page"
)

// entitlementFlags are the entitlements that are granted or not, and entitlementLimits those that limit, by their names.
var (
	entitlementFlags = []struct {
		name string
		of   func(*org.Entitlements) *bool
	}{
		{org.EntitledTwoFactor, func(e *org.Entitlements) *bool { return &e.TwoFactor }},
		{org.EntitledSMS, func(e *org.Entitlements) *bool { return &e.SMS }},
		{org.EntitledAppPasswords, func(e *org.Entitlements) *bool { return &e.AppPasswords }},
		{org.EntitledSender, func(e *org.Entitlements) *bool { return &e.Sender }},
	}
	entitlementLimits = []struct {
		name string
		of   func(*org.Entitlements) *int
	}{
		{org.LimitUsers, func(e *org.Entitlements) *int { return &e.UserLimit }},
		{org.LimitSMSPerDay, func(e *org.Entitlements) *int { return &e.SMSPerDay }},
	}
)

// entitlementField is the name of a field of the forms, which refusals name too.
func entitlementField(name string) string { return "entitlements." + name }

// entitlementsForm is the fields of what an organisation is entitled to.
type entitlementsForm struct{ Flags, Values []page.Field }

// entitlementsOf puts entitlements into the fields of a form, as somebody would have typed them.
func entitlementsOf(e org.Entitlements) map[string]string {
	typed := map[string]string{
		org.EntitledSMSCountries: strings.Join(e.SMSCountries.List(), ", "), org.ChosenSMSOrigination: e.SMSOrigination,
	}
	for _, f := range entitlementFlags {
		if *f.of(&e) {
			typed[f.name] = "yes"
		}
	}
	for _, l := range entitlementLimits {
		if n := *l.of(&e); n != 0 {
			typed[l.name] = strconv.Itoa(n)
		}
	}
	return typed
}

// typedEntitlements are the fields as they were typed.
func (v *visit) typedEntitlements() map[string]string {
	typed := map[string]string{}
	for _, name := range entitlementNames() {
		typed[name] = v.form(entitlementField(name))
	}
	return typed
}

// entitlementNames are those of all fields.
func entitlementNames() []string {
	var names []string
	for _, f := range entitlementFlags {
		names = append(names, f.name)
	}
	for _, l := range entitlementLimits {
		names = append(names, l.name)
	}
	return append(names, org.EntitledSMSCountries, org.ChosenSMSOrigination)
}

func (v *visit) entitlementsForm(typed map[string]string) entitlementsForm {
	var form entitlementsForm
	for _, f := range entitlementFlags {
		form.Flags = append(form.Flags, page.Field{Name: entitlementField(f.name), Label: v.say.Say("console.entitlement." + f.name), Checked: typed[f.name] != ""})
	}
	for _, name := range entitlementNames()[len(entitlementFlags):] {
		form.Values = append(form.Values, page.Field{
			Name: entitlementField(name), Label: v.say.Say("console.entitlement." + name), Hint: v.say.Say("console.entitlement." + name + ".hint"),
			Value: typed[name], Optional: true, MaxLength: 1000,
		})
	}
	for i := range entitlementLimits {
		form.Values[i].InputMode, form.Values[i].MaxLength = "numeric", len(strconv.Itoa(org.MaxLimit))
	}
	return form
}

// The refusals of what was typed.
var (
	errLimit     = fault.New(fault.Unprocessable, "limit_malformed", "A limit is a whole number of at most 100,000,000.")
	errCountries = fault.New(fault.Unprocessable, "countries_malformed", "A country is two letters of ISO 3166-1.").At(entitlementField(org.EntitledSMSCountries))
)

// entitlements reads the fields.
func readEntitlements(typed map[string]string) (org.Entitlements, error) {
	e := org.Entitlements{SMSOrigination: typed[org.ChosenSMSOrigination]}
	for _, f := range entitlementFlags {
		*f.of(&e) = typed[f.name] != ""
	}
	for _, l := range entitlementLimits {
		if typed[l.name] == "" {
			continue
		}
		n, err := strconv.Atoi(typed[l.name])
		if err != nil || n < 0 || n > org.MaxLimit {
			return e, errLimit.At(entitlementField(l.name))
		}
		*l.of(&e) = n
	}
	codes := strings.FieldsFunc(strings.ToUpper(typed[org.EntitledSMSCountries]), func(r rune) bool { return strings.ContainsRune(" ,;", r) })
	var ok bool
	if e.SMSCountries, ok = org.ReadCountries(codes); !ok {
		return e, errCountries
	}
	return e, nil
}

// wrong puts a refusal beside the field that it names.
func (v *visit) wrong(err error, fields ...[]page.Field) {
	if status, text := v.explained(err); status != 0 {
		at := fault.As(err).Field
		for _, some := range fields {
			for i := range some {
				if at != "" && some[i].Name == at {
					some[i].Error = text
				}
			}
		}
	}
}

// redone is the answer to a form that was refused: its page once more. err is returned where no form mends it.
func (v *visit) redone(err error, view page.View) error {
	status, alerts, ok := v.failed(err)
	if !ok {
		return err
	}
	if status == 0 {
		status = http.StatusOK
	}
	view.Alerts = append(alerts, view.Alerts...)
	return v.shown(status, view)
}
