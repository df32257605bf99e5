package login

import "time"

// AssertionLife is how long an assertion may be presented (design §5: at most 5 minutes).
const AssertionLife = 5 * time.Minute

// Assertion is what an application may rely on after a login: this user
// proved a second factor to this application, for this nonce. It becomes a
// JWT (RFC 7519) signed with ES256; times have a resolution of one second.
type Assertion struct {
	Audience     string // the application
	Subject      string // the application's own user id
	Organization string
	ID           string // `jti`, for an application that accepts each assertion once
	Nonce        string // the application's own, from POST /v1/logins
	AuthTime     time.Time
	IssuedAt     time.Time
	ExpiresAt    time.Time
	Methods      []string // `amr`, RFC 8176 values where they exist
	Class        string   // `acr`
	// PolicyVersion is the version of the policy that the login was judged by.
	PolicyVersion int64
	TrustedDevice bool
	Recovery      string // which way back was used; empty for an authenticator
}
