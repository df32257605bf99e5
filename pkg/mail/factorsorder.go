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
	o := Order{Kind: AlarmOrder, Organization: organization, User: id, Reference: failed.UTC().Format(time.DateOnly) + " " + id}
	o.Event.At, o.Event.Claimed = failed, from
	return o.alarming()
}

// alarming is an alarm with what it tells. One that comes back from the queue has lost where it was tried from: no address stands there.
func (o Order) alarming() Order {
	o.Event = audit.Event{
		At: o.Event.At, Kind: audit.UserLocked, Organization: o.Organization, User: o.User, Role: audit.System, Claimed: o.Event.Claimed,
	}
	return o
}
