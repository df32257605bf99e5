package org_test

import (
	"testing"
	"time"

	"twofold/pkg/org"
)

func ago(days int) time.Time { return noon.AddDate(0, 0, -days) }

func keeping(audit, signIns int) org.Organization {
	o := org.Organization{Policy: org.DefaultOrganizationPolicy(noon)}
	o.Policy.Retention = org.Retention{AuditDays: audit, SignInDays: signIns}
	return o
}

func TestSinceWhenThereAreLogs(t *testing.T) {
	floor := org.Kept{Audit: ago(500), SignIns: ago(10)}
	for name, c := range map[string]struct {
		o              org.Organization
		kept           org.Kept
		audit, signIns time.Time
		sheds          bool
	}{
		"nothing said":                     {keeping(0, 0), org.Kept{}, time.Time{}, ago(90), false},
		"the default":                      {keeping(0, 90), org.Kept{}, time.Time{}, ago(90), false},
		"an audit with an end":             {keeping(400, 90), org.Kept{}, ago(400), ago(90), true},
		"fewer sign-ins":                   {keeping(0, 7), org.Kept{}, time.Time{}, ago(7), true},
		"less was kept before":             {keeping(0, 90), floor, ago(500), ago(10), true},
		"less was kept before, and is now": {keeping(400, 7), floor, ago(400), ago(7), true},
		"less than a little longer now":    {keeping(600, 30), floor, ago(500), ago(10), true},
	} {
		c.o.Kept = c.kept
		if got := c.o.AuditSince(noon); !got.Equal(c.audit) {
			t.Errorf("%s: an audit since %v, want %v", name, got, c.audit)
		}
		if got := c.o.SignInsSince(noon); !got.Equal(c.signIns) {
			t.Errorf("%s: sign-ins since %v, want %v", name, got, c.signIns)
		}
		if c.o.Sheds() != c.sheds {
			t.Errorf("%s: sheds is %t", name, !c.sheds)
		}
	}
}

// Whatever policies follow each other, and however fast: what was gone once is gone.
func TestWhatIsGoneDoesNotReturn(t *testing.T) {
	policies := []org.Retention{{}, {AuditDays: 400, SignInDays: 7}, {SignInDays: 90}, {AuditDays: 900, SignInDays: 30}, {AuditDays: 366, SignInDays: 1}, {}}
	for _, step := range []time.Duration{0, time.Hour, 40 * days, 500 * days} {
		o, now := keeping(0, 0), noon
		for _, next := range policies {
			audit, signIns := o.AuditSince(now), o.SignInsSince(now)
			o.Kept = o.Kept.Moved(o.Policy.Retention, now)
			o.Policy.Retention = next
			if o.AuditSince(now).Before(audit) || o.SignInsSince(now).Before(signIns) {
				t.Errorf("every %v, with %+v: the audit goes back from %v to %v, or sign-ins from %v to %v", step, next, audit, o.AuditSince(now), signIns, o.SignInsSince(now))
			}
			now = now.Add(step)
		}
	}
}

// An organisation that never kept less has no mark of it, and so nothing to look for.
func TestKeepingEverythingMarksNothing(t *testing.T) {
	if k := (org.Kept{}).Moved(org.DefaultRetention(), noon); k != (org.Kept{}) {
		t.Errorf("got %+v", k)
	}
}

// Retention says nothing of who is let in: neither direction ends a device.
func TestRetentionEndsNoDevices(t *testing.T) {
	long, short := remembering(1, 30), remembering(1, 30)
	short.Retention = org.Retention{AuditDays: 366, SignInDays: 1}
	if !after(long, short).Holds(1, noon) || !after(short, long).Holds(1, noon) {
		t.Error("another retention ends devices")
	}
}
