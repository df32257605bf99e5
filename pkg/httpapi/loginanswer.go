package httpapi

import (
	"errors"
	"time"

	"twofold/pkg/fault"
	"twofold/pkg/login"
	"twofold/pkg/org"
	"twofold/pkg/user"
)

// loginAnswer is the one shape that every step of a login answers with (design §5).
type loginAnswer struct {
	Login         string             `json:"login,omitempty" doc:"The login's token, for the steps that follow. Never put it into a URL."`
	Status        string             `json:"status" enum:"complete,challenge,enroll,denied" doc:"What to do: let in, verify, enrol, refuse."`
	Reason        string             `json:"reason" doc:"Why; stable."`
	Rule          string             `json:"rule" doc:"The rule that decided, so that support can explain any login."`
	PolicyVersion int64              `json:"policy_version" doc:"The version of the policy that it was judged by."`
	Until         *time.Time         `json:"until,omitempty" doc:"When the lock, the exemption or the grace ends."`
	Next          *loginNext         `json:"next,omitempty" doc:"What comes next; absent where there is nothing to do."`
	Assertion     string             `json:"assertion,omitempty" doc:"A JWT (ES256): only this proves a second factor. Verify it with the keys at /.well-known/jwks.json."`
	AssertedUntil *time.Time         `json:"assertion_expires_at,omitempty"`
	RecoveryCodes []string           `json:"recovery_codes,omitempty" doc:"The saved recovery codes, shown once, when an enrolment completes."`
	CodesLeft     *int               `json:"recovery_codes_left,omitempty" doc:"Saved recovery codes that are left."`
	CodesLow      bool               `json:"recovery_codes_low,omitzero" doc:"Three or fewer are left: advise the user to make new ones."`
	AppPasswords  []appPasswordGiven `json:"app_passwords,omitempty" doc:"One for each of the policy's services, when an enrolment completes: for programs that cannot ask for a second factor."`
	DeviceToken   string             `json:"device_token,omitempty" doc:"For the browser alone: put it into a cookie (HttpOnly, Secure) in the place of what was there, and send it with the user's next POST /v1/logins. Shown this once."`
	DeviceUntil   *time.Time         `json:"device_expires_at,omitempty" doc:"Until when the browser is trusted, if nothing ends it before."`
}

type loginNext struct {
	Do        string      `json:"do,omitempty" enum:"answer,enroll,prove,recovery_email,verify_recovery,choose_method,confirm" doc:"The step: answer = POST /v1/logins/answers; enroll = POST /v1/enrollments; the others = POST /v1/enrollments/answers."`
	Methods   []string    `json:"methods,omitempty" doc:"Methods to choose from, the default first. Codes of email and sms are ordered first: POST /v1/logins/codes."`
	WaysBack  []string    `json:"ways_back,omitempty" doc:"Ways in without the authenticator. Besides these bypass_code is always one: whoever has such a code got it from an administrator."`
	SentTo    string      `json:"sent_to,omitempty" doc:"Where a code was sent, masked."`
	Order     string      `json:"order,omitempty" doc:"Names the order of that code: what became of it is at GET …/users/{user}/orders/{order}."`
	Proof     string      `json:"proof,omitempty" enum:"login_email,ticket" doc:"Of the step prove: a code to the login address, or a ticket that an administrator gave the user."`
	ExpiresAt *time.Time  `json:"expires_at,omitempty" doc:"When the code, or the enrolment, expires."`
	ResendAt  *time.Time  `json:"resend_at,omitempty" doc:"The earliest time for another code."`
	Setup     *setupShown `json:"setup,omitempty"`
	URL       string      `json:"url,omitempty" doc:"The hosted prompt, where return_to was given: send the browser there (303). It lets nobody in, and is good for this login only; still, do not log it."`

	RememberDays int `json:"remember_days,omitzero" doc:"For so many days the browser can be trusted: ask the user, and send remember with the answer."`
}

type setupShown struct {
	Secret string `json:"secret" doc:"The secret to type in, base32."`
	URI    string `json:"uri" doc:"The key URI (otpauth://)."`
	QR     []byte `json:"qr_png" doc:"The same as a QR code: a PNG in base64."`
}

type appPasswordGiven struct {
	ID       string `json:"id"`
	Service  string `json:"service"`
	Password string `json:"password" doc:"In groups, for reading; case, spaces and dashes do not matter."`
}

// fewCodes is when people are to be warned.
const fewCodes = user.FewCodes

type loginOutput struct{ Body loginAnswer }

func showLogin(a login.Answer) *loginOutput { return &loginOutput{Body: showAnswer(a)} }

func showAnswer(a login.Answer) loginAnswer {
	d := a.Decision
	shown := loginAnswer{
		Login: a.Token, Status: string(d.Status), Reason: string(d.Reason), Rule: string(d.Rule),
		PolicyVersion: d.PolicyVersion, Until: moment(d.Until), Next: showNext(a.Next),
		Assertion: a.Assertion, AssertedUntil: moment(a.AssertedUntil), RecoveryCodes: a.RecoveryCodes,
		DeviceToken: a.Device.Text, DeviceUntil: moment(a.Device.Until),
	}
	for _, p := range a.AppPasswords {
		shown.AppPasswords = append(shown.AppPasswords, appPasswordGiven(p))
	}
	if a.Assertion != "" {
		shown.CodesLeft, shown.CodesLow = &a.CodesLeft, a.CodesLeft <= fewCodes
	}
	return shown
}

// prompt adds where the hosted prompt of an answer is.
func (a *loginAnswer) prompt(n login.Next, address string) {
	if n.Entry == "" {
		return
	}
	if a.Next == nil {
		a.Next = &loginNext{}
	}
	a.Next.URL = address + promptPath + n.Entry
}

// promptPath is where the function prompt takes an entry.
const promptPath = "/prompt?login="

func showNext(n login.Next) *loginNext {
	if n.Do == login.DoNothing && len(n.WaysBack) == 0 {
		return nil
	}
	shown := &loginNext{
		Do: string(n.Do), Methods: names(n.Methods), WaysBack: names(n.WaysBack), SentTo: n.SentTo, Order: n.Order, Proof: string(n.Proof),
		ExpiresAt: moment(n.ExpiresAt), ResendAt: moment(n.ResendAt),
		RememberDays: n.RememberDays,
	}
	shown.Setup = showSetup(n.Setup)
	return shown
}

func showSetup(s *login.Setup) *setupShown {
	if s == nil {
		return nil
	}
	return &setupShown{Secret: s.Secret, URI: s.URI, QR: s.QR}
}

// attached turns what a fault carries for the caller into its shape on the wire.
func attached(err error) error {
	var known *fault.Error
	if !errors.As(err, &known) {
		return err
	}
	if carried, ok := known.Attached.(login.Answer); ok {
		return known.With(showAnswer(carried))
	}
	return err
}

// each shows all of a list: of none, an empty one.
func each[T, S any](all []T, show func(T) S) []S {
	out := make([]S, len(all))
	for i, one := range all {
		out[i] = show(one)
	}
	return out
}

func names[T ~string](all []T) []string { return each(all, func(one T) string { return string(one) }) }

func methodsOf(words []string) []org.Method {
	return each(words, func(w string) org.Method { return org.Method(w) })
}

// moment shows a time in UTC, to the second; the zero time not at all.
func moment(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	utc := t.UTC().Truncate(time.Second)
	return &utc
}
