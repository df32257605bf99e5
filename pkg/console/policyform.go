package console

import (
	"net/url"
	"strconv"
	"time"

	"twofold/pkg/org"
)

// policyForm is a policy as it is typed: the values of each setting, and the version that the form was made from.
type policyForm struct {
	base   int64
	values url.Values
}

// formOf is the form of a policy, to be proposed in the place of the version base.
func formOf(p org.Policy, base int64) policyForm {
	f := policyForm{base, url.Values{}}
	for _, s := range policySettings {
		f.values[s.name] = s.fill(p)
	}
	return f
}

// typedPolicy is what was posted.
func (v *visit) typedPolicy() policyForm {
	base, _ := strconv.ParseInt(v.form("base"), 10, 64) // whatever is no version is none that stands
	f := policyForm{base, url.Values{}}
	for _, s := range policySettings {
		f.values[s.name] = v.all(s.name)
	}
	return f
}

// policy is what the form says, where another stands. What stands and belongs to a status or a method that was given up is given up with it.
func (f policyForm) policy(standing org.Policy) org.Policy {
	p := standing
	for _, s := range policySettings {
		s.take(&p, f.values[s.name])
	}
	if p.Status != org.Forced && p.EnforceFrom.Equal(standing.EnforceFrom) {
		p.EnforceFrom = time.Time{}
	}
	if !p.Allows(org.SMS) && p.SMSCountries == standing.SMSCountries {
		p.SMSCountries = ""
	}
	return p
}

// kept are the values of the form, for a form that shows none of its fields.
func (f policyForm) kept() []keptField {
	all := []keptField{{"base", strconv.FormatInt(f.base, 10)}}
	for _, s := range policySettings {
		for _, value := range f.values[s.name] {
			all = append(all, keptField{s.name, value})
		}
	}
	return all
}

// keptField is a hidden field.
type keptField struct{ Name, Value string }
