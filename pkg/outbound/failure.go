package outbound

import (
	"context"
	"errors"
	"net"
	"os"
)

// Failure is why there was no answer, in words that are fixed: it may be logged, stored, and shown to whoever chose the URL.
type Failure string

// The failures.
const (
	BadURL        Failure = "the URL is not one that may be posted to"
	NotPublic     Failure = "the host's address is not a public one"
	NoSuchHost    Failure = "the host's name cannot be resolved"
	CannotConnect Failure = "no connection could be made"
	NotTrusted    Failure = "TLS failed, or its certificate is not good for the host"
	TimedOut      Failure = "the host took too long"
	NoAnswer      Failure = "the connection ended without an answer that can be read"
)

func (f Failure) Error() string { return string(f) }

// slow is TimedOut for what time has ended, and otherwise for everything else.
func slow(err error, otherwise Failure) Failure {
	var n net.Error
	if errors.Is(err, context.DeadlineExceeded) || errors.Is(err, os.ErrDeadlineExceeded) || errors.As(err, &n) && n.Timeout() {
		return TimedOut
	}
	return otherwise
}

// undialled is why no connection was made.
func undialled(err error) Failure {
	var unresolved *net.DNSError
	switch {
	case errors.Is(err, NotPublic):
		return NotPublic
	case errors.As(err, &unresolved):
		return slow(err, NoSuchHost)
	}
	return slow(err, CannotConnect)
}
