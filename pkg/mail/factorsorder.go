package mail

import (
	"time"

	"twofold/pkg/audit"
	"twofold/pkg/user"
)

// OfFactors is what a write of a user's factors asked for by its Deliver. failed is when the user failed last.
func OfFactors(organization, id, deliver string, failed time.Time) Order {
	o := Order{Kind: CodeOrder, Organization: organization, User: id, Reference: deliver}
	if deliver == user.DeliverCodes {
		o.Kind = SavedCodesOrder
		return o
	}
	if from, ok := user.Alarmed(deliver); ok {
		return alarm(organization, id, from, failed)
	}
	return o
}

// alarm is about wrong codes. Its reference is the day: whoever guesses on and on, with pauses or between the user's own sign-ins,
// makes one mail a day to each address, and no more.
func alarm(organization, id, from string, failed time.Time) Order {
	return Order{
		Kind: AlarmOrder, Organization: organization, User: id, Reference: failed.UTC().Format(time.DateOnly) + " " + id,
		Event: audit.Event{At: failed, Kind: audit.UserLocked, Organization: organization, User: id, Role: audit.System, Claimed: from},
	}
}
