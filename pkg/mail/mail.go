// Package mail is the workflow that tells people things: codes and notices, by mail and codes by SMS. What
// to send is read from the writes that caused it; codes are derived when they are
// sent and stored nowhere. It may not import AWS, HTTP or another workflow, and of
// what it reads it writes nothing but that a sender domain is lost, and that an address
// of a user's takes no mail: it keeps delivery items and counts of its own.
package mail

import (
	"context"
	"time"

	"twofold/pkg/audit"
	"twofold/pkg/delivery"
	"twofold/pkg/factor"
	"twofold/pkg/fault"
	"twofold/pkg/org"
	"twofold/pkg/stepup"
	"twofold/pkg/user"
)

// Kind is what a write asked to be sent.
type Kind string

// The kinds of orders.
const (
	CodeOrder       Kind = "code"        // a code for a user, by mail or SMS
	SavedCodesOrder Kind = "saved-codes" // a user's saved recovery codes
	StepUpOrder     Kind = "step-up"     // a mailed code for an administrator's proposal
	InvitationOrder Kind = "invitation"  // of an administrator
	ArrivalOrder    Kind = "arrival"     // a mailed code for an administrator who signs in to the console
	NoticeOrder     Kind = "notice"      // an audit event to tell people of
	AlarmOrder      Kind = "alarm"       // wrong codes, to tell a user of
)

// Known reports whether there is such a kind.
func (k Kind) Known() bool {
	switch k {
	case CodeOrder, SavedCodesOrder, StepUpOrder, InvitationOrder, ArrivalOrder, NoticeOrder, AlarmOrder:
		return true
	}
	return false
}

// Order is a mail intent, as it stands in the write that caused it.
type Order struct {
	Kind          Kind
	Organization  string
	User          string      // CodeOrder, SavedCodesOrder
	Administrator string      // StepUpOrder, InvitationOrder, ArrivalOrder
	Reference     string      // the challenge's, the proposal's, the invitation's or the event's id; of an arrival "<its id>.<the code's>"
	From          user.Origin // CodeOrder: from where it was asked, as far as that was said
	Event         audit.Event // NoticeOrder, AlarmOrder; of one that comes back from the queue no more than the id and the time
	To            []byte      // of a notice whose addresses nothing names any more: sealed, see user.Notice
	Named         bool        // there is, or was, To
}

// Lease is how long a claim holds off others: longer than the mailer may work on records.
const Lease = 30 * time.Second

// Claim is the answer to "may I send this?".
type Claim int

// The answers of Claim.
const (
	Granted   Claim = iota
	Done            // it was delivered, or ended for good
	Busy            // somebody else is at it, or crashed less than Lease ago
	Overspent       // Spend: a count has reached its limit, and nothing was counted or claimed
)

// Proposal is what the mailer needs of an administrator's pending change.
type Proposal struct {
	ID           string
	Thing        stepup.Thing
	Organization string       // the name of the organisation that it is about; empty where it is about none
	Branding     org.Branding // of that organisation, where it is the administrator's; else the zero value
	OwnSender    bool         // that organisation is the administrator's, and may have a sender of its own
	Email        string       // the administrator's own address, as it stands now
	Mailed       factor.Mailed
	KeyID        uint32
	Live         bool
	Changes      map[string]string // what is about to change
	Seen         string            // from where it was asked
}

// Store is what the workflow needs of a store. Reads are strongly consistent.
type Store interface {
	// Addressee gets what a user's mails need. The organisation, the profile are nil if there is no such thing; without branding, that is
	// the zero value.
	Addressee(ctx context.Context, organization, user string) (*Organization, *user.Profile, user.Factors, error)
	// Branding gets how an organisation shows itself; the zero value where nobody has said.
	Branding(ctx context.Context, organization string) (org.Branding, error)
	// Pending gets the change of an administrator whose mail was ordered; nil if there is none such any more.
	Pending(ctx context.Context, organization, administrator, reference string, now time.Time) (*Proposal, error)
	// Arriving gets the code of an administrator who signs in to the console whose mail was ordered: of it no thing and no changes, and as
	// organisation the id; nil if there is none such any more.
	Arriving(ctx context.Context, reference string, now time.Time) (*Proposal, error)
	// Told reads again what a notice that comes back from the queue is about; false where it is gone.
	Told(ctx context.Context, o Order) (Order, bool, error)
	// Administrators are all of an organisation.
	Administrators(ctx context.Context, organization string) ([]org.Administrator, error)
	// Sender answers nil where the organisation has no sender of its own.
	Sender(ctx context.Context, organization string) (*org.Sender, error)
	// LoseSender writes a sender with an event, all or nothing. It answers user.ErrConflict if the stored revision is not the
	// one before, and nil if the write won although its acknowledgement was lost.
	LoseSender(ctx context.Context, s org.Sender, e audit.Event) error
	// Claim asks for the right to deliver to one recipient of an order, until now plus Lease.
	Claim(ctx context.Context, id string, now time.Time) (Claim, error)
	// Spend is Claim of what counts against limits, and counts it in the same moment: all or nothing, and once for a delivery however
	// often it is tried. A count that has reached its limit is never exceeded, however many ask at once.
	Spend(ctx context.Context, id string, on []Spending, now time.Time) (Claim, error)
	// Mark ends a claim.
	Mark(ctx context.Context, id string, to delivery.State, now time.Time) error
	// Report writes what the provider said later of a delivery that it had taken, as nobody may have marked yet. It changes nothing
	// where something final was said before, and where there is no such delivery any more.
	Report(ctx context.Context, id string, to delivery.State, now time.Time) error
	// Write writes a profile with an event, all or nothing. It answers user.ErrConflict if the stored revision is not the one before,
	// and nil if the write won although its acknowledgement was lost.
	Write(ctx context.Context, c user.Change) error
}

// Sender hands a message to the provider. An error that is ErrRejected is final; one that is ErrSender is answered only to a
// message that comes From somebody; any other is transient.
type Sender interface {
	Send(ctx context.Context, m Message) error
}

// Opener opens what was sealed.
type Opener interface {
	Open(ciphertext, associated []byte) ([]byte, error)
}

// Service delivers. All fields are needed.
type Service struct {
	Store    Store
	Sender   Sender
	Texts    Texter
	Budgets  Budgets
	Limits   Limits
	Codes    factor.PRF
	Contacts Opener
	Queue    Queue
	Now      func() time.Time
	Jitter   func() float64 // of [0, 1)
	// Postponed is told when an order is to be tried again later, and why: for the log.
	Postponed func(o Order, why error)
	// FellBack is told when the system's sender stands in for an organisation's own, and why: for the log.
	FellBack func(organization, why string)
	// Unsent is told when a message is not sent and will not be, and why, without its address or number: for the log.
	Unsent func(organization, why string)
}

// ErrBusy says that another instance holds the claim: the record must be tried again.
var ErrBusy = fault.New(fault.Unavailable, "delivery_busy", "Another instance is delivering this.")

// Deliver carries one order out. An error means: try again, with the same code.
func (s *Service) Deliver(ctx context.Context, o Order) error {
	switch o.Kind {
	case CodeOrder:
		return s.code(ctx, o)
	case SavedCodesOrder:
		return s.savedCodes(ctx, o)
	case StepUpOrder:
		return s.stepUp(ctx, o)
	case InvitationOrder:
		return s.invitation(ctx, o)
	case ArrivalOrder:
		return s.arrival(ctx, o)
	case NoticeOrder:
		return s.notice(ctx, o)
	case AlarmOrder:
		return s.notice(ctx, o.alarming())
	}
	return nil
}
