package login

import (
	"time"

	"twofold/pkg/access"
	"twofold/pkg/fault"
)

// ReturnLife is how long a return code may be exchanged.
const ReturnLife = time.Minute

// The refusals of hosted pages.
var (
	ErrReturnAddress = fault.New(fault.Unprocessable, "return_address_unknown",
		"This is none of the application's return addresses, which are compared byte for byte.").At("return_to")
	ErrState = fault.New(fault.Unprocessable, "state_without_return", "A state comes back with the browser, so it needs return_to.").At("state")
	// ErrReturnCode is one answer for all: a code that was exchanged, is too old, belongs to another application or another nonce, or is none.
	ErrReturnCode = fault.New(fault.Unprocessable, "return_code_refused",
		"This return code cannot be exchanged: once, within a minute, by the application and with the nonce of its login. Begin a new login.").At("code")
)

// Hosted is a login that goes on in a page of ours. It carries the credential that the application began the login with, so that
// each step of the page is judged as the application's own would be: a key that is revoked meanwhile ends it.
type Hosted struct {
	Login    Login  `json:"l"`
	Key      []byte `json:"k"` // access.Credential.Keep
	ReturnTo string `json:"r"`
	State    string `json:"s,omitempty"` // the application's own, comes back as it is

	Language string `json:"g,omitempty"` // the user's own, if it is known
	Whom     string `json:"w"`           // who signs in, masked

	// Of the page itself: under which id it is, and, once something was proven, the id of the success and whether the browser is trusted since.
	At      string `json:"i,omitempty"`
	Success string `json:"p,omitempty"`
	Trusted bool   `json:"t,omitempty"`
	Enrolls bool   `json:"e,omitempty"` // an enrolment is demanded or offered after it
}

// The uses of a sealed Hosted: what stands in a URL opens no page as a cookie would, nor the other way round.
var (
	entryUse  = []byte("twofold hosted entry v1")
	pageUse   = []byte("twofold hosted page v1")
	returnUse = []byte("twofold return code v1")
)

// Entry is what a browser is sent to a page with. It proves nothing and lets nobody in: whoever has it sees a page, must prove all that
// the user must in that very browser (Entered), and what comes back is good only together with the application's key and the nonce, which are
// not in it.
func (h Hosted) Entry(s Sealer) (string, error) { return SealText(s, entryUse, h) }

// ParseEntry reads an entry. Expiry and epoch are judged by the steps that follow.
func ParseEntry(s Sealer, text string) (Hosted, error) { return parseHosted(s, entryUse, text) }

// Entered begins the page of one browser: a login of an id of its own, so that nothing that is proven, begun or shown in another browser with the
// same entry belongs to this one. Otherwise a thief with the password could have the owner prove the mailbox, and go on elsewhere.
func (h Hosted) Entered(id string) Hosted {
	h.At, h.Login.ID = h.Login.ID, id
	return h
}

// Page is what a browser keeps in a cookie between the steps of a page.
func (h Hosted) Page(s Sealer) (string, error) { return SealText(s, pageUse, h) }

// ParsePage reads it.
func ParsePage(s Sealer, text string) (Hosted, error) { return parseHosted(s, pageUse, text) }

func parseHosted(s Sealer, use []byte, text string) (Hosted, error) {
	var h Hosted
	if !OpenText(s, use, text, &h) {
		return Hosted{}, ErrInvalid
	}
	return h, nil
}

// Token is the login's, for the next step.
func (h Hosted) Token(s Sealer) (string, error) { return Token(s, h.Login) }

// Caller is who takes a step in a page: the application, by the credential that it began with. What the page sees of the browser it has
// seen itself, so nobody claims it.
func (h Hosted) Caller(requestID, seen, agent string) access.Caller {
	return access.Caller{Credential: access.Kept(h.Key), RequestID: requestID, Seen: seen, Claimed: seen, Agent: agent}
}

// Return is what a return code says: the login, until when it is exchanged, and what was proven.
type Return struct {
	Login   Login     `json:"l"`           // its ExpiresAt is the code's
	Success string    `json:"p,omitempty"` // the id of the success; empty: nothing was proven
	At      time.Time `json:"a"`           // when the code was made
	Trusted bool      `json:"t,omitempty"` // a device was made with it
}

// Code is the return code's text.
func (r Return) Code(s Sealer) (string, error) { return SealText(s, returnUse, r) }

// ParseReturn reads a return code.
func ParseReturn(s Sealer, code string) (Return, error) {
	var r Return
	if !OpenText(s, returnUse, code, &r) {
		return Return{}, ErrReturnCode
	}
	return r, nil
}
