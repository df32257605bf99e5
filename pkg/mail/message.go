package mail

import (
	"context"
	"errors"
)

// ErrRejected marks a message that will never be accepted: trying again is useless.
// Every other error of a Sender is transient.
var ErrRejected = errors.New("mail rejected")

// ErrNotTaken marks a transient failure in which the provider surely did not take the message: it may be tried again without being
// sent twice.
var ErrNotTaken = errors.New("mail not taken")

// What a Sender answers of a message with an address of its own to come from, which the provider surely did not take: it may
// go out at once by the system's sender. Both are ErrSender; ErrUnverified says besides that the domain is not verified, unless
// the message itself was at fault, which the provider does not tell apart.
var (
	ErrSender     = errors.New("mail refused from this sender")
	ErrUnverified = errors.New("mail refused: sender or message")
)

// From is who a mail comes from: a bare address, and the name shown beside it.
type From struct{ Address, Name string }

// Of says whose mail it is and which, so that what the provider tells of it later finds its way back: no address.
type Of struct {
	Organization string
	User         string // empty: an administrator's
	Delivery     string // a delivery.ID; empty: an announcement's
}

// Image is a picture that a mail carries with it: the HTML names it "cid:logo".
type Image struct {
	Type string // "image/png"
	Data []byte
}

// Message is one mail to one person. To is a bare address.
type Message struct {
	From    From // zero: the system's sender
	To      string
	Subject string
	Text    string
	HTML    string
	Logo    *Image // nil: none
	// Unsubscribe is an address of the web that ends mail of this kind when it is posted to (RFC 8058); empty: it cannot be ended.
	Unsubscribe string
	Tag         string // what kind of mail it is, for the provider's statistics: no personal data
	Of          Of
}

// MaxBulk is how many mails a BulkSender takes at once.
const MaxBulk = 50

// BulkSender hands many messages to the provider in one call: at most MaxBulk, all From the same, all with HTML or all without, and
// all with the same Logo. It answers one error for each, in their order, of the same kinds as Sender's: nil, ErrRejected, ErrNotTaken,
// ErrSender, ErrUnverified, and of any other nobody knows whether the message was taken. A message that is not like the first is
// ErrNotTaken.
type BulkSender interface {
	SendBulk(ctx context.Context, messages []Message) []error
}
