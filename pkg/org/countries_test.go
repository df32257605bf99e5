package org_test

import (
	"errors"
	"slices"
	"testing"

	"twofold/pkg/fault"
	"twofold/pkg/org"
)

func TestCountriesAreReadInOrderAndOnce(t *testing.T) {
	if c, ok := org.ReadCountries([]string{"DE", "AT", "CH"}); !ok || c != "AT,CH,DE" || !c.Has("CH") || c.Has("C") || c.Has("") || !c.Within(c) || c.Within("AT,CH") {
		t.Errorf("read as %q, %v", c, ok)
	}
	if c, ok := org.ReadCountries(nil); !ok || c != "" || c.Has("") || c.List() != nil || !c.Within("") {
		t.Errorf("none is read as %q, %v", c, ok)
	}
	for _, wrong := range [][]string{{"de"}, {"DE", "DE"}, {"", "DE"}, {"ZZ"}, {"DE", "UK"}} {
		if c, ok := org.ReadCountries(wrong); ok {
			t.Errorf("%v is read as %q", wrong, c)
		}
	}
}

// SMS go where both lists lead, and nowhere without the entitlement or without a country.
func TestWhereSMSGo(t *testing.T) {
	for name, c := range map[string]struct {
		entitled         bool
		granted, allowed org.Countries
		to               []string
		de               error
	}{
		"as entitled":          {true, "AT,DE", "", []string{"AT", "DE"}, nil},
		"narrowed":             {true, "AT,DE", "DE", []string{"DE"}, nil},
		"narrowed to another":  {true, "AT,DE", "AT", []string{"AT"}, org.ErrCountry},
		"withdrawn since":      {true, "AT", "DE", nil, org.ErrCountry},
		"nowhere":              {true, "", "", nil, org.ErrCountry},
		"nowhere, but allowed": {true, "", "DE", nil, org.ErrCountry},
		"not entitled":         {false, "DE", "DE", nil, org.ErrNotAvailable},
	} {
		o := org.Organization{
			Entitlements: org.Entitlements{SMS: c.entitled, SMSCountries: c.granted},
			Policy:       org.Policy{Methods: []org.Method{org.TOTP, org.SMS}, SMSCountries: c.allowed},
		}
		if got := o.SMSCountries(); !slices.Equal(got, c.to) {
			t.Errorf("%s: goes to %v, want %v", name, got, c.to)
		}
		if err := o.CheckSMS("DE"); !errors.Is(err, c.de) {
			t.Errorf("%s: to DE %v, want %v", name, err, c.de)
		}
		if offered := slices.Contains(o.Offered(), org.SMS); offered != (len(c.to) > 0) {
			t.Errorf("%s: offered is %t", name, offered)
		}
	}
}

func TestEntitlingSMSNeedsACountry(t *testing.T) {
	for name, c := range map[string]struct {
		granted org.Entitlements
		code    string
	}{
		"none":                   {org.Entitlements{SMS: true}, "sms_countries_missing"},
		"one":                    {org.Entitlements{SMS: true, SMSCountries: "DE"}, ""},
		"no SMS":                 {org.Entitlements{}, ""},
		"a list without the SMS": {org.Entitlements{SMSCountries: "DE"}, ""},
	} {
		err := c.granted.Check("")
		if got := fault.As(err); (err == nil) != (c.code == "") || err != nil && (got.Code != c.code || got.Field != "entitlements.sms_countries") {
			t.Errorf("%s: %v", name, err)
		}
	}
}
