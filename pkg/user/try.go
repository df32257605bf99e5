package user

import (
	"time"

	"twofold/pkg/org"
)

// What tries are for that no purpose names: the acts of an enrolment, and an administrator's confirmation.
const (
	Prove         Act = "prove"                 // beyond the password, before an enrolment
	VerifyMailbox Act = "verify_recovery_email" // that it can be read
	StepUp        Act = "step_up"               // an administrator's change, confirmed with the own authenticator
)

// TicketWay is the way of a try with an administrator's ticket, which is neither a method nor a way back.
const TicketWay = "ticket"

// Try is one code that was judged, as the write that counts it or uses it up records it for the sign-in log. Every other write takes it away,
// so that each is in one stream record. Nothing rests on it.
type Try struct {
	Right bool
	// Void: no code of the kind was open, because none was ordered, or it had expired, was used, or was answered wrongly too often.
	Void    bool
	Way     string // a method, a way back or TicketWay; empty: there was no try
	For     Act
	At      time.Time // of a wrong one to the second after it, as failures are counted
	Address string    // the browser's, as the application claims it; left out where there is no room
}

// Try begins the record of a try at a code of a purpose, which is of a method or of an enrolment.
func (p Purpose) Try() Try {
	switch p {
	case ProveLogin:
		return Try{Way: string(org.Email), For: Prove}
	case VerifyRecovery:
		return Try{Way: string(org.Email), For: VerifyMailbox}
	case Ticket:
		return Try{Way: TicketWay, For: Prove}
	}
	return Try{Way: string(p.Method()), For: p.Act()}
}

// Hit records that a code was right.
func (f *Factors) Hit(t Try, now time.Time) {
	f.Tried = t
	f.Tried.Right, f.Tried.At = true, now
}
