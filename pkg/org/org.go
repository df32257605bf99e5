// Package org holds what is known of an organisation: its entitlements, its
// policy, the people and applications that act for it. It is pure.
package org

import "time"

// Organization is one customer of the vendor.
type Organization struct {
	ID           string // the vendor's own id
	Name         string
	Entitlements Entitlements
	Policy       Policy
	Memory       Memory // which trusted devices are still good
	Kept         Kept   // from when on there are logs
	CreatedAt    time.Time
	Announcement string // the id of the latest; empty: there was none
	Rev          int64  // raised by every write of the item
}

// DefaultOrganizationPolicy lets a vendor begin with nothing but a name.
func DefaultOrganizationPolicy(now time.Time) Policy {
	return Policy{
		Version: 1, ChangedAt: now, Status: Enabled, Methods: []Method{TOTP}, RememberDays: 1,
		Recovery: DefaultRecovery(), EnrollmentProof: ProofLoginEmail, Outage: OutageClosed, Retention: DefaultRetention(),
	}
}

// DefaultRecovery opens both ways back.
func DefaultRecovery() Recovery {
	return Recovery{MailedCode: true, SavedCodes: true, DelayHours: DefaultDelayHours}
}

// Offered are the methods that users may choose among: those of the policy that the organisation is entitled to, and SMS only where they can go anywhere.
func (o Organization) Offered() []Method {
	var offered []Method
	for _, m := range o.Policy.Methods {
		if m != SMS || len(o.SMSCountries()) > 0 {
			offered = append(offered, m)
		}
	}
	return offered
}
