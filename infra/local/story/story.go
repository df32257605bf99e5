// Package story walks the main job of Twofold through HTTP, as its users do: an
// organisation forces two-factor authentication, a user enrols, verifies, loses
// the phone, is reset, and the auditor sees all of it. `make demo` prints it; the
// end-to-end test runs it on the real binaries. It knows nothing of the product's
// code: only HTTP, mail, RFC 6238 and JWT.
package story

import (
	"context"
	"crypto/rand"
	"fmt"
	"strings"
	"time"
)

// World is where a story takes place.
type World struct {
	API       string // the API's address
	Mailbox   string // the mailbox page's address
	SystemKey string // the system administrator's key
	// Originations are two that an organisation's own SMS may come from.
	Originations [2]string
	// ReadQR reads a QR code as a phone does, from its PNG. Nil: the key URI is typed in instead.
	ReadQR func(png []byte) (string, error)
	// Tell is called with the title of each chapter, and Show with each call; both may be nil.
	Tell func(title string)
	// Tick makes the mailer's schedule due now, and returns when that is done; of stories with announcements alone.
	Tick func(ctx context.Context) error
	Show func(Exchange)
	Now  func() time.Time
}

// Story is one walk, with all that its people know by then.
type Story struct {
	World
	Organization string
	// Exchanges are all calls so far, in order.
	Exchanges []Exchange
	// Secrets are all that must never be written anywhere, by what they are.
	Secrets map[string]string

	adminKey, appKey string
	email, recovery  string
	phone            phone
	number           string // of the phone, where SMS go
	login            string // the token of the login under way
	order            string // of the code that was ordered last, where a story asks about it
	nonce            string
	codes            []string // saved recovery codes
	counter          int
}

const (
	applicationID = "webshop"
	adminID       = "mallory"
	adminEmail    = "mallory@acme.example"
	userID        = "u-4711"
	browserIP     = "198.51.100.7"
)

// New begins a story about an organisation that does not exist yet.
func New(w World) *Story {
	suffix := strings.ToLower(rand.Text()[:8])
	return &Story{
		World: w, Organization: "acme-" + suffix, Secrets: map[string]string{"system key": w.SystemKey},
		email: "ana-" + suffix + "@acme.example", recovery: "ana-" + suffix + "@home.example",
	}
}

// chapter is a part of a story.
type chapter struct {
	title string
	walk  func(context.Context) error
}

// Run tells the whole story; the first thing that is not as it should be ends it.
func (s *Story) Run(ctx context.Context) error {
	return s.tell(ctx, []chapter{
		{"The vendor creates an organisation, with its first administrator and its application", s.createOrganization},
		{"While two-factor authentication is optional, people just sign in", s.signInOptional},
		{"The administrator proposes to force it, sees what that would do, and confirms with a mailed code", s.forcePolicy},
		{"Ana types her password; the application asks, and hears: enrol", s.mustEnroll},
		{"Ana proves that she reads the mail of her login address", s.proveLogin},
		{"Ana gives a recovery address, twice, and shows that she reads it", s.recoveryEmail},
		{"Ana scans the QR code with her phone and types the first code", s.enroll},
		{"Next login: a challenge, the right code, an assertion that the application checks offline", s.signIn},
		{"The same code again is refused", s.replay},
		{"Ana tries to switch two-factor authentication off", s.switchOff},
		{"Ana lost her phone: a recovery code by mail lets her in, and is marked as such", s.recover},
		{"The administrator resets her; the next login is enrol again", s.reset},
		{"The vendor's support acts in the administrator's place, and everybody sees that it was not her", s.support},
		{"The report shows who has it", s.report},
		{"The audit names every change, by whom, when and from where", s.audit},
		{"The sign-in log names every code that was tried, right or wrong", s.signIns},
	})
}

func (s *Story) tell(ctx context.Context, chapters []chapter) error {
	for _, c := range chapters {
		if s.Tell != nil {
			s.Tell(c.title)
		}
		if err := c.walk(ctx); err != nil {
			return fmt.Errorf("%s: %w", c.title, err)
		}
	}
	return nil
}

// secret notes what must never be written anywhere.
func (s *Story) secret(what, value string) {
	s.counter++
	s.Secrets[fmt.Sprintf("%s (%d)", what, s.counter)] = value
}

func want(what string, got, wanted any) error {
	if fmt.Sprint(got) != fmt.Sprint(wanted) {
		return fmt.Errorf("%s is %v, not %v", what, got, wanted)
	}
	return nil
}

// all gives the first complaint.
func all(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}
