package org

import "time"

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

// The proofs of design §3.
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

// Limits on a policy (design §3), and on what frees one user of it: nobody is free for longer than a quarter of a year
// (docs/decisions/0010).
const (
	MaxGraceDays     = 365
	MaxRememberDays  = 30
	MaxExemptionDays = 90
	MaxExtensionDays = 90
	// MaxDelayHours is the longest time that a change of a recovery email may wait; DefaultDelayHours is what it is unless the policy says
	// otherwise.
	MaxDelayHours     = 168
	DefaultDelayHours = 24
	// MaxAheadDays is how far ahead enforcement may begin: a date beyond would be forgotten, and look like a promise.
	MaxAheadDays = 366
	// MaxServices is how many services may have app passwords.
	MaxServices = 16
)

// Recovery says which ways back are open.
type Recovery struct {
	MailedCode bool // a one-time code to the recovery email
	SavedCodes bool // the ten saved recovery codes
	// Reenroll makes whoever takes a way back enrol again before anything is let in.
	Reenroll bool
	// MailCodes sends saved codes to the recovery email instead of showing them.
	MailCodes bool
	// DelayHours lie between the change of a recovery email and its being good for anything.
	DelayHours int
}

// Delay is the time between the change of a recovery email and its being good for anything.
func (r Recovery) Delay() time.Duration { return time.Duration(r.DelayHours) * time.Hour }

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
	// SMSCountries narrow those that the organisation is entitled to; empty: all of them.
	SMSCountries Countries
	Retention    Retention
}

// Begun is the policy as it comes into force at now: forcing without a date begins then or, where the policy before forces already,
// has begun when that did.
func (p Policy) Begun(before Policy, now time.Time) Policy {
	p = p.Continuing(before, now)
	if p.Status == Forced && p.EnforceFrom.IsZero() {
		p.EnforceFrom = now.UTC().Truncate(time.Second)
	}
	return p
}

// Continuing is the policy with the date of the one before, where that forces already and no other is named.
func (p Policy) Continuing(before Policy, now time.Time) Policy {
	if p.Status == Forced && p.EnforceFrom.IsZero() && before.Forcing(now) {
		p.EnforceFrom = before.EnforceFrom
	}
	return p
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

// Remembered is for how many days a device is trusted; 0: not at all.
func (p Policy) Remembered() int {
	if !p.RememberDevice {
		return 0
	}
	return p.RememberDays
}
