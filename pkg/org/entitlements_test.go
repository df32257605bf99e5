package org_test

import (
	"maps"
	"reflect"
	"slices"
	"testing"

	"twofold/pkg/org"
)

// grants has every entitlement with the change that grants it; a field that no line changes fails the test below.
var grants = map[string]struct {
	field string
	more  func(e *org.Entitlements)
}{
	"two_factor":    {"TwoFactor", func(e *org.Entitlements) { e.TwoFactor = true }},
	"sms":           {"SMS", func(e *org.Entitlements) { e.SMS = true }},
	"app_passwords": {"AppPasswords", func(e *org.Entitlements) { e.AppPasswords = true }},
	"sender":        {"Sender", func(e *org.Entitlements) { e.Sender = true }},
	"user_limit":    {"UserLimit", func(e *org.Entitlements) { e.UserLimit = 20 }},
	"sms_per_day":   {"SMSPerDay", func(e *org.Entitlements) { e.SMSPerDay = 20 }},
	"sms_countries": {"SMSCountries", func(e *org.Entitlements) { e.SMSCountries = "DE" }},
}

// chosen are fields that grant nothing: another value is told, and takes nothing away.
var chosen = map[string]func(e *org.Entitlements){
	"SMSOrigination": func(e *org.Entitlements) { e.SMSOrigination = "ACME" },
}

func TestEveryEntitlementHasALine(t *testing.T) {
	for f := range reflect.TypeFor[org.Entitlements]().Fields() {
		if chosen[f.Name] == nil && !slices.ContainsFunc(slices.Collect(maps.Keys(grants)), func(name string) bool { return grants[name].field == f.Name }) {
			t.Errorf("%s has no line in this test", f.Name)
		}
	}
}

func TestWhatIsTakenAwayIsNamed(t *testing.T) {
	few := org.Entitlements{UserLimit: 10, SMSPerDay: 10}
	for name, g := range grants {
		more := few
		g.more(&more)
		if got := few.Withdraws(more); !slices.Equal(got, []string{name}) {
			t.Errorf("%s taken away: %v", name, got)
		}
		if got := more.Withdraws(few); len(got) != 0 {
			t.Errorf("%s granted counts as taking away %v", name, got)
		}
		d := more.Differences(few)
		if len(d) != 1 || d[name] == "" || d[name] == few.Differences(more)[name] {
			t.Errorf("%s: differences %v", name, d)
		}
	}
	if got := (org.Entitlements{UserLimit: 5}).Withdraws(org.Entitlements{}); !slices.Equal(got, []string{"user_limit"}) {
		t.Errorf("a first limit: %v", got)
	}
	if got := (org.Entitlements{}).Withdraws(org.Entitlements{UserLimit: 5}); len(got) != 0 {
		t.Errorf("a limit that goes: %v", got)
	}
	if got := (org.Entitlements{}).Differences(org.Entitlements{UserLimit: 5}); got["user_limit"] != "5 → none" {
		t.Errorf("a limit that goes reads %v", got)
	}
}

func TestWhatSMSComeFromIsToldAndNotTakenAway(t *testing.T) {
	none, own := org.Entitlements{SMS: true}, org.Entitlements{SMS: true}
	chosen["SMSOrigination"](&own)
	if got := own.Differences(none); len(got) != 1 || got["sms_origination"] != "default → ACME" {
		t.Errorf("told as %v", got)
	}
	if got := none.Differences(own); got["sms_origination"] != "ACME → default" || len(none.Withdraws(own)) != 0 || len(own.Withdraws(none)) != 0 {
		t.Errorf("told as %v", got)
	}
}
