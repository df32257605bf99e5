package login

import (
	"time"

	"twofold/pkg/access"
	"twofold/pkg/audit"
	"twofold/pkg/user"
)

// Missed is the write that counts a wrong answer, which is in next already. Wherever it was given: the
// one that suspends is learned in the same write by the profile, the audit and the people concerned.
func (l Login) Missed(next user.Factors, s Snapshot, c access.Caller, now time.Time) user.Change {
	change := user.Change{Factors: &next}
	if !next.Throttle.Suspended() || !s.Profile.SuspendedAt.IsZero() {
		return change
	}
	profile := s.Profile.Next()
	profile.SuspendedAt = now
	event := l.Event(audit.UserSuspended, s, c, now)
	event.Reason = "too many wrong answers in a row"
	event.Notify = true
	change.Profile, change.Events = &profile, []audit.Event{event}
	return change
}
