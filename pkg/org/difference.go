package org

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// Same reports whether two policies say the same, whatever their versions.
func (p Policy) Same(q Policy) bool { return len(p.Differences(q)) == 0 }

// Differences are the settings that p changes, each as "before → after", for the audit.
func (p Policy) Differences(before Policy) map[string]string {
	after, changed := p.settings(), map[string]string{}
	for name, was := range before.settings() {
		if is := after[name]; is != was {
			changed[name] = was + " → " + is
		}
	}
	return changed
}

// Settings are what a policy says, without which version it is and who made it so: equal policies have equal settings, whoever stored them.
func (p Policy) Settings() Policy {
	p.Version, p.ChangedAt, p.ChangedBy, p.EnforceFrom = 0, time.Time{}, "", p.EnforceFrom.UTC()
	if len(p.AppPasswordServices) == 0 {
		p.AppPasswordServices = nil
	}
	p.Retention = p.Retention.Stated()
	return p
}

func (p Policy) settings() map[string]string {
	from := ""
	if !p.EnforceFrom.IsZero() {
		from = p.EnforceFrom.UTC().Format(time.RFC3339)
	}
	methods := make([]string, len(p.Methods))
	for i, m := range p.Methods {
		methods[i] = string(m)
	}
	audit := unlimited
	if p.Retention.AuditDays != 0 {
		audit = fmt.Sprint(p.Retention.AuditDays)
	}
	return map[string]string{
		"status":                  string(p.Status),
		"methods":                 strings.Join(methods, ","),
		"enforce_from":            from,
		"grace_days":              fmt.Sprint(p.GraceDays),
		"remember_device":         fmt.Sprint(p.RememberDevice),
		"remember_days":           fmt.Sprint(p.RememberDays),
		"app_password_services":   strings.Join(p.AppPasswordServices, ","),
		"recovery.mailed_code":    fmt.Sprint(p.Recovery.MailedCode),
		"recovery.saved_codes":    fmt.Sprint(p.Recovery.SavedCodes),
		"recovery.reenroll":       fmt.Sprint(p.Recovery.Reenroll),
		"recovery.mail_codes":     fmt.Sprint(p.Recovery.MailCodes),
		"recovery.delay_hours":    fmt.Sprint(p.Recovery.DelayHours),
		"enrollment_proof":        string(p.EnrollmentProof),
		"recovery_email_distinct": fmt.Sprint(p.RecoveryEmailDistinct),
		"outage":                  string(p.Outage),
		"sms_countries":           string(p.SMSCountries),
		"retention.audit_days":    audit,
		"retention.sign_in_days":  fmt.Sprint(p.Retention.signInDays()),
	}
}

// strength orders the statuses.
var strength = map[Status]int{Disabled: 0, Enabled: 1, Forced: 2}

// Weakens reports whether p protects less than the policy before: a lower status, a later date, more grace, a
// method or a way back added, no enrolment after one, a shorter delay, devices remembered, a weaker proof, doors open in an outage, logs kept for less long.
func (p Policy) Weakens(before Policy) bool { return len(p.Weakenings(before)) > 0 }

// Weakenings are the settings by which p protects less than the policy before, by their names in Differences.
func (p Policy) Weakenings(before Policy) []string {
	forces := p.Status == Forced && before.Status == Forced
	added := slices.ContainsFunc(p.Methods, func(m Method) bool { return !before.Allows(m) })
	var names []string
	for _, s := range []struct {
		name    string
		weakens bool
	}{
		{"status", strength[p.Status] < strength[before.Status]},
		{"methods", added},
		{"enforce_from", forces && p.EnforceFrom.After(before.EnforceFrom)},
		{"grace_days", forces && p.GraceDays > before.GraceDays},
		{"remember_device", p.RememberDevice && !before.RememberDevice},
		{"remember_days", p.RememberDevice && p.RememberDays > before.RememberDays},
		{"recovery.mailed_code", p.Recovery.MailedCode && !before.Recovery.MailedCode},
		{"recovery.saved_codes", p.Recovery.SavedCodes && !before.Recovery.SavedCodes},
		{"recovery.reenroll", before.Recovery.Reenroll && !p.Recovery.Reenroll},
		{"recovery.delay_hours", p.Recovery.DelayHours < before.Recovery.DelayHours},
		{"enrollment_proof", p.EnrollmentProof == ProofPassword && before.EnrollmentProof != ProofPassword},
		{"recovery_email_distinct", before.RecoveryEmailDistinct && !p.RecoveryEmailDistinct},
		{"outage", p.Outage == OutageOpen && before.Outage != OutageOpen},
		{"retention.audit_days", p.Retention.auditDays() < before.Retention.auditDays()},
		{"retention.sign_in_days", p.Retention.signInDays() < before.Retention.signInDays()},
	} {
		if s.weakens {
			names = append(names, s.name)
		}
	}
	return names
}
