package sample

import (
	"context"
	"encoding/base64"
	"regexp"
	"time"
)

// Login is the question: somebody has just typed the right password, and now? ReturnTo is for the hosted prompt alone.
type Login struct {
	Organization string  `json:"organization"`
	User         string  `json:"user"`
	Email        string  `json:"email"`
	Nonce        string  `json:"nonce"`
	ReturnTo     string  `json:"return_to,omitempty"`
	State        string  `json:"state,omitempty"`
	DeviceToken  string  `json:"device_token,omitempty"`
	Browser      Browser `json:"browser"`
}

// Browser is the one in front of the application, for the user's sign-in log.
type Browser struct {
	Address string `json:"address,omitempty"`
	Agent   string `json:"agent,omitempty"`
}

// Answer is what every call is answered with: do what Next says until Status is complete, which lets in, or denied.
type Answer struct {
	Login         string        `json:"login"` // never in a URL, nor in a log
	Status        string        `json:"status"`
	Reason        string        `json:"reason"`
	Until         time.Time     `json:"until"`
	Next          Next          `json:"next"`
	Assertion     string        `json:"assertion"` // the proof; without it nothing was proven
	DeviceToken   string        `json:"device_token"`
	DeviceUntil   time.Time     `json:"device_expires_at"`
	RecoveryCodes []string      `json:"recovery_codes"`
	AppPasswords  []AppPassword `json:"app_passwords"`
}

// Next is what comes next.
type Next struct {
	URL          string    `json:"url"` // of the hosted prompt
	Do           string    `json:"do"`
	Methods      []string  `json:"methods"`
	WaysBack     []string  `json:"ways_back"`
	SentTo       string    `json:"sent_to"`
	Proof        string    `json:"proof"`
	ResendAt     time.Time `json:"resend_at"`
	RememberDays int       `json:"remember_days"`
	Setup        *Setup    `json:"setup"`
}

// Setup is what an authenticator app is set up with.
type Setup struct {
	Secret string `json:"secret"`
	QR     []byte `json:"qr_png"`
}

// AppPassword is for one program that cannot ask for a second factor.
type AppPassword struct {
	Service  string `json:"service"`
	Password string `json:"password"`
}

// Begin asks about a login.
func (c *Client) Begin(ctx context.Context, l Login) (Answer, error) {
	return c.call(ctx, "/v1/logins", l)
}

// Exchange gives what the hosted prompt came to, for the code that the browser brought back, once, and for the nonce of the login.
func (c *Client) Exchange(ctx context.Context, code, nonce string) (Answer, error) {
	return c.call(ctx, "/v1/logins/exchanges", struct {
		Code  string `json:"code"`
		Nonce string `json:"nonce"`
	}{code, nonce})
}

// Settings gives the address of the page on which a user, who is signed in here, sees and changes the second factor. Send the browser there at once.
func (c *Client) Settings(ctx context.Context, organization, user, returnTo string) (string, error) {
	var opened struct {
		URL string `json:"url"`
	}
	err := c.post(ctx, "/v1/organizations/"+organization+"/users/"+segment(user)+"/pages", struct {
		ReturnTo string `json:"return_to"`
	}{returnTo}, &opened)
	if err == nil && opened.URL == "" {
		err = errUnreadable
	}
	return opened.URL, err
}

// segment is a user's id in a path.
func segment(id string) string {
	if plain.MatchString(id) && id != "." && id != ".." {
		return id
	}
	return "~" + base64.RawURLEncoding.EncodeToString([]byte(id))
}

var plain = regexp.MustCompile(`^[A-Za-z0-9._@+-]+$`)

// The rest is for pages of one's own.

// Order has a code sent: method is email, sms or, as a way back, recovery_email.
func (c *Client) Order(ctx context.Context, login, method string) (Answer, error) {
	return c.call(ctx, "/v1/logins/codes", struct {
		Login  string `json:"login"`
		Method string `json:"method"`
	}{login, method})
}

// Typed is what a user has typed. In an enrolment it is one thing at a time: a code, a recovery email, or a method.
type Typed struct {
	Login              string    `json:"login"`
	Method             string    `json:"method,omitempty"`
	Code               string    `json:"code,omitempty"`
	RecoveryEmail      string    `json:"recovery_email,omitempty"`
	RecoveryEmailAgain string    `json:"recovery_email_again,omitempty"`
	Phone              string    `json:"phone,omitempty"`
	Remember           *Remember `json:"remember,omitempty"`
}

// Remember asks to trust this browser.
type Remember struct {
	Name string `json:"name,omitempty"` // for the user, who will see it in a list
}

// Answer answers a challenge.
func (c *Client) Answer(ctx context.Context, t Typed) (Answer, error) {
	return c.call(ctx, "/v1/logins/answers", t)
}

// Enroll begins an enrolment, or sends the code that it waits for once more.
func (c *Client) Enroll(ctx context.Context, login string, resend bool) (Answer, error) {
	return c.call(ctx, "/v1/enrollments", struct {
		Login  string `json:"login"`
		Resend bool   `json:"resend,omitempty"`
	}{login, resend})
}

// Step takes the next step of an enrolment.
func (c *Client) Step(ctx context.Context, t Typed) (Answer, error) {
	return c.call(ctx, "/v1/enrollments/answers", t)
}
