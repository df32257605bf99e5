package login

import (
	"cmp"
	"time"

	"twofold/pkg/access"
	"twofold/pkg/audit"
	"twofold/pkg/fault"
	"twofold/pkg/user"
)

// ErrRefused is the one answer to a wrong code, to one that was used and to whatever is sent while the user is locked, so
// that none of them can be told apart. Its words are true of every kind of code. Where a code was sent it is At("code").
var ErrRefused = fault.New(fault.Unprocessable, "code_refused",
	"This was not accepted. Wait a moment, then try again, with a code that was not used before.")

// ErrNotSent is what is said instead where no code was given but one was asked for, or another step: of a locked and of a suspended user
// alike. It has the code of ErrRefused, and is one to errors.Is: what was refused says already that it was no code, and why nothing is
// accepted stands in the decision of each login.
var ErrNotSent = fault.New(fault.Unprocessable, ErrRefused.Code,
	"After failed attempts nothing is accepted for a while, and no code is sent. Wait a moment, then try again.")

// Missed is the write that counts a wrong answer, which is in next already. Wherever it was given: the
// one that suspends is learned in the same write by the profile, the audit and the people concerned, and the one that locks for long
// asks in it for the user to be told.
func (l Login) Missed(next user.Factors, s Snapshot, c access.Caller, now time.Time) user.Change {
	next.Tried.Address = l.Origin(c).Address
	if s.Factors.Throttle.Alarms(next.Throttle) {
		next.Alarm(cmp.Or(c.Claimed, l.Claimed))
	}
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
