// Package fault is the one error type of the product. A fault carries a stable
// code and a fixed public wording; the cause behind it is only ever logged. No
// rejected value, code, token or address may stand in a fault.
package fault

import (
	"errors"
	"time"
)

// Kind is what a fault means to the caller, independent of transport.
type Kind int

// The kinds. Internal is the zero value, so that whatever nobody classified is opaque.
const (
	Internal             Kind = iota // a defect of ours
	Invalid                          // the request cannot be understood
	Unprocessable                    // understood, and refused for what it says
	Unauthenticated                  // no valid key
	Forbidden                        // a valid key that may not do this
	NotFound                         // no such thing, or none that this key may know of
	Conflict                         // the state of things forbids it now
	Throttled                        // too early or too often
	PreconditionRequired             // the request must say which version it was made from (RFC 6585 §3)
	PreconditionFailed               // and it says one that has gone (RFC 9110 §13)
	Unavailable                      // a part that we depend on failed; the caller does not know more, and may ask again
)

// Error is a fault. Code and Message are public and stable; Field names the
// part of the request at fault, as a path such as "policy.methods".
type Error struct {
	Kind       Kind
	Code       string
	Message    string
	Field      string
	RetryAfter time.Duration // how long to wait, where that is known
	Attached   any           // more for the caller: such as the decision that a conflict led to
	cause      error
}

// New makes a fault of a kind with its stable code and public wording.
func New(kind Kind, code, message string) *Error {
	return &Error{Kind: kind, Code: code, Message: message}
}

// Error gives the public wording and the cause: for logs, never for answers.
func (e *Error) Error() string {
	text := e.Code + ": " + e.Message
	if e.cause != nil {
		text += ": " + e.cause.Error()
	}
	return text
}

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.cause }

// Is reports whether target is a fault with the same code.
func (e *Error) Is(target error) bool {
	var t *Error
	return errors.As(target, &t) && t.Code == e.Code
}

// At returns a copy that names the field at fault.
func (e *Error) At(field string) *Error {
	c := *e
	c.Field = field
	return &c
}

// Because returns a copy that carries the cause, for the log.
func (e *Error) Because(cause error) *Error {
	c := *e
	c.cause = cause
	return &c
}

// After returns a copy that says how long to wait.
func (e *Error) After(d time.Duration) *Error {
	c := *e
	c.RetryAfter = d
	return &c
}

// With returns a copy that carries more for the caller.
func (e *Error) With(attached any) *Error {
	c := *e
	c.Attached = attached
	return &c
}

// Down is what every failure of a store, of KMS or of a mail provider becomes:
// nothing was let in and nothing is lost, so the caller may try again.
func Down(cause error) error {
	var known *Error
	if errors.As(cause, &known) {
		return cause
	}
	return New(Unavailable, "unavailable", "A part of the service cannot be reached. Whether the request was carried out is not known; send the same one again.").
		After(time.Second).Because(cause)
}

// As finds the fault in err; anything else becomes an opaque internal one.
func As(err error) *Error {
	var known *Error
	if errors.As(err, &known) {
		return known
	}
	return New(Internal, "internal", "Something went wrong on our side.").Because(err)
}
