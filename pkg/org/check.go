package org

import (
	"strings"
	"time"

	"twofold/pkg/fault"
)

// ErrNotAvailable refuses what the system administrator has not granted.
var ErrNotAvailable = fault.New(fault.Unprocessable, "not_available", "This is not available for this organisation: it is the system administrator's to grant.")

var errTwoFactor = fault.New(fault.Unprocessable, "not_available", "Two-factor authentication is not available for this organisation").At("status")

// notBuilt refuses a setting of the design that this version does not implement, rather than accept and ignore it.
func notBuilt(field string) error {
	return fault.New(fault.Unprocessable, "not_built", "This setting is not available in this version of Twofold.").At(field)
}

func invalid(field, message string) error {
	return fault.New(fault.Unprocessable, "invalid_policy", message).At(field)
}

// Check judges a proposed policy as a whole, at now, against the one that it would replace: whether it makes sense, whether
// all of it is entitled, and whether this version can do it. The fault names the field.
func (p Policy) Check(e Entitlements, before Policy, now time.Time) error {
	for _, check := range []func() error{
		p.checkMethods, p.checkCountries, p.checkNumbers, p.checkRetention, p.checkWords, p.checkServices,
		func() error { return p.checkDate(before, now) }, func() error { return p.checkEntitled(e) }, p.checkBuilt,
	} {
		if err := check(); err != nil {
			return err
		}
	}
	return nil
}

func (p Policy) checkMethods() error {
	if len(p.Methods) == 0 {
		return invalid("methods", "At least one method is needed.")
	}
	seen := map[Method]bool{}
	for _, m := range p.Methods {
		switch {
		case m != TOTP && m != Email && m != SMS:
			return invalid("methods", "A method is one of totp, email, sms.")
		case seen[m]:
			return invalid("methods", "Each method is named once.")
		}
		seen[m] = true
	}
	return nil
}

func (p Policy) checkCountries() error {
	switch {
	case !p.SMSCountries.valid():
		return invalid("sms_countries", "A country is two capital letters of ISO 3166-1, and each is named once.")
	case p.SMSCountries != "" && !p.Allows(SMS):
		return invalid("sms_countries", "Countries are for codes by SMS, which is none of the methods.")
	}
	return nil
}

func (p Policy) checkNumbers() error {
	switch {
	case p.GraceDays < 0 || p.GraceDays > MaxGraceDays:
		return invalid("grace_days", "Grace is between 0 and 365 days.")
	case p.RememberDays < 0 || p.RememberDays > MaxRememberDays:
		return invalid("remember_days", "A device is remembered for at most 30 days.")
	case p.Recovery.DelayHours < 0 || p.Recovery.DelayHours > MaxDelayHours:
		return invalid("recovery.delay_hours", "A change of the recovery email waits for at most 168 hours.")
	case p.RememberDevice && p.RememberDays == 0:
		return invalid("remember_days", "A device is remembered for at least a day.")
	}
	return nil
}

func (p Policy) checkRetention() error {
	r := p.Retention
	switch {
	case r.AuditDays != 0 && (r.AuditDays < MinAuditDays || r.AuditDays > MaxAuditDays):
		return invalid("retention.audit_days", "The audit is kept for 366 to 3660 days, or without an end.")
	case r.SignInDays < 0 || r.SignInDays > MaxSignInDays:
		return invalid("retention.sign_in_days", "The sign-in log is kept for 1 to 90 days.")
	}
	return nil
}

func (p Policy) checkWords() error {
	switch {
	case p.Status != Disabled && p.Status != Enabled && p.Status != Forced:
		return invalid("status", "The status is one of disabled, enabled, forced.")
	case p.EnrollmentProof != ProofLoginEmail && p.EnrollmentProof != ProofTicket && p.EnrollmentProof != ProofPassword:
		return invalid("enrollment_proof", "The proof is one of login_email, ticket, password.")
	case p.Outage != OutageClosed && p.Outage != OutageOpen:
		return invalid("outage", "The setting for an outage is one of closed, open.")
	}
	return nil
}

// slug reports whether a text can be a service's name, as a login says it.
func slug(s string) bool {
	return s != "" && len(s) <= 32 && strings.Trim(s, "abcdefghijklmnopqrstuvwxyz0123456789-") == ""
}

// checkServices: any slug, but for the browser's own, each once.
func (p Policy) checkServices() error {
	if len(p.AppPasswordServices) > MaxServices {
		return invalid("app_password_services", "App passwords are for at most 16 services.")
	}
	seen := map[string]bool{"web": true}
	for _, s := range p.AppPasswordServices {
		if !slug(s) || seen[s] {
			return invalid("app_password_services", "A service is up to 32 of a-z, 0-9 and -, other than web, and each is named once.")
		}
		seen[s] = true
	}
	return nil
}

// checkDate lets a date that has come stay where it is: it is history, and no proposal's.
func (p Policy) checkDate(before Policy, now time.Time) error {
	switch {
	case p.EnforceFrom.IsZero():
	case p.Status != Forced:
		return invalid("enforce_from", "A date of enforcement needs the status forced.")
	case p.EnforceFrom.Equal(before.EnforceFrom):
	case p.EnforceFrom.Before(now.Add(-time.Minute)):
		return invalid("enforce_from", "The date of enforcement lies in the past.")
	case p.EnforceFrom.After(now.AddDate(0, 0, MaxAheadDays)):
		return invalid("enforce_from", "The date of enforcement lies more than a year ahead.")
	}
	return nil
}

func (p Policy) checkEntitled(e Entitlements) error {
	switch {
	case p.Status == Forced && !e.TwoFactor:
		return errTwoFactor
	case p.Allows(SMS) && !e.SMS:
		return ErrNotAvailable.At("methods")
	case !p.SMSCountries.Within(e.SMSCountries):
		return ErrNotAvailable.At("sms_countries")
	case len(p.AppPasswordServices) > 0 && !e.AppPasswords:
		return ErrNotAvailable.At("app_password_services")
	}
	return nil
}

func (p Policy) checkBuilt() error {
	if p.Outage == OutageOpen {
		return notBuilt("outage")
	}
	return nil
}
