package mail

import "errors"

// ErrRejected marks a message that will never be accepted: trying again is useless.
// Every other error of a Sender is transient.
var ErrRejected = errors.New("mail rejected")

// Message is one mail to one person. To is a bare address.
type Message struct {
	To      string
	Subject string
	Text    string
	HTML    string
	Tag     string // what kind of mail it is, for the provider's statistics: no personal data
}
