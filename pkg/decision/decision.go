// Package decision answers the question that an application asks at login: let in,
// enrol, verify or refuse? It is one pure, total function of state and time
// (design §4), called for logins and for the dry run of a policy alike.
package decision

import (
	"slices"
	"time"

	"twofold/pkg/org"
	"twofold/pkg/user"
)

// Status is what the application must do.
type Status string

// The statuses of a decision.
const (
	Complete  Status = "complete"  // let in
	Challenge Status = "challenge" // ask for a second factor
	Enroll    Status = "enroll"    // an enrolment comes first
	Denied    Status = "denied"    // refuse
)

// Reason is why. Reasons are stable: applications and support act on them.
type Reason string

// The reasons of a decision.
const (
	NotAvailable          Reason = "not_available"
	PolicyDisabled        Reason = "policy_disabled"
	IsExempt              Reason = "exempt"
	AppPasswordRequired   Reason = "app_password_required"
	AppPasswordsNotBought Reason = "app_passwords_not_available" // the organisation is not entitled to any
	ServiceNotOffered     Reason = "service_not_offered"         // the policy offers none for this service
	NotEnrolled           Reason = "not_enrolled"
	InGrace               Reason = "grace"
	TrustedDevice         Reason = "trusted_device"
	IsSuspended           Reason = "suspended"
	IsLocked              Reason = "locked"
	MethodsAllowed        Reason = "enrolled"
	MethodNotAllowed      Reason = "method_not_allowed"
	AppPasswordRight      Reason = "app_password" // a program showed one that works
	PolicyForces          Reason = "forced"
	UserRequired          Reason = "required"
	Undeliverable         Reason = "email_undeliverable" // codes go by mail alone, and mail to the recovery email comes back
	Recovered             Reason = "recovered"           // a way back was taken, and the policy demands an enrolment after it
)

// Rule names the row of design §4 that fitted, so that support can explain any login.
type Rule string

// The rows, in their order.
const (
	RuleEntitlement   Rule = "organization_not_entitled"
	RuleDisabled      Rule = "policy_disabled"
	RuleExemption     Rule = "live_exemption"
	RuleServiceDenied Rule = "service_needs_app_password"
	RuleServiceOpen   Rule = "service_without_obligation"
	RuleDevice        Rule = "trusted_device"
	RuleBarred        Rule = "suspended_or_locked"
	RuleVerify        Rule = "enrolled_method_allowed"
	RuleOldMethod     Rule = "enrolled_method_not_allowed"
	RuleUnreachable   Rule = "enrolled_method_unreachable"
	RuleGrace         Rule = "obliged_within_grace"
	RuleEnroll        Rule = "obliged_not_enrolled"
	RuleOpen          Rule = "not_obliged_not_enrolled"

	// RuleRecovered is no row: it says why a login that was decided goes on with an enrolment.
	RuleRecovered Rule = "recovered"
)

// State is all that a decision depends on.
type State struct {
	Entitlements  org.Entitlements
	Policy        org.Policy
	Enforcement   user.Enforcement
	RegisteredAt  time.Time
	Extended      time.Time    // a later deadline given to this user; zero: none
	Service       string       // "" or "web": a browser; otherwise imap, smtp, …
	Methods       []org.Method // enrolled, the default first
	Suspended     bool
	LockedUntil   time.Time // zero: not locked
	TrustedDevice bool      // a valid one was presented
	TextsStop     bool      // the owners of all of the user's numbers want no SMS
	MailStops     bool      // nothing is sent to the recovery email, because it comes back: codes by mail do not arrive
}

// Decision is the answer.
type Decision struct {
	Status        Status
	Reason        Reason
	Rule          Rule
	PolicyVersion int64
	Methods       []org.Method // to choose from, the default first
	Until         time.Time    // when a lock, an exemption or the grace ends
	Asserts       bool         // completing proves a second factor
	EnrollAfter   bool         // the challenge is followed by an enrolment
	MayEnroll     bool         // an enrolment is offered
}

// Web is the service of a login in a browser.
const Web = "web"

// Decide is the table of design §4: the first row that fits.
func Decide(s State, now time.Time) Decision {
	d := s.decide(now)
	d.PolicyVersion = s.Policy.Version
	return d
}

func (s State) decide(now time.Time) Decision {
	enrolled := len(s.Methods) > 0
	switch {
	case !s.Entitlements.TwoFactor:
		return Decision{Status: Complete, Reason: NotAvailable, Rule: RuleEntitlement}
	case s.Policy.Status == org.Disabled:
		return Decision{Status: Complete, Reason: PolicyDisabled, Rule: RuleDisabled}
	case s.Enforcement.Exempted(now):
		return Decision{Status: Complete, Reason: IsExempt, Rule: RuleExemption, Until: s.Enforcement.Until, MayEnroll: !enrolled}
	case s.Service != "" && s.Service != Web:
		return s.otherService(enrolled, now)
	case s.TrustedDevice && s.Policy.RememberDevice:
		return Decision{Status: Complete, Reason: TrustedDevice, Rule: RuleDevice, Asserts: true}
	case s.Suspended:
		return Decision{Status: Denied, Reason: IsSuspended, Rule: RuleBarred}
	case now.Before(s.LockedUntil):
		return Decision{Status: Denied, Reason: IsLocked, Rule: RuleBarred, Until: s.LockedUntil}
	case enrolled:
		return s.verify(now)
	}
	return s.notEnrolled(now)
}

func (s State) otherService(enrolled bool, now time.Time) Decision {
	if enrolled || s.pastGrace(now) {
		return Decision{Status: Denied, Reason: s.withoutAppPassword(), Rule: RuleServiceDenied}
	}
	if s.Obliged(now) {
		return Decision{Status: Complete, Reason: InGrace, Rule: RuleServiceOpen, Until: s.Deadline()}
	}
	return Decision{Status: Complete, Reason: NotEnrolled, Rule: RuleServiceOpen}
}

// withoutAppPassword says why the account password alone is refused.
func (s State) withoutAppPassword() Reason {
	switch {
	case !s.Entitlements.AppPasswords:
		return AppPasswordsNotBought
	case !slices.Contains(s.Policy.AppPasswordServices, s.Service):
		return ServiceNotOffered
	}
	return AppPasswordRequired
}

// verify asks for what can be proven. A method whose codes do not arrive is none: whoever has no other is not asked for what cannot be
// had, and not let in either.
func (s State) verify(now time.Time) Decision {
	var allowed []org.Method
	methods := s.reachable()
	if len(methods) == 0 {
		return Decision{Status: Denied, Reason: Undeliverable, Rule: RuleUnreachable}
	}
	for _, m := range methods {
		if s.allows(m) {
			allowed = append(allowed, m)
		}
	}
	if len(allowed) > 0 {
		return Decision{Status: Challenge, Reason: MethodsAllowed, Rule: RuleVerify, Methods: s.offered(allowed), Asserts: true}
	}
	return Decision{
		Status: Challenge, Reason: MethodNotAllowed, Rule: RuleOldMethod, Methods: s.offered(methods),
		Asserts: !s.pastGrace(now), EnrollAfter: s.pastGrace(now),
	}
}

// reachable are the methods that the user can prove: all, or all but mail.
func (s State) reachable() []org.Method {
	if !s.MailStops {
		return s.Methods
	}
	return slices.DeleteFunc(slices.Clone(s.Methods), func(m org.Method) bool { return m == org.Email })
}

// offered leaves out SMS where they stop, while another method remains. Whoever has no other is asked for one all the same: the number may
// have opted in again, and the service alone knows.
func (s State) offered(methods []org.Method) []org.Method {
	if !s.TextsStop || len(methods) == 1 {
		return methods
	}
	return slices.DeleteFunc(slices.Clone(methods), func(m org.Method) bool { return m == org.SMS })
}

// allows reports whether a method is the policy's and, where that is sold apart, the organisation's.
func (s State) allows(m org.Method) bool {
	return s.Policy.Allows(m) && (m != org.SMS || s.Entitlements.SMS)
}

func (s State) notEnrolled(now time.Time) Decision {
	switch {
	case !s.Obliged(now):
		return Decision{Status: Complete, Reason: NotEnrolled, Rule: RuleOpen, MayEnroll: true}
	case !s.pastGrace(now):
		return Decision{Status: Complete, Reason: InGrace, Rule: RuleGrace, Until: s.Deadline(), MayEnroll: true}
	}
	reason := UserRequired
	if s.Policy.Forcing(now) {
		reason = PolicyForces
	}
	return Decision{Status: Enroll, Reason: reason, Rule: RuleEnroll, Asserts: true, MayEnroll: true}
}

// Obliged reports whether the user must have a second factor at now, grace or not.
func (s State) Obliged(now time.Time) bool {
	if !s.Entitlements.TwoFactor || s.Policy.Status == org.Disabled || s.Enforcement.Exempted(now) {
		return false
	}
	return s.Policy.Forcing(now) || s.Enforcement.Kind == user.Required
}

// Deadline is when the grace of an obliged user ends: days after the later of
// enforcement and registration, or when an administrator extended it to, if that is later.
func (s State) Deadline() time.Time {
	from := s.RegisteredAt
	if s.Policy.EnforceFrom.After(from) {
		from = s.Policy.EnforceFrom
	}
	deadline := from.AddDate(0, 0, s.Policy.GraceDays)
	if s.Extended.After(deadline) {
		return s.Extended
	}
	return deadline
}

func (s State) pastGrace(now time.Time) bool {
	return s.Obliged(now) && !now.Before(s.Deadline())
}
