package org

import "time"

// Memory says which trusted devices an organisation still remembers: those made under this version of the policy or a
// later one, and not before a time. It moves when the policy becomes stricter, and never back, so that no device that a
// policy has ended returns with the next one.
type Memory struct {
	Version int64
	Since   time.Time // zero: only the version counts
}

// Holds reports whether a device that was made under a version of the policy, at a time, is still remembered.
func (m Memory) Holds(version int64, made time.Time) bool {
	return version >= m.Version && !made.Before(m.Since)
}

// Moved is the memory once next stands in the place of before. What is stricter in anything ends all devices; fewer days
// end those that are older, for good.
func (m Memory) Moved(before, next Policy, now time.Time) Memory {
	if !before.RememberDevice || next.tightens(before) {
		m.Version = next.Version
	}
	if oldest := now.AddDate(0, 0, -min(before.RememberDays, next.RememberDays)); oldest.After(m.Since) {
		m.Since = oldest
	}
	return m
}

// tightens reports whether p protects more than the policy before in anything but for how long devices are remembered and
// logs are kept, which says nothing of who is let in: whoever went back would weaken it.
func (p Policy) tightens(before Policy) bool {
	before.RememberDays, before.Retention = p.RememberDays, p.Retention
	return before.Weakens(p)
}
