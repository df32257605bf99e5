package user

import (
	"time"

	"twofold/pkg/fault"
	"twofold/pkg/org"
)

// Grace is a later deadline that an administrator gave one user. The zero value is none. It never shortens what the
// policy gives: the later of both holds.
type Grace struct {
	Until  time.Time
	Reason string // one line
	SetBy  string // the administrator's id
	SetAt  time.Time
}

// ErrShorter refuses to shorten an extension by setting another.
var ErrShorter = fault.New(fault.Unprocessable, "grace_shortened", "This user has a later deadline. End that one first.").At("until")

func ungraceful(field, message string) error {
	return fault.New(fault.Unprocessable, "invalid_grace", message).At(field)
}

// Live reports whether the extension has not ended at now.
func (g Grace) Live(now time.Time) bool { return now.Before(g.Until) }

// Same reports whether g says what already stands, whoever set that and when.
func (g Grace) Same(stands Grace) bool {
	return g.Until.Equal(stands.Until) && g.Reason == stands.Reason
}

// Check judges what an administrator wants to set at now in the place of what stands. The fault names the field.
func (g Grace) Check(stands Grace, now time.Time) error {
	switch {
	case !g.Live(now):
		return ungraceful("until", "The extended deadline lies in the past.")
	case g.Until.After(now.AddDate(0, 0, org.MaxExtensionDays)):
		return ungraceful("until", "A deadline is extended to at most 90 days from now.")
	case !GoodReason(g.Reason):
		return ungraceful("reason", "An extension needs a reason: one line of at most 200 characters.")
	case g.Until.Before(stands.Until):
		return ErrShorter
	}
	return nil
}
