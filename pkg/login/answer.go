package login

import (
	"strings"
	"time"

	"twofold/pkg/decision"
	"twofold/pkg/org"
)

// Do is the step that comes next. An application writes one loop: do what Next
// says until the status is complete or denied.
type Do string

// The steps.
const (
	DoAnswer         Do = "answer"          // POST /v1/logins/answers with a code
	DoEnroll         Do = "enroll"          // POST /v1/enrollments
	DoProve          Do = "prove"           // POST /v1/enrollments/answers with the code mailed to the login address
	DoRecoveryEmail  Do = "recovery_email"  // … with the recovery email, twice
	DoVerifyRecovery Do = "verify_recovery" // … with the code mailed to it
	DoChooseMethod   Do = "choose_method"   // … with a method
	DoConfirm        Do = "confirm"         // … with the first code of the new authenticator
	DoNothing        Do = ""
)

// WayBack is a way in without the authenticator.
type WayBack string

// The ways back that are built.
const (
	MailedRecovery WayBack = "recovery_email" // a code ordered to the recovery email
	SavedRecovery  WayBack = "recovery_code"  // one of the ten saved codes
	Bypass         WayBack = "bypass_code"    // one that an administrator made
)

// IsWayBack reports whether what a code was given for is a way back, not a method.
func IsWayBack(way string) bool {
	return way == string(MailedRecovery) || way == string(SavedRecovery) || way == string(Bypass)
}

// Next says what to do.
type Next struct {
	Do        Do
	Methods   []org.Method
	WaysBack  []WayBack
	SentTo    string    // masked
	Order     string    // the id of the order of the code that was sent there
	Proof     org.Proof // what DoProve is answered with
	ExpiresAt time.Time
	ResendAt  time.Time
	Setup     *Setup
	Begun     bool         // of DoEnroll, where a login was looked at: an enrolment is under way in it
	Choices   []org.Method // of DoConfirm: those that may be chosen instead
	Entry     string       // what a page of ours is entered with, where the application asked for one
	// RememberDays is for how long the browser can be trusted with the proof that is asked for; 0: the policy does not remember.
	RememberDays int
}

// Setup is what an authenticator app needs; shown to the user once, while enrolling.
type Setup struct {
	Secret string // base32
	URI    string
	QR     []byte // PNG
}

// Answer is what every step of a login gives back.
type Answer struct {
	Token         string
	ExpiresAt     time.Time // of the login that the token is of, where it was made or looked at
	Success       string    // the id of what was proven, where it was
	Decision      decision.Decision
	Next          Next
	Assertion     string        // signed; empty where nothing was proven
	AssertedUntil time.Time     // when the assertion expires
	RecoveryCodes []string      // shown once
	CodesLeft     int           // saved recovery codes left, where a recovery was used
	AppPasswords  []AppPassword // that came with an enrolment
	Device        DeviceToken   // for the browser that is trusted; the zero value: it is not
}

// Mask shows enough of an address to recognise it, and too little to learn it.
func Mask(address string) string {
	local, domain, found := strings.Cut(address, "@")
	if !found || local == "" {
		return "•••"
	}
	first := []rune(local)[:1]
	return string(first) + "•••@" + domain
}
