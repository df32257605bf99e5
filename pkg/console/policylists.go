package console

import (
	"slices"
	"strings"

	"twofold/pkg/org"
)

// The settings of a policy that are neither a word, a number nor a flag.

func fillFrom(p org.Policy) []string { return []string{typedTime(p.EnforceFrom)} }

// takeFrom leaves the date that stands as it is where it was not touched: a form has no seconds.
func takeFrom(p *org.Policy, typed []string) {
	if firstTyped(typed) != typedTime(p.EnforceFrom) {
		p.EnforceFrom = readTime(firstTyped(typed))
	}
}

func (v *visit) sayFrom(p org.Policy) string {
	switch {
	case !p.EnforceFrom.IsZero():
		return v.say.Time(p.EnforceFrom)
	case p.Status == org.Forced:
		return v.say.Say("console.set.at_once")
	}
	return v.say.Say("console.set.no_date")
}

func fillMethods(p org.Policy) []string {
	var all []string
	for _, m := range p.Methods {
		all = append(all, string(m))
	}
	return all
}

// takeMethods leaves those that stay in their order, and puts others behind them.
func takeMethods(p *org.Policy, typed []string) {
	var wanted, chosen []org.Method
	for _, m := range typed {
		wanted = append(wanted, org.Method(m))
	}
	for _, m := range p.Methods {
		if slices.Contains(wanted, m) {
			chosen = append(chosen, m)
		}
	}
	for _, m := range wanted {
		if !slices.Contains(p.Methods, m) {
			chosen = append(chosen, m)
		}
	}
	p.Methods = chosen
}

func (v *visit) sayMethods(p org.Policy) string { return v.methodNames(p.Methods) }

// methodNames are methods in words.
func (v *visit) methodNames(methods []org.Method) string {
	var all []string
	for _, m := range methods {
		all = append(all, v.say.Say("prompt.method."+string(m)))
	}
	return commaList(all)
}

func fillCountries(p org.Policy) []string { return []string{commaList(p.SMSCountries.List())} }

func takeCountries(p *org.Policy, typed []string) {
	p.SMSCountries = org.Listed(typedNames([]string{strings.ToUpper(firstTyped(typed))}))
}

func (v *visit) sayCountries(p org.Policy) string {
	switch {
	case p.SMSCountries != "":
		return commaList(p.SMSCountries.List())
	case p.Allows(org.SMS):
		return v.say.Say("console.set.all_granted")
	}
	return v.say.Say("console.set.none")
}

func fillServices(p org.Policy) []string { return []string{commaList(p.AppPasswordServices)} }

func takeServices(p *org.Policy, typed []string) {
	p.AppPasswordServices = typedNames([]string{strings.ToLower(firstTyped(typed))})
}

func (v *visit) sayServices(p org.Policy) string {
	if len(p.AppPasswordServices) == 0 {
		return v.say.Say("console.set.none")
	}
	return commaList(p.AppPasswordServices)
}

func fillAudit(p org.Policy) []string {
	if p.Retention.AuditDays == 0 {
		return []string{""}
	}
	return numberSetting("", "", func(p *org.Policy) *int { return &p.Retention.AuditDays }).fill(p)
}

// takeAudit: nothing is without an end, and nought is no number of days.
func takeAudit(p *org.Policy, typed []string) {
	if p.Retention.AuditDays = 0; firstTyped(typed) == "" {
		return
	}
	if p.Retention.AuditDays = typedInteger(firstTyped(typed)); p.Retention.AuditDays == 0 {
		p.Retention.AuditDays = refusedNumber
	}
}

func (v *visit) sayAudit(p org.Policy) string {
	if p.Retention.AuditDays == 0 {
		return v.say.Say("console.set.without_end")
	}
	return v.counted(p.Retention.AuditDays, "day")
}
