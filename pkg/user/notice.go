package user

import (
	"time"

	"twofold/pkg/audit"
)

// NoticeLife is for how long a notice is kept: as long as the stream that the mailer reads it from.
const NoticeLife = 24 * time.Hour

// Notice tells of an event at addresses that nothing names any more once it is written. It is an item of its own that is gone
// after NoticeLife, because the audit, which stays, holds no address of a user. The event must not ask for a notice itself.
type Notice struct {
	Organization string
	User         string
	Event        audit.Event
	To           []byte // the addresses, sealed for NoticeUse, one a line
	ExpiresAt    time.Time
}

// NoticeUse is the associated data that the addresses of a notice are sealed with.
func NoticeUse(organization, user, event string) []byte {
	return sealedFor("notice", organization, user, event)
}
