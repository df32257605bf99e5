package webhook

import "errors"

// ErrTooLarge is a Bus's, of a message that it can never take: delivery goes on behind it.
var ErrTooLarge = errors.New("webhook: an event is larger than the bus takes")
