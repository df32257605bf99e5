package org

import (
	"time"

	"twofold/pkg/fault"
)

// Status is whether an organisation's users have, may have or must have a second factor.
type Status string

// The statuses of a policy (design §3).
const (
	Disabled Status = "disabled"
	Enabled  Status = "enabled" // users may
	Forced   Status = "forced"  // users must
)

// Method is a kind of authenticator.
type Method string

// The methods of design §2.
const (
	TOTP  Method = "totp"
	Email Method = "email"
	SMS   Method = "sms"
)

// Proof is what must be shown, beyond the password, before an enrolment.
type Proof string

// The proofs of design §3. Only ProofLoginEmail is built.
const (
	ProofLoginEmail Proof = "login_email"
	ProofTicket     Proof = "ticket"
	ProofPassword   Proof = "password"
)

// Outage is what the application should do when Twofold cannot be reached.
type Outage string

// The outage settings of design §3.
const (
	OutageClosed Outage = "closed"
	OutageOpen   Outage = "open"
)

// Limits on a policy (design §3).
const (
	MaxGraceDays    = 365
	MaxRememberDays = 30
)

// Recovery says which ways back are open.
type Recovery struct {
	MailedCode bool // a one-time code to the recovery email
	SavedCodes bool // the ten saved recovery codes
}

// Policy is what the organisation's administrator decided, as one version.
type Policy struct {
	Version               int64
	ChangedAt             time.Time
	ChangedBy             string
	Status                Status
	Methods               []Method
	EnforceFrom           time.Time // zero: at once
	GraceDays             int
	RememberDevice        bool
	RememberDays          int
	AppPasswordServices   []string
	Recovery              Recovery
	EnrollmentProof       Proof
	RecoveryEmailDistinct bool
	Outage                Outage
}

// notBuilt refuses a setting of the design that this version does not implement, rather than accept and ignore it.
func notBuilt(field string) error {
	return fault.New(fault.Unprocessable, "not_built", "This setting is not available in this version of Twofold.").At(field)
}

func invalid(field, message string) error {
	return fault.New(fault.Unprocessable, "invalid_policy", message).At(field)
}

// Check judges a proposed policy as a whole, at now, against the one that it would replace. The fault names the field.
func (p Policy) Check(e Entitlements, before Policy, now time.Time) error {
	if err := p.checkBuilt(); err != nil {
		return err
	}
	switch {
	case p.Status != Disabled && p.Status != Enabled && p.Status != Forced:
		return invalid("status", "The status is one of disabled, enabled, forced.")
	case p.Status == Forced && !e.TwoFactor:
		return fault.New(fault.Unprocessable, "not_available", "Two-factor authentication is not available for this organisation").At("status")
	case len(p.Methods) == 0:
		return invalid("methods", "At least one method is needed.")
	case p.GraceDays < 0 || p.GraceDays > MaxGraceDays:
		return invalid("grace_days", "Grace is between 0 and 365 days.")
	case p.RememberDays < 0 || p.RememberDays > MaxRememberDays:
		return invalid("remember_days", "A device is remembered for at most 30 days.")
	case p.EnrollmentProof != ProofLoginEmail:
		return invalid("enrollment_proof", "The proof is one of login_email, ticket, password.")
	case p.Outage != OutageClosed:
		return invalid("outage", "The setting for an outage is one of closed, open.")
	case !p.EnforceFrom.IsZero() && p.Status != Forced:
		return invalid("enforce_from", "A date of enforcement needs the status forced.")
	case !p.EnforceFrom.Equal(before.EnforceFrom) && !p.EnforceFrom.IsZero() && p.EnforceFrom.Before(now.Add(-time.Minute)):
		return invalid("enforce_from", "The date of enforcement lies in the past.")
	}
	return nil
}

func (p Policy) checkBuilt() error {
	seen := map[Method]bool{}
	for _, m := range p.Methods {
		switch m {
		case TOTP:
		case Email, SMS:
			return notBuilt("methods")
		default:
			return invalid("methods", "A method is one of totp, email, sms.")
		}
		if seen[m] {
			return invalid("methods", "Each method is named once.")
		}
		seen[m] = true
	}
	switch {
	case p.RememberDevice:
		return notBuilt("remember_device")
	case len(p.AppPasswordServices) > 0:
		return notBuilt("app_password_services")
	case p.EnrollmentProof == ProofTicket || p.EnrollmentProof == ProofPassword:
		return notBuilt("enrollment_proof")
	case p.Outage == OutageOpen:
		return notBuilt("outage")
	}
	return nil
}

// Allows reports whether the policy allows a method.
func (p Policy) Allows(m Method) bool {
	for _, allowed := range p.Methods {
		if allowed == m {
			return true
		}
	}
	return false
}

// Forcing reports whether the policy obliges users at now, before any grace.
func (p Policy) Forcing(now time.Time) bool {
	return p.Status == Forced && !now.Before(p.EnforceFrom)
}
