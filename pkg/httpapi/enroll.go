package httpapi

import (
	"context"
	"net/http"
	"time"

	"twofold/pkg/access"
	"twofold/pkg/enroll"
	"twofold/pkg/fault"
	"twofold/pkg/login"
)

type enrollInput struct {
	Body struct {
		Login   string  `json:"login" minLength:"1" maxLength:"4096"`
		Resend  bool    `json:"resend,omitempty" doc:"Send the code that is awaited once more."`
		Browser browser `json:"browser,omitzero"`
	}
}

type enrollAnswerInput struct {
	Key  IdempotencyKey `header:"Idempotency-Key"`
	Body struct {
		Login              string          `json:"login" minLength:"1" maxLength:"4096"`
		Code               string          `json:"code,omitempty" maxLength:"64"`
		RecoveryEmail      string          `json:"recovery_email,omitempty" maxLength:"254"`
		RecoveryEmailAgain string          `json:"recovery_email_again,omitempty" maxLength:"254" doc:"As typed a second time."`
		Method             string          `json:"method,omitempty" maxLength:"32" doc:"One of next.methods."`
		Phone              string          `json:"phone,omitempty" maxLength:"64" doc:"With the method sms: the number, in its international form, as the user typed it."`
		Remember           *rememberWanted `json:"remember,omitempty" doc:"Trust this browser; as in POST /v1/logins/answers. Taken by the answer that completes the enrolment, no other."`
		Browser            browser         `json:"browser,omitzero"`
	}
}

// SubjectPath is the part of a path that names a user.
type SubjectPath struct {
	Organization string `path:"organization" pattern:"^[A-Za-z0-9][A-Za-z0-9._-]{0,47}$"`
	User         string `path:"user" maxLength:"180" pattern:"^(~[A-Za-z0-9_-]+|[A-Za-z0-9._@+-]+)$" doc:"Your id of the user; one with characters outside [A-Za-z0-9._@+-] is written as ~ and its base64url."`
}

type resetInput struct {
	SubjectPath
	Body struct {
		Reason  string  `json:"reason" minLength:"3" maxLength:"500" doc:"Why; stands in the audit and in the mail to the user."`
		Clear   bool    `json:"clear_recovery_email,omitempty" doc:"The recovery email goes too: the user is asked for one at the next enrolment."`
		Browser browser `json:"browser,omitzero"`
	}
}

type disableInput struct {
	SubjectPath
	Key  IdempotencyKey `header:"Idempotency-Key"`
	Body struct {
		Proof   freshProof `json:"proof"`
		Browser browser    `json:"browser,omitzero"`
	}
}

type standing struct {
	Organization  string     `json:"organization"`
	User          string     `json:"user"`
	Enrolled      bool       `json:"enrolled"`
	Status        string     `json:"status" doc:"What the next login in a browser would be answered."`
	Reason        string     `json:"reason"`
	Rule          string     `json:"rule"`
	PolicyVersion int64      `json:"policy_version"`
	Until         *time.Time `json:"until,omitempty"`
}

type standingOutput struct{ Body standing }

var errReason = fault.New(fault.Unprocessable, codeInvalidField, "A reason is one line of text.").At("reason")

// Enroll is the API of the function enroll.
func Enroll(s *enroll.Service, o Options) *API {
	api := New("enroll", o)
	registerEnrollments(api, s)
	registerRemovals(api, s)
	registerDevices(api, s)
	registerProofs(api, s)
	registerAuthenticators(api, s)
	registerAuthenticator(api, s)
	registerRecovery(api, s)
	registerOverview(api, s)
	registerAccountPage(api, s)
	registerOrders(api, s)
	registerUsers(api, s)
	registerImport(api, s)
	registerAppPasswords(api, s)
	registerOptOut(api, s)
	return api
}

func registerEnrollments(api *API, s *enroll.Service) {
	codes := []string{"login_invalid", "login_ended", "already_enrolled", "enrollment_not_offered", "code_refused", "too_soon", "conflict"}
	Register(api, Operation{
		ID: "begin-enrollment", Method: http.MethodPost, Path: "/v1/enrollments", Rule: enroll.Rule(),
		Summary:     "Begin an enrolment, or see where it stands",
		Description: "Sends the first code, to the login address: the proof beyond the password.",
		Problems:    append([]string{"not_available", "country_not_allowed", "email_undeliverable"}, codes...),
	}, func(ctx context.Context, c access.Caller, in *enrollInput) (*loginOutput, error) {
		if err := in.Body.Browser.claim(&c); err != nil {
			return nil, err
		}
		begin := s.Begin
		if in.Body.Resend {
			begin = s.Resend
		}
		a, err := begin(ctx, c, in.Body.Login)
		return showLogin(a), attached(err)
	})
	Register(api, Operation{
		ID: "answer-enrollment", Method: http.MethodPost, Path: "/v1/enrollments/answers", Rule: enroll.Rule(),
		Summary:     "Take the next step of an enrolment",
		Description: "Answer with what `next.do` asks for. The answer that completes the enrolment carries the assertion, the recovery codes and an app password for each of the policy's services; with an `Idempotency-Key` a retry after a lost reply gets them again, and the same device.",
		Problems: append([]string{"email_undeliverable", "wrong_step", "code_malformed", "emails_differ", "invalid_email",
			"recovery_email_not_distinct", "method_not_allowed", "invalid_phone", "country_not_allowed"}, codes...),
	}, func(ctx context.Context, c access.Caller, in *enrollAnswerInput) (*loginOutput, error) {
		b := in.Body
		if err := in.oneThing(); err != nil {
			return nil, err
		}
		if err := b.Browser.claim(&c); err != nil {
			return nil, err
		}
		remember, err := b.Remember.wanted()
		if err != nil {
			return nil, err
		}
		a, err := s.Answer(ctx, c, enroll.Answer{
			Login: b.Login, Code: b.Code, RecoveryEmail: b.RecoveryEmail, RecoveryEmailAgain: b.RecoveryEmailAgain,
			Method: b.Method, Phone: b.Phone, IdempotencyKey: string(in.Key), Remember: remember,
		})
		return showLogin(a), attached(err)
	})
}

func registerRemovals(api *API, s *enroll.Service) {
	Register(api, Operation{
		ID: "reset-user", Method: http.MethodPost, Path: "/v1/organizations/{organization}/users/{user}/reset", Rule: enroll.ResetRule(),
		Summary:     "Take a user's second factor away",
		Description: "Authenticators, recovery codes, trusted devices, app passwords and logins under way die in one write. The recovery email stays; the user is told and enrols again at the next login. The eleventh user exempted or reset by you within an hour needs an allowance: 409 `step_up_required`.",
		Problems:    []string{"step_up_required", "conflict"},
	}, func(ctx context.Context, c access.Caller, in *resetInput) (*standingOutput, error) {
		of, err := in.subject()
		if err != nil {
			return nil, err
		}
		if !oneLine(in.Body.Reason) {
			return nil, errReason
		}
		if err := in.Body.Browser.claim(&c); err != nil {
			return nil, err
		}
		status, err := s.Reset(ctx, c, of, in.Body.Reason, in.Body.Clear)
		return showStanding(status), attached(err)
	})
	Register(api, Operation{
		ID: "disable-user", Method: http.MethodPost, Path: "/v1/organizations/{organization}/users/{user}/disable", Rule: enroll.Rule(),
		Summary:     "Switch a user's second factor off",
		Description: "For the user's own wish, with a fresh proof, and only where nothing obliges the user: otherwise 409 `two_factor_required` with the rule.",
		Problems:    []string{"two_factor_required", "not_enrolled", "code_refused", "code_malformed", "conflict"},
	}, func(ctx context.Context, c access.Caller, in *disableInput) (*standingOutput, error) {
		of, err := in.about(&c, in.Body.Browser)
		if err != nil {
			return nil, err
		}
		status, err := s.Disable(ctx, c, in.Body.Proof.request(of, in.Key))
		return showStanding(status), attached(err)
	})
}

func (in SubjectPath) subject() (enroll.Subject, error) {
	id, err := DecodeID(in.User)
	return enroll.Subject{Organization: in.Organization, User: id}, err
}

// about is subject, and notes in the caller what the application says of the browser.
func (in SubjectPath) about(c *access.Caller, b browser) (enroll.Subject, error) {
	of, err := in.subject()
	if err != nil {
		return of, err
	}
	return of, b.claim(c)
}

func showStanding(s enroll.Status) *standingOutput {
	a := showAnswer(login.Answer{Decision: s.Decision})
	return &standingOutput{Body: standing{
		Organization: s.Organization, User: s.User, Enrolled: s.Enrolled, Status: a.Status, Reason: a.Reason,
		Rule: a.Rule, PolicyVersion: a.PolicyVersion, Until: a.Until,
	}}
}
