package org

import (
	"cmp"
	"time"
)

// Retention is for how long an organisation's logs are kept.
type Retention struct {
	AuditDays  int // 0: as long as the organisation is
	SignInDays int // 0: MaxSignInDays
}

// DefaultRetention keeps everything for as long as can be.
func DefaultRetention() Retention { return Retention{SignInDays: MaxSignInDays} }

// Limits on a retention. PCI DSS 4.0.1, 10.5.1, asks that the history of audit logs is kept for at least twelve months, which may have a leap day; and
// whoever wants more than ten years wants it without an end. A row of the sign-in log says from where a person signed in: it is never kept for longer than a quarter.
const (
	MinAuditDays  = 366
	MaxAuditDays  = 10 * 366
	MaxSignInDays = 90
)

// unlimited is what the audit's retention is told as where it has no end.
const unlimited = "unlimited"

// Stated is r with its days of the sign-in log said, as an earlier version did not.
func (r Retention) Stated() Retention {
	r.SignInDays = r.signInDays()
	return r
}

func (r Retention) signInDays() int { return cmp.Or(r.SignInDays, MaxSignInDays) }

// auditDays orders what a retention says of the audit: without an end is more than anything.
func (r Retention) auditDays() int { return cmp.Or(r.AuditDays, MaxAuditDays+1) }

// Kept is from when on an organisation has its logs. It moves with each policy that kept less, and never back: what was gone does not return with
// a longer retention, whether it had been removed by then or not.
type Kept struct {
	Audit   time.Time // zero: from the beginning
	SignIns time.Time // zero: as the policy says
}

// Moved is k once another policy stands in the place of before.
func (k Kept) Moved(before Retention, now time.Time) Kept {
	k.Audit = latest(k.Audit, before.audit(now))
	if before.signInDays() < MaxSignInDays {
		k.SignIns = latest(k.SignIns, before.signIns(now))
	}
	return k
}

func (r Retention) audit(now time.Time) time.Time {
	if r.AuditDays == 0 {
		return time.Time{}
	}
	return now.AddDate(0, 0, -r.AuditDays)
}

func (r Retention) signIns(now time.Time) time.Time { return now.AddDate(0, 0, -r.signInDays()) }

func latest(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// AuditSince is from when on there are audit events at now: older ones are as gone. Zero: all of them.
func (o Organization) AuditSince(now time.Time) time.Time {
	return latest(o.Kept.Audit, o.Policy.Retention.audit(now))
}

// SignInsSince is from when on there are rows of the sign-in log at now; it is never zero.
func (o Organization) SignInsSince(now time.Time) time.Time {
	return latest(o.Kept.SignIns, o.Policy.Retention.signIns(now))
}

// Sheds reports whether the organisation has, or may still have, logs that are to be removed before the time at which all are.
func (o Organization) Sheds() bool {
	return o.Policy.Retention.AuditDays != 0 || o.Policy.Retention.signInDays() < MaxSignInDays || o.Kept != Kept{}
}
