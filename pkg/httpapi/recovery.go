package httpapi

import (
	"context"
	"net/http"
	"time"

	"twofold/pkg/access"
	"twofold/pkg/enroll"
)

type renewInput struct {
	SubjectPath
	Key  IdempotencyKey `header:"Idempotency-Key"`
	Body struct {
		Proof   freshProof `json:"proof"`
		Browser browser    `json:"browser,omitzero"`
	}
}

type codesOutput struct {
	Body struct {
		RecoveryCodes []string `json:"recovery_codes,omitempty" doc:"Shown this once. Absent where the policy has them mailed to the recovery email."`
	}
}

type moveInput struct {
	SubjectPath
	Key  IdempotencyKey `header:"Idempotency-Key"`
	Body struct {
		RecoveryEmail      string     `json:"recovery_email" minLength:"3" maxLength:"254"`
		RecoveryEmailAgain string     `json:"recovery_email_again" minLength:"3" maxLength:"254" doc:"As typed a second time."`
		Proof              freshProof `json:"proof"`
		Browser            browser    `json:"browser,omitzero"`
	}
}

type confirmRecoveryInput struct {
	SubjectPath
	Key  IdempotencyKey `header:"Idempotency-Key"`
	Body struct {
		Code    string  `json:"code" minLength:"1" maxLength:"64" doc:"From the mail to the new address."`
		Browser browser `json:"browser,omitzero"`
	}
}

type recoveryEmailShown struct {
	Address string     `json:"address,omitempty" doc:"Masked: the one that holds now; absent where there is none."`
	Next    string     `json:"next,omitempty" doc:"Masked: the one that takes its place."`
	NextAt  *time.Time `json:"next_at,omitempty" doc:"When."`
}

type recoveryEmailOutput struct{ Body recoveryEmailShown }

func showRecoveryEmail(r enroll.RecoveryEmail) recoveryEmailShown {
	return recoveryEmailShown{Address: r.Address, Next: r.Next, NextAt: moment(r.NextAt)}
}

type bypassInput struct {
	SubjectPath
	Body struct {
		Reason  string  `json:"reason" minLength:"3" maxLength:"500" doc:"Why; stands in the audit and in the mail to the user."`
		Minutes int     `json:"minutes,omitempty" minimum:"5" maximum:"1440" default:"60" doc:"For how long the code is good: at most a day."`
		Browser browser `json:"browser,omitzero"`
	}
}

type ticketInput struct {
	SubjectPath
	Body struct {
		Reason  string  `json:"reason" minLength:"3" maxLength:"500" doc:"Why; stands in the audit and in the mail to the user."`
		Minutes int     `json:"minutes,omitempty" minimum:"5" maximum:"10080" default:"1440" doc:"For how long the ticket is good: at most a week."`
		Browser browser `json:"browser,omitzero"`
	}
}

type ticketOutput struct {
	Body struct {
		Ticket    string    `json:"ticket" doc:"For the user, shown this once: the code that the step prove is answered with."`
		ExpiresAt time.Time `json:"expires_at"`
	}
}

type bypassOutput struct {
	Body struct {
		Code      string    `json:"bypass_code" doc:"For the user, shown this once; answered with at POST /v1/logins/answers, method bypass_code."`
		ExpiresAt time.Time `json:"expires_at"`
	}
}

func registerRecovery(api *API, s *enroll.Service) {
	Register(api, Operation{
		ID: "renew-recovery-codes", Method: http.MethodPost, Path: "/v1/organizations/{organization}/users/{user}/recovery-codes", Rule: enroll.Rule(),
		Summary:     "Make new saved recovery codes",
		Description: "Needs a fresh proof. All codes of before are void. With an `Idempotency-Key` a retry after a lost reply gets the same ones.",
		Problems:    append([]string{"way_not_open", "recovery_email_missing"}, proofProblems...),
	}, func(ctx context.Context, c access.Caller, in *renewInput) (*codesOutput, error) {
		of, err := in.about(&c, in.Body.Browser)
		if err != nil {
			return nil, err
		}
		out := &codesOutput{}
		out.Body.RecoveryCodes, err = s.RenewCodes(ctx, c, in.Body.Proof.request(of, in.Key))
		return out, err
	})
	registerRecoveryEmail(api, s)
	registerBypass(api, s)
	registerTicket(api, s)
}

func registerRecoveryEmail(api *API, s *enroll.Service) {
	const path = "/v1/organizations/{organization}/users/{user}/recovery-email"
	Register(api, Operation{
		ID: "change-recovery-email", Method: http.MethodPost, Path: path, Rule: enroll.Rule(),
		Summary:     "Begin to change the recovery email",
		Description: "Needs a fresh proof. A code goes to the new address; nothing changes before it comes back: POST …/confirmations/recovery-email. While another address waits, confirming the one that holds calls that off.",
		Problems:    append([]string{"recovery_email_unchanged", "email_undeliverable", "emails_differ", "invalid_email", "recovery_email_not_distinct", "too_soon", "nothing_to_confirm"}, proofProblems...),
	}, func(ctx context.Context, c access.Caller, in *moveInput) (*sentOutput, error) {
		of, err := in.about(&c, in.Body.Browser)
		if err != nil {
			return nil, err
		}
		sent, err := s.MoveRecovery(ctx, c, in.Body.Proof.request(of, in.Key), in.Body.RecoveryEmail, in.Body.RecoveryEmailAgain)
		return &sentOutput{Body: showSent(sent)}, err
	})
	Register(api, Operation{
		ID: "confirm-recovery-email", Method: http.MethodPost, Path: confirmationsPath + "/recovery-email", Rule: enroll.Rule(),
		Summary:     "Confirm the new recovery email with the code that went there",
		Description: "The old and the new address are told. The new one holds after the policy's delay: until then codes go to the old one.",
		Problems:    []string{"nothing_to_confirm", "code_refused", "code_malformed", "conflict"},
	}, func(ctx context.Context, c access.Caller, in *confirmRecoveryInput) (*recoveryEmailOutput, error) {
		of, err := in.about(&c, in.Body.Browser)
		if err != nil {
			return nil, err
		}
		r, err := s.ConfirmRecovery(ctx, c, enroll.Confirmation{Of: of, Code: in.Body.Code, IdempotencyKey: string(in.Key)})
		return &recoveryEmailOutput{Body: showRecoveryEmail(r)}, err
	})
	registerResend(api, s)
}

type resendInput struct {
	SubjectPath
	Body struct {
		Browser browser `json:"browser,omitzero"`
	}
}

func registerResend(api *API, s *enroll.Service) {
	Register(api, Operation{
		ID: "resend-confirmation", Method: http.MethodPost, Path: confirmationsPath + "/codes", Rule: enroll.Rule(),
		Summary:     "Send the code once more that confirms a new authenticator or recovery email",
		Description: "Repeating it within a minute sends nothing again and answers the same.",
		Problems:    []string{"nothing_to_confirm", "not_available", "country_not_allowed", "code_refused", "too_soon", "conflict"},
	}, func(ctx context.Context, c access.Caller, in *resendInput) (*sentOutput, error) {
		of, err := in.about(&c, in.Body.Browser)
		if err != nil {
			return nil, err
		}
		sent, err := s.ResendConfirmation(ctx, c, of)
		return &sentOutput{Body: showSent(sent)}, err
	})
}

func registerBypass(api *API, s *enroll.Service) {
	Register(api, Operation{
		ID: "make-bypass-code", Method: http.MethodPost, Path: "/v1/organizations/{organization}/users/{user}/bypass-code", Rule: enroll.ResetRule(), Success: http.StatusCreated,
		Summary:     "Make a code by which a user gets in once without an authenticator",
		Description: "For whoever left the phone at home: once, for at most a day, with a reason. The code before is void, the user is told at every address, and the sign-in is marked as a recovery. It counts among the users that you free within an hour: the eleventh needs an allowance, 409 `step_up_required`.",
		Problems:    []string{"not_enrolled", "step_up_required", "conflict"},
	}, func(ctx context.Context, c access.Caller, in *bypassInput) (*bypassOutput, error) {
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
		b, err := s.MakeBypass(ctx, c, of, in.Body.Reason, minutes(in.Body.Minutes, time.Hour))
		out := &bypassOutput{}
		out.Body.Code, out.Body.ExpiresAt = b.Code, b.ExpiresAt.UTC().Truncate(time.Second)
		return out, attached(err)
	})
}

// minutes is for how long a code is wanted; where nothing is said, otherwise.
func minutes(wanted int, otherwise time.Duration) time.Duration {
	if wanted == 0 {
		return otherwise
	}
	return time.Duration(wanted) * time.Minute
}

func registerTicket(api *API, s *enroll.Service) {
	Register(api, Operation{
		ID: "make-ticket", Method: http.MethodPost, Path: "/v1/organizations/{organization}/users/{user}/ticket", Rule: enroll.ResetRule(), Success: http.StatusCreated,
		Summary:     "Make the ticket that a user's enrolment begins with",
		Description: "Where the policy's enrollment_proof is `ticket`: once, for at most a week, with a reason. The ticket before is void, and the user is told.",
		Problems:    []string{"already_enrolled", "tickets_not_asked_for", "conflict"},
	}, func(ctx context.Context, c access.Caller, in *ticketInput) (*ticketOutput, error) {
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
		g, err := s.MakeTicket(ctx, c, of, in.Body.Reason, minutes(in.Body.Minutes, 24*time.Hour))
		out := &ticketOutput{}
		out.Body.Ticket, out.Body.ExpiresAt = g.Code, g.ExpiresAt.UTC().Truncate(time.Second)
		return out, err
	})
}
