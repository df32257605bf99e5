package org_test

import (
	"testing"
	"time"

	"twofold/pkg/org"
)

const days = 24 * time.Hour

// remembering is a policy of a version that remembers.
func remembering(version int64, days int) org.Policy {
	p := strict()
	p.Version, p.RememberDays = version, days
	return p
}

// after applies policies one after the other, a day apart, from noon on, and gives the memory that is left.
func after(policies ...org.Policy) org.Memory {
	var m org.Memory
	for i, next := range policies[1:] {
		next.Version = policies[0].Version + int64(i) + 1
		before := policies[i]
		before.Version = next.Version - 1
		m = m.Moved(before, next, noon.Add(time.Duration(i)*days))
	}
	return m
}

func TestWhatAPolicyEndedDoesNotComeBack(t *testing.T) {
	off, enabled, both := remembering(0, 30), remembering(0, 30), remembering(0, 30)
	off.RememberDevice = false
	enabled.Status = org.Enabled
	both.Methods = []org.Method{org.TOTP, org.Email}
	thirty := remembering(1, 30)
	for name, c := range map[string]struct {
		memory  org.Memory
		made    time.Time
		version int64
		want    bool
	}{
		"nothing changed":                          {org.Memory{}, noon, 1, true},
		"not remembered in between":                {after(thirty, off, thirty), noon, 1, false},
		"made under the policy after that":         {after(thirty, off, thirty), noon.Add(days), 3, true},
		"judged by the policy before, made later":  {after(thirty, off, thirty), noon.Add(2 * days), 1, false},
		"a method removed and allowed again":       {after(both, thirty, both), noon, 0, false},
		"a method added":                           {after(thirty, both), noon, 1, true},
		"forced":                                   {after(enabled, thirty), noon, 0, false},
		"no longer forced":                         {after(thirty, enabled), noon, 1, true},
		"older than a day while a day was allowed": {after(thirty, remembering(0, 1), thirty), noon.Add(-days - 1), 1, false},
		"younger":                              {after(thirty, remembering(0, 1), thirty), noon.Add(1), 1, true},
		"older than the fewer days are":        {after(thirty, remembering(0, 7)), noon.Add(-7*days - 1), 1, false},
		"within the fewer days":                {after(thirty, remembering(0, 7)), noon.Add(-7 * days), 1, true},
		"more days":                            {after(remembering(1, 7), thirty), noon.Add(-6 * days), 1, true},
		"more days, and too old for the fewer": {after(remembering(1, 7), thirty), noon.Add(-8 * days), 1, false},
		"nothing that concerns devices":        {after(thirty, thirty, thirty), noon, 1, true},
	} {
		if got := c.memory.Holds(c.version, c.made); got != c.want {
			t.Errorf("%s: remembered %t, want %t (%+v)", name, got, c.want, c.memory)
		}
	}
}

// Every setting that can be stricter ends devices when it becomes so, and none when it becomes weaker.
func TestWhateverIsStricterEndsDevices(t *testing.T) {
	for _, s := range settings {
		if s.name == "app_password_services" || s.name == "sms_countries" || s.name == "remember_days" {
			continue // these say nothing of whether a browser is known, or count days
		}
		if s.field == "Retention" {
			continue // nor does this, see TestRetentionEndsNoDevices
		}
		weak, strong := remembering(1, 30), remembering(1, 30)
		s.weaker(&weak)
		s.stricter(&strong)
		if after(weak, strong).Holds(1, noon.Add(days)) {
			t.Errorf("%s: a stricter policy leaves devices", s.name)
		}
		if !after(strong, weak).Holds(1, noon) && strong.RememberDevice {
			t.Errorf("%s: a weaker policy ends devices", s.name)
		}
	}
}
