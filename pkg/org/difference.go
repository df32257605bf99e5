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
func (p Policy) Weakens(before Policy) bool {
	added := slices.ContainsFunc(p.Methods, func(m Method) bool { return !before.Allows(m) })
	return strength[p.Status] < strength[before.Status] || added ||
		p.Status == Forced && before.Status == Forced && p.EnforceFrom.After(before.EnforceFrom) ||
		p.Status == Forced && before.Status == Forced && p.GraceDays > before.GraceDays ||
		p.RememberDevice && (!before.RememberDevice || p.RememberDays > before.RememberDays) ||
		p.Recovery.MailedCode && !before.Recovery.MailedCode || p.Recovery.SavedCodes && !before.Recovery.SavedCodes ||
		before.Recovery.Reenroll && !p.Recovery.Reenroll || p.Recovery.DelayHours < before.Recovery.DelayHours ||
		p.EnrollmentProof == ProofPassword && before.EnrollmentProof != ProofPassword ||
		before.RecoveryEmailDistinct && !p.RecoveryEmailDistinct ||
		p.Outage == OutageOpen && before.Outage != OutageOpen || p.Retention.shorter(before.Retention)
}
