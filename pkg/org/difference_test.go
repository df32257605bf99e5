package org_test

import (
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"twofold/pkg/org"
)

// settings changes every setting of a policy, one at a time; weaker and stricter say what each
// direction is. A field of Policy that no line here changes fails TestEverySettingHasALine.
var settings = []struct {
	name     string
	field    string
	stricter func(*org.Policy)
	weaker   func(*org.Policy)
}{
	{"status", "Status", func(p *org.Policy) { p.Status = org.Forced }, func(p *org.Policy) { p.Status = org.Enabled }},
	{"methods", "Methods", func(p *org.Policy) { p.Methods = []org.Method{org.TOTP} },
		func(p *org.Policy) { p.Methods = []org.Method{org.TOTP, org.Email} }},
	{"enforce_from", "EnforceFrom", func(p *org.Policy) { p.EnforceFrom = noon },
		func(p *org.Policy) { p.EnforceFrom = noon.Add(time.Hour) }},
	{"grace_days", "GraceDays", func(p *org.Policy) { p.GraceDays = 1 }, func(p *org.Policy) { p.GraceDays = 2 }},
	{"remember_device", "RememberDevice", func(p *org.Policy) { p.RememberDevice = false }, func(p *org.Policy) { p.RememberDevice = true }},
	{"recovery.mailed_code", "Recovery", func(p *org.Policy) { p.Recovery.MailedCode = false }, func(p *org.Policy) { p.Recovery.MailedCode = true }},
	{"recovery.saved_codes", "Recovery", func(p *org.Policy) { p.Recovery.SavedCodes = false }, func(p *org.Policy) { p.Recovery.SavedCodes = true }},
	{"enrollment_proof", "EnrollmentProof", func(p *org.Policy) { p.EnrollmentProof = org.ProofLoginEmail },
		func(p *org.Policy) { p.EnrollmentProof = org.ProofPassword }},
	{"recovery_email_distinct", "RecoveryEmailDistinct", func(p *org.Policy) { p.RecoveryEmailDistinct = true },
		func(p *org.Policy) { p.RecoveryEmailDistinct = false }},
	{"outage", "Outage", func(p *org.Policy) { p.Outage = org.OutageClosed }, func(p *org.Policy) { p.Outage = org.OutageOpen }},
	{"remember_days", "RememberDays", func(p *org.Policy) { p.RememberDays = 1 }, func(p *org.Policy) { p.RememberDays = 2 }},
	{"app_password_services", "AppPasswordServices", func(p *org.Policy) { p.AppPasswordServices = nil },
		func(p *org.Policy) { p.AppPasswordServices = []string{"imap"} }},
	{"retention.audit_days", "Retention", func(p *org.Policy) { p.Retention.AuditDays = 0 }, func(p *org.Policy) { p.Retention.AuditDays = org.MaxAuditDays }},
	{"retention.sign_in_days", "Retention", func(p *org.Policy) { p.Retention.SignInDays = 0 }, func(p *org.Policy) { p.Retention.SignInDays = 89 }},
	{"sms_countries", "SMSCountries", func(p *org.Policy) { p.SMSCountries = "DE" }, func(p *org.Policy) { p.SMSCountries = "" }},
}

// strict is in force and remembers devices, so that every setting above counts.
func strict() org.Policy {
	p := org.DefaultOrganizationPolicy(noon)
	p.Status, p.RememberDevice = org.Forced, true
	return p
}

func TestEverySettingHasALine(t *testing.T) {
	version := []string{"Version", "ChangedAt", "ChangedBy"} // say which version it is, not what it says
	for f := range reflect.TypeFor[org.Policy]().Fields() {
		covered := slices.ContainsFunc(settings, func(s struct {
			name     string
			field    string
			stricter func(*org.Policy)
			weaker   func(*org.Policy)
		}) bool {
			return s.field == f.Name
		})
		if covered == slices.Contains(version, f.Name) {
			t.Errorf("%s: a setting without a line in this test, or a line for what is none", f.Name)
		}
	}
}

func TestDifferencesNamesJustWhatChanged(t *testing.T) {
	for _, s := range settings {
		before, after := strict(), strict()
		s.stricter(&before)
		s.weaker(&after)
		got := after.Differences(before)
		if names := slices.Collect(maps.Keys(got)); !slices.Equal(names, []string{s.name}) {
			t.Errorf("%s: the differences are of %v", s.name, names)
		}
		was, is, found := strings.Cut(got[s.name], " → ")
		back, _, _ := strings.Cut(before.Differences(after)[s.name], " → ")
		if !found || was == is || back != is {
			t.Errorf("%s: %q", s.name, got[s.name])
		}
		if after.Same(before) || reflect.DeepEqual(after.Settings(), before.Settings()) {
			t.Errorf("%s: two policies count as the same", s.name)
		}
	}
}

func TestDifferencesText(t *testing.T) {
	before, after := org.DefaultOrganizationPolicy(noon), org.DefaultOrganizationPolicy(noon)
	after.Status, after.EnforceFrom, after.GraceDays = org.Forced, noon, 14
	want := map[string]string{"status": "enabled → forced", "enforce_from": " → 2026-11-22T12:00:00Z", "grace_days": "0 → 14"}
	if got := after.Differences(before); !maps.Equal(got, want) {
		t.Errorf("got %v", got)
	}
}

// A policy read from a store, or in another zone, or of another version, says the same.
func TestSameWhateverVersionZoneAndNil(t *testing.T) {
	p, q := strict(), strict()
	p.EnforceFrom = noon
	q.EnforceFrom = noon.In(time.FixedZone("CET", 3600))
	q.Retention = org.Retention{} // of an earlier version
	q.Version, q.ChangedAt, q.ChangedBy, q.AppPasswordServices = 9, noon.Add(time.Hour), "ann", []string{}
	if !p.Same(q) || !reflect.DeepEqual(p.Settings(), q.Settings()) || len(p.Differences(q)) != 0 {
		t.Errorf("%+v and %+v", p.Settings(), q.Settings())
	}
}

func TestWeakens(t *testing.T) {
	for _, s := range settings {
		// App passwords for one more service, and SMS to one more country, need the second factor all the same: no weakening.
		weakens := s.name != "app_password_services" && s.name != "sms_countries"
		before, after := strict(), strict()
		s.stricter(&before)
		s.weaker(&after)
		if after.Weakens(before) != weakens {
			t.Errorf("%s: weakening it counts as weakening: %v", s.name, !weakens)
		}
		if got := after.Weakenings(before); weakens != slices.Equal(got, []string{s.name}) {
			t.Errorf("%s: weakening it is named %v", s.name, got)
		}
		if before.Weakens(after) {
			t.Errorf("%s: making it stricter counts as weakening", s.name)
		}
		if after.Weakens(after) {
			t.Errorf("%s: changing nothing counts as weakening", s.name)
		}
	}
}

func TestWeakensInOneThingWhateverElseIsStricter(t *testing.T) {
	before := strict()
	before.GraceDays, before.RecoveryEmailDistinct = 30, false
	after := before
	after.GraceDays, after.RecoveryEmailDistinct, after.Outage = 0, true, org.OutageOpen
	if !slices.Equal(after.Weakenings(before), []string{"outage"}) {
		t.Error("two improvements hide one door that was opened")
	}
}

func TestWeakensByStatus(t *testing.T) {
	order := []org.Status{org.Disabled, org.Enabled, org.Forced}
	for i, from := range order {
		for j, to := range order {
			before, after := strict(), strict()
			before.Status, after.Status = from, to
			if got := after.Weakens(before); got != (j < i) {
				t.Errorf("%s to %s: %v", from, to, got)
			}
		}
	}
}

func TestForcingWithGraceIsNoWeakening(t *testing.T) {
	before := strict()
	before.Status, before.GraceDays = org.Enabled, 0
	after := strict()
	after.Status, after.GraceDays = org.Forced, 14
	if after.Weakens(before) {
		t.Error("forcing counts as weakening because it gives time")
	}
}
