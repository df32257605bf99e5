package console

import (
	"slices"
	"strconv"

	"twofold/pkg/org"
	"twofold/pkg/page"
)

// policyFields are the fields of the form by their names, with what is refused of one.
func (v *visit) policyFields(f policyForm, refused error) map[string]page.Field {
	fields := map[string]page.Field{}
	for _, s := range policySettings {
		field := page.Field{
			Name: s.name, Label: v.say.Say("console.set." + s.name), Hint: v.say.Say("console.set." + s.name + ".means"), Value: firstTyped(f.values[s.name]),
			Error: v.fieldError(refused, s.name), Autocomplete: "off",
		}
		if shape := shapes[s.name]; shape != nil {
			shape(v, &field)
		}
		if field.Type == "checkbox" {
			field.Checked, field.Value = field.Value != "", ""
		}
		fields[s.name] = field
	}
	return fields
}

// shapes are what fields are beside a line of text.
var shapes = map[string]func(*visit, *page.Field){
	"status":                  choiceField("console.policy.status.", org.Enabled, org.Forced, org.Disabled),
	"enrollment_proof":        choiceField("console.set.enrollment_proof.", org.ProofLoginEmail, org.ProofTicket, org.ProofPassword),
	"outage":                  choiceField("console.set.outage.", org.OutageClosed),
	"enforce_from":            func(_ *visit, f *page.Field) { f.Type, f.Optional = "datetime-local", true },
	"grace_days":              numberField(0, org.MaxGraceDays),
	"remember_days":           numberField(1, org.MaxRememberDays),
	"sms_countries":           (*visit).countriesField,
	"remember_device":         boxField,
	"app_password_services":   func(_ *visit, f *page.Field) { f.Optional = true },
	"recovery.mailed_code":    boxField,
	"recovery.saved_codes":    boxField,
	"recovery.mail_codes":     boxField,
	"recovery.reenroll":       boxField,
	"recovery.delay_hours":    numberField(0, org.MaxDelayHours),
	"recovery_email_distinct": boxField,
	"retention.audit_days": func(v *visit, f *page.Field) {
		numberField(org.MinAuditDays, org.MaxAuditDays)(v, f)
		f.Optional = true
	},
	"retention.sign_in_days": numberField(1, org.MaxSignInDays),
}

func boxField(_ *visit, f *page.Field) { f.Type = "checkbox" }

// numberField is a number between two others, which its hint names.
func numberField(least, most int) func(*visit, *page.Field) {
	return func(v *visit, f *page.Field) {
		f.InputMode, f.MaxLength = "numeric", 5
		f.Hint += " " + v.say.Say("console.set.between", "least", strconv.Itoa(least), "most", strconv.Itoa(most))
	}
}

// choiceField is one of several words.
func choiceField[T ~string](prefix string, all ...T) func(*visit, *page.Field) {
	return func(v *visit, f *page.Field) {
		for _, one := range all {
			f.Options = append(f.Options, page.Option{Value: string(one), Label: v.say.Say(prefix + string(one)), Hint: v.hint(prefix + string(one))})
		}
	}
}

// hint explains one of several words, where that is needed.
func (v *visit) hint(key string) string {
	if key += ".hint"; v.say.Has(key) {
		return v.say.Say(key)
	}
	return ""
}

func (v *visit) countriesField(f *page.Field) {
	f.Optional = true
	f.Hint += " " + v.say.Say("console.set.sms_countries.granted", "countries", commaList(v.organization.Entitlements.SMSCountries.List()))
}

// methodBoxes are the methods that are granted, a box each; and what else was typed, so that it can be taken away.
func (v *visit) methodBoxes(f policyForm) []page.Field {
	var boxes []page.Field
	for _, m := range []org.Method{org.TOTP, org.Email, org.SMS} {
		ticked := slices.Contains(f.values["methods"], string(m))
		if m == org.SMS && !v.organization.Entitlements.SMS && !ticked {
			continue
		}
		boxes = append(boxes, page.Field{
			Name: "methods", ID: "methods-" + string(m), Value: string(m), Label: v.say.Say("prompt.method." + string(m)), Checked: ticked,
			Hint: v.hint("console.set.methods." + string(m)),
		})
	}
	return boxes
}
