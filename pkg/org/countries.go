package org

import (
	"slices"
	"strings"

	"twofold/pkg/fault"
	"twofold/pkg/phone"
)

// ErrCountry refuses a telephone number of a country that SMS do not go to.
var ErrCountry = fault.New(fault.Unprocessable, "country_not_allowed", "SMS do not go to this country.")

// Countries are ISO 3166-1 codes in order, separated by commas: "AT,CH,DE". Equal lists are equal texts.
type Countries string

// Listed puts codes in order; whether they are any is not judged.
func Listed(codes []string) Countries {
	return Countries(strings.Join(slices.Sorted(slices.Values(codes)), ","))
}

// ReadCountries makes a list. It answers false where one is of no country that numbers can belong to, or named twice.
func ReadCountries(codes []string) (Countries, bool) {
	c := Listed(codes)
	return c, c.valid()
}

func (c Countries) valid() bool {
	list := c.List()
	for i, code := range list {
		if !phone.Known(code) || i > 0 && code == list[i-1] {
			return false
		}
	}
	return true
}

// List gives the codes; nil where there are none.
func (c Countries) List() []string {
	if c == "" {
		return nil
	}
	return strings.Split(string(c), ",")
}

// Has reports whether a country is on the list.
func (c Countries) Has(country string) bool { return slices.Contains(c.List(), country) }

// Within reports whether all of them are on another list too.
func (c Countries) Within(other Countries) bool {
	return !slices.ContainsFunc(c.List(), func(country string) bool { return !other.Has(country) })
}

// SMSCountries are those that SMS go to: as entitled, and narrowed by the policy where that names any.
func (o Organization) SMSCountries() []string {
	if !o.Entitlements.SMS {
		return nil
	}
	return slices.DeleteFunc(o.Entitlements.SMSCountries.List(), func(country string) bool {
		return o.Policy.SMSCountries != "" && !o.Policy.SMSCountries.Has(country)
	})
}

// CheckSMS judges whether an SMS may go to a number of a country now: only with the entitlement, and only where the lists lead. It does not ask
// whether the policy allows the method: who has it and may not any more signs in with it once.
func (o Organization) CheckSMS(country string) error {
	switch {
	case !o.Entitlements.SMS:
		return ErrNotAvailable
	case !slices.Contains(o.SMSCountries(), country):
		return ErrCountry
	}
	return nil
}
