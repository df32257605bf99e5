package user

import (
	"time"

	"twofold/pkg/fault"
	"twofold/pkg/org"
)

// Enforcement is what an administrator set for one user, and for support: who, when and why.
type Enforcement struct {
	Kind   EnforcementKind
	Until  time.Time // the end of an exemption
	Reason string    // one line
	SetBy  string    // the administrator's id; empty: nobody ever set anything
	SetAt  time.Time
}

// EnforcementKind is how a user stands to the policy.
type EnforcementKind string

// The kinds of enforcement (design §2). The zero value is Inherit.
const (
	Inherit  EnforcementKind = ""
	Required EnforcementKind = "required"
	Exempt   EnforcementKind = "exempt"
)

// Exempted reports whether a live exemption frees the user at now.
func (e Enforcement) Exempted(now time.Time) bool {
	return e.Kind == Exempt && now.Before(e.Until)
}

// ErrNotAvailable refuses to require what the organisation is not entitled to.
var ErrNotAvailable = fault.New(fault.Unprocessable, "not_available", "Two-factor authentication is not available for this organisation").At("enforcement")

func unenforceable(field, message string) error {
	return fault.New(fault.Unprocessable, "invalid_enforcement", message).At(field)
}

// Check judges what an administrator wants to set at now. The fault names the field.
func (e Enforcement) Check(entitled org.Entitlements, now time.Time) error {
	switch e.Kind {
	case Exempt:
		return e.checkExemption(now)
	case Inherit:
	case Required:
		if !entitled.TwoFactor {
			return ErrNotAvailable
		}
	default:
		return unenforceable("enforcement", "The enforcement of a user is one of required, exempt, inherit.")
	}
	switch {
	case !e.Until.IsZero():
		return unenforceable("until", "Only an exemption has an end.")
	case e.Reason != "" && !GoodReason(e.Reason):
		return unenforceable("reason", "A reason is one line of at most 200 characters.")
	}
	return nil
}

// checkExemption: never for ever, and never without a reason (design §3).
func (e Enforcement) checkExemption(now time.Time) error {
	switch {
	case e.Until.IsZero():
		return unenforceable("until", "An exemption needs an end.")
	case !now.Before(e.Until):
		return unenforceable("until", "The end of the exemption lies in the past.")
	case e.Until.After(now.AddDate(0, 0, org.MaxExemptionDays)):
		return unenforceable("until", "An exemption lasts at most 90 days.")
	case !GoodReason(e.Reason):
		return unenforceable("reason", "An exemption needs a reason: one line of at most 200 characters.")
	}
	return nil
}

// Same reports whether e says what already stands, whoever set that and when.
func (e Enforcement) Same(stands Enforcement) bool {
	if e.Kind == Inherit && stands.Kind == Inherit {
		return true
	}
	return e.Kind == stands.Kind && e.Until.Equal(stands.Until) && e.Reason == stands.Reason
}

// weight orders what stands at a time by how much it demands: a live exemption, nothing, required.
func (e Enforcement) weight(now time.Time) int {
	switch {
	case e.Exempted(now):
		return 0
	case e.Kind == Required:
		return 2
	}
	return 1
}

// Stricter reports whether e demands more than what stands: then whatever was issued before must die (design §7).
func (e Enforcement) Stricter(stands Enforcement, now time.Time) bool {
	shortened := e.Exempted(now) && stands.Exempted(now) && e.Until.Before(stands.Until)
	return e.weight(now) > stands.weight(now) || shortened
}

// Frees reports whether e exempts a user who was not exempt, or for longer: a weakening, which people are told of.
func (e Enforcement) Frees(stands Enforcement, now time.Time) bool {
	return e.Exempted(now) && (!stands.Exempted(now) || e.Until.After(stands.Until))
}
