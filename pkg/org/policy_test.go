package org_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"twofold/pkg/fault"
	"twofold/pkg/org"
)

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

var granted = org.Entitlements{TwoFactor: true, SMS: true, SMSCountries: "AT,DE", AppPasswords: true, Sender: true}

func TestTheDefaultsAreThoseOfTheDesign(t *testing.T) {
	p := org.DefaultOrganizationPolicy(noon)
	if p.Status != org.Enabled || len(p.Methods) != 1 || p.Methods[0] != org.TOTP || p.RememberDevice || p.RememberDays != 1 ||
		p.EnrollmentProof != org.ProofLoginEmail || p.RecoveryEmailDistinct || p.Outage != org.OutageClosed || p.Version != 1 {
		t.Errorf("got %+v", p)
	}
	for _, e := range []org.Entitlements{{}, granted} {
		if err := p.Check(e, org.Policy{}, noon); err != nil {
			t.Errorf("the default is refused: %v", err)
		}
	}
}

// Each case changes the default in one thing. Code "" means accepted.
type changed struct {
	name   string
	change func(*org.Policy)
	code   string
	field  string
}

func forced(p *org.Policy) { p.Status = org.Forced }

func TestCheckField(t *testing.T) {
	cases := []changed{
		{"disabled", func(p *org.Policy) { p.Status = org.Disabled }, "", ""},
		{"forced", forced, "", ""},
		{"no status", func(p *org.Policy) { p.Status = "" }, "invalid_policy", "status"},
		{"unknown status", func(p *org.Policy) { p.Status = "mandatory" }, "invalid_policy", "status"},
		{"no method", func(p *org.Policy) { p.Methods = nil }, "invalid_policy", "methods"},
		{"unknown method", func(p *org.Policy) { p.Methods = []org.Method{"carrier pigeon"} }, "invalid_policy", "methods"},
		{"a method twice", func(p *org.Policy) { p.Methods = []org.Method{org.TOTP, org.TOTP} }, "invalid_policy", "methods"},
		{"no grace", func(p *org.Policy) { p.GraceDays = 0 }, "", ""},
		{"the longest grace", func(p *org.Policy) { p.GraceDays = 365 }, "", ""},
		{"longer grace", func(p *org.Policy) { p.GraceDays = 366 }, "invalid_policy", "grace_days"},
		{"negative grace", func(p *org.Policy) { p.GraceDays = -1 }, "invalid_policy", "grace_days"},
		{"the longest memory", func(p *org.Policy) { p.RememberDays = 30 }, "", ""},
		{"remembering", func(p *org.Policy) { p.RememberDevice = true }, "", ""},
		{"remembering for no day", func(p *org.Policy) { p.RememberDevice, p.RememberDays = true, 0 }, "invalid_policy", "remember_days"},
		{"a longer memory", func(p *org.Policy) { p.RememberDays = 31 }, "invalid_policy", "remember_days"},
		{"a negative memory", func(p *org.Policy) { p.RememberDays = -1 }, "invalid_policy", "remember_days"},
		{"no saved codes", func(p *org.Policy) { p.Recovery.SavedCodes = false }, "", ""},
		{"distinct recovery", func(p *org.Policy) { p.RecoveryEmailDistinct = true }, "", ""},
		{"no outage setting", func(p *org.Policy) { p.Outage = "" }, "invalid_policy", "outage"},
		{"unknown outage", func(p *org.Policy) { p.Outage = "ajar" }, "invalid_policy", "outage"},
		{"unknown proof", func(p *org.Policy) { p.EnrollmentProof = "palm" }, "invalid_policy", "enrollment_proof"},
		{"no proof", func(p *org.Policy) { p.EnrollmentProof = "" }, "invalid_policy", "enrollment_proof"},
		{"a service of no name", func(p *org.Policy) { p.AppPasswordServices = []string{""} }, "invalid_policy", "app_password_services"},
		{"a service in words", func(p *org.Policy) { p.AppPasswordServices = []string{"My Mail"} }, "invalid_policy", "app_password_services"},
		{"a service twice", func(p *org.Policy) { p.AppPasswordServices = []string{"imap", "imap"} }, "invalid_policy", "app_password_services"},
		{"the shortest audit", func(p *org.Policy) { p.Retention.AuditDays = 366 }, "", ""},
		{"the longest audit that ends", func(p *org.Policy) { p.Retention.AuditDays = 3660 }, "", ""},
		{"an audit without an end", func(p *org.Policy) { p.Retention.AuditDays = 0 }, "", ""},
		{"a shorter audit", func(p *org.Policy) { p.Retention.AuditDays = 365 }, "invalid_policy", "retention.audit_days"},
		{"a longer audit", func(p *org.Policy) { p.Retention.AuditDays = 3661 }, "invalid_policy", "retention.audit_days"},
		{"a negative audit", func(p *org.Policy) { p.Retention.AuditDays = -1 }, "invalid_policy", "retention.audit_days"},
		{"sign-ins for a day", func(p *org.Policy) { p.Retention.SignInDays = 1 }, "", ""},
		{"sign-ins of an earlier version", func(p *org.Policy) { p.Retention.SignInDays = 0 }, "", ""},
		{"longer sign-ins", func(p *org.Policy) { p.Retention.SignInDays = 91 }, "invalid_policy", "retention.sign_in_days"},
		{"negative sign-ins", func(p *org.Policy) { p.Retention.SignInDays = -1 }, "invalid_policy", "retention.sign_in_days"},
		{"too many services", func(p *org.Policy) { p.AppPasswordServices = strings.Split("a,b,c,d,e,f,g,h,i,j,k,l,m,n,o,p,q", ",") }, "invalid_policy", "app_password_services"},
		{"the browser", func(p *org.Policy) { p.AppPasswordServices = []string{"web"} }, "invalid_policy", "app_password_services"},
	}
	check(t, cases, granted)
}

func TestCheckEnforceFrom(t *testing.T) {
	at := func(d time.Duration) func(*org.Policy) {
		return func(p *org.Policy) { forced(p); p.EnforceFrom = noon.Add(d) }
	}
	check(t, []changed{
		{"in a month", at(30 * 24 * time.Hour), "", ""},
		{"now", at(0), "", ""},
		{"a moment ago, as clocks differ", at(-time.Minute), "", ""},
		{"in a year", at(366 * 24 * time.Hour), "", ""},
		{"in more than a year", at(366*24*time.Hour + 1), "invalid_policy", "enforce_from"},
		{"past", at(-time.Minute - 1), "invalid_policy", "enforce_from"},
		{"of an enabled policy", func(p *org.Policy) { p.EnforceFrom = noon.Add(time.Hour) }, "invalid_policy", "enforce_from"},
		{"of a disabled one", func(p *org.Policy) { p.Status, p.EnforceFrom = org.Disabled, noon.Add(time.Hour) }, "invalid_policy", "enforce_from"},
	}, granted)
}

// What the design has and this version has not is refused, never accepted and ignored.
func TestCheckRefusesWhatIsNotBuilt(t *testing.T) {
	check(t, []changed{
		{"open in an outage", func(p *org.Policy) { p.Outage = org.OutageOpen }, "not_built", "outage"},
	}, granted)
}

func TestForcingNeedsTheEntitlement(t *testing.T) {
	check(t, []changed{
		{"forced", forced, "not_available", "status"},
		{"enabled", func(*org.Policy) {}, "", ""},
		{"disabled", func(p *org.Policy) { p.Status = org.Disabled }, "", ""},
	}, org.Entitlements{SMS: true, AppPasswords: true, Sender: true})
}

func TestAPolicyStaysWithinTheEntitlements(t *testing.T) {
	check(t, []changed{
		{"SMS", func(p *org.Policy) { p.Methods = []org.Method{org.TOTP, org.SMS} }, "not_available", "methods"},
		{"app passwords", func(p *org.Policy) { p.AppPasswordServices = []string{"imap"} }, "not_available", "app_password_services"},
		{"forced", forced, "", ""},
	}, org.Entitlements{TwoFactor: true})
}

func check(t *testing.T, cases []changed, e org.Entitlements) {
	t.Helper()
	for _, c := range cases {
		p := org.DefaultOrganizationPolicy(noon)
		c.change(&p)
		err := p.Check(e, org.Policy{}, noon)
		if c.code == "" {
			if err != nil {
				t.Errorf("%s: %v", c.name, err)
			}
			continue
		}
		if err == nil {
			t.Errorf("%s: accepted", c.name)
			continue
		}
		if f := fault.As(err); f.Kind != fault.Unprocessable || f.Code != c.code || f.Field != c.field {
			t.Errorf("%s: %s at %q, want %s at %q", c.name, f.Code, f.Field, c.code, c.field)
		}
	}
}

func TestForcing(t *testing.T) {
	for _, c := range []struct {
		status org.Status
		from   time.Time
		want   bool
	}{
		{org.Forced, time.Time{}, true}, {org.Forced, noon.Add(-1), true}, {org.Forced, noon, true}, {org.Forced, noon.Add(1), false},
		{org.Enabled, time.Time{}, false}, {org.Disabled, noon.Add(-1), false},
	} {
		if got := (org.Policy{Status: c.status, EnforceFrom: c.from}).Forcing(noon); got != c.want {
			t.Errorf("%s from %v: %v", c.status, c.from, got)
		}
	}
}

func TestAllows(t *testing.T) {
	p := org.Policy{Methods: []org.Method{org.Email, org.TOTP}}
	if got := fmt.Sprint(p.Allows(org.TOTP), p.Allows(org.Email), p.Allows(org.SMS), p.Allows("")); got != "true true false false" {
		t.Errorf("got %s", got)
	}
}

// Whoever edits a policy in force sends its date back, and that date is past by then.
func TestAPastDateMayStay(t *testing.T) {
	before := org.DefaultOrganizationPolicy(noon)
	forced(&before)
	before.EnforceFrom = noon.AddDate(0, -1, 0)
	after := before
	after.GraceDays = 7
	if err := after.Check(granted, before, noon); err != nil {
		t.Errorf("unchanged: %v", err)
	}
	after.EnforceFrom = before.EnforceFrom.Add(time.Hour)
	if after.Check(granted, before, noon) == nil {
		t.Error("another past date was accepted")
	}
}

func bySMS(countries ...string) func(*org.Policy) {
	return func(p *org.Policy) {
		p.Methods, p.SMSCountries = []org.Method{org.TOTP, org.SMS}, org.Listed(countries)
	}
}

func TestCheckCountries(t *testing.T) {
	check(t, []changed{
		{"all that are entitled", bySMS(), "", ""},
		{"one of them", bySMS("DE"), "", ""},
		{"both", bySMS("DE", "AT"), "", ""},
		{"one that is not", bySMS("CH", "DE"), "not_available", "sms_countries"},
		{"no country", bySMS("XX"), "invalid_policy", "sms_countries"},
		{"one twice", bySMS("DE", "DE"), "invalid_policy", "sms_countries"},
		{"countries without the method", func(p *org.Policy) { p.SMSCountries = "DE" }, "invalid_policy", "sms_countries"},
		{"SMS alone", func(p *org.Policy) { p.Methods = []org.Method{org.SMS} }, "", ""},
	}, granted)
}
