package dynamo

import (
	"twofold/pkg/org"
)

// policyAttributes are a policy's settings, flat in the item that holds it: the organisation, a version of its
// history, or a proposal.
var policyAttributes = []string{
	"policy_version", "policy_changed_at", "policy_changed_by", "status", "methods", "enforce_from", "grace_days",
	"remember_device", "remember_days", "app_password_services", "recovery_mailed_code", "recovery_saved_codes", "recovery_reenroll", "recovery_mail_codes", "recovery_delay_hours",
	"enrollment_proof", "recovery_email_distinct", "outage", "sms_countries", "audit_days", "sign_in_days",
}

func encodePolicy(i item, p org.Policy) {
	i.number("policy_version", p.Version)
	i.moment("policy_changed_at", p.ChangedAt)
	i.text("policy_changed_by", p.ChangedBy)
	i.text("status", string(p.Status))
	i.texts("methods", words(p.Methods))
	i.moment("enforce_from", p.EnforceFrom)
	i.number("grace_days", int64(p.GraceDays))
	i.flag("remember_device", p.RememberDevice)
	i.number("remember_days", int64(p.RememberDays))
	i.texts("app_password_services", p.AppPasswordServices)
	i.flag("recovery_mailed_code", p.Recovery.MailedCode)
	i.flag("recovery_saved_codes", p.Recovery.SavedCodes)
	i.flag("recovery_reenroll", p.Recovery.Reenroll)
	i.flag("recovery_mail_codes", p.Recovery.MailCodes)
	i.number("recovery_delay_hours", int64(p.Recovery.DelayHours))
	i.text("enrollment_proof", string(p.EnrollmentProof))
	i.flag("recovery_email_distinct", p.RecoveryEmailDistinct)
	i.text("outage", string(p.Outage))
	i.text("sms_countries", string(p.SMSCountries))
	if p.Retention.AuditDays != 0 {
		i.number("audit_days", int64(p.Retention.AuditDays))
	}
	if p.Retention.SignInDays != 0 {
		i.number("sign_in_days", int64(p.Retention.SignInDays))
	}
}

func decodePolicy(must, may fields) org.Policy {
	return org.Policy{
		Version: must.number("policy_version"), ChangedAt: may.moment("policy_changed_at"),
		ChangedBy:   may.text("policy_changed_by"),
		Status:      choice(must, "status", org.Disabled, org.Enabled, org.Forced),
		Methods:     worded[org.Method](must.texts("methods")),
		EnforceFrom: may.moment("enforce_from"), GraceDays: int(must.number("grace_days")),
		RememberDevice: must.flag("remember_device"), RememberDays: int(must.number("remember_days")),
		AppPasswordServices: may.texts("app_password_services"),
		Recovery: org.Recovery{
			MailedCode: must.flag("recovery_mailed_code"), SavedCodes: must.flag("recovery_saved_codes"),
			Reenroll: may.flag("recovery_reenroll"), MailCodes: may.flag("recovery_mail_codes"), DelayHours: delay(may),
		},
		EnrollmentProof:       choice(must, "enrollment_proof", org.ProofLoginEmail, org.ProofTicket, org.ProofPassword),
		RecoveryEmailDistinct: must.flag("recovery_email_distinct"),
		Outage:                choice(must, "outage", org.OutageClosed, org.OutageOpen),
		SMSCountries:          org.Countries(may.text("sms_countries")),
		Retention:             org.Retention{AuditDays: int(may.number("audit_days")), SignInDays: int(may.number("sign_in_days"))},
	}
}

// delay is org.DefaultDelayHours in a policy that an earlier version wrote: it knew of none, and none is not what it meant.
func delay(may fields) int {
	if _, said := may.item["recovery_delay_hours"]; !said {
		return org.DefaultDelayHours
	}
	return int(may.number("recovery_delay_hours"))
}
