package httpapi

import (
	"cmp"
	"context"
	"net/http"
	"time"

	"twofold/pkg/access"
	"twofold/pkg/enroll"
	"twofold/pkg/org"
	"twofold/pkg/user"
)

// freshProof is a code that an enrolled user gives anew for one change.
type freshProof struct {
	Method string `json:"method,omitempty" enum:"totp,email,sms" default:"totp" doc:"Codes of email and sms are ordered before: POST …/proofs, with what they are for."`
	Code   string `json:"code" minLength:"1" maxLength:"64" doc:"As the user typed it. It is used up by this change. A way back is no proof."`
}

func (p freshProof) request(of enroll.Subject, key IdempotencyKey) enroll.Request {
	return enroll.Request{
		Of: of, Proof: enroll.Proof{Method: org.Method(cmp.Or(p.Method, string(org.TOTP))), Code: p.Code}, IdempotencyKey: string(key),
	}
}

// proofProblems are the codes of whatever needs a fresh proof.
var proofProblems = []string{"not_enrolled", "code_refused", "code_malformed", "conflict"}

type proofInput struct {
	SubjectPath
	Body struct {
		For           string  `json:"for" enum:"add_authenticator,remove_authenticator,renew_recovery_codes,change_recovery_email,app_passwords,disable" doc:"What the code will prove: it serves nothing else."`
		Method        string  `json:"method" enum:"email,sms"`
		Authenticator string  `json:"authenticator,omitempty" maxLength:"32" doc:"The id of one of the user's authenticators of the method; the first where absent."`
		Browser       browser `json:"browser,omitzero"`
	}
}

type sentShown struct {
	Order     string     `json:"order,omitempty" doc:"Names the order: what became of it is at …/orders/{order}."`
	SentTo    string     `json:"sent_to,omitempty" doc:"Where the code went, masked."`
	ExpiresAt *time.Time `json:"expires_at,omitempty" doc:"Until when the code is good."`
	ResendAt  *time.Time `json:"resend_at,omitempty" doc:"The earliest time for another code."`
}

type sentOutput struct{ Body sentShown }

func showSent(s enroll.Sent) sentShown {
	return sentShown{Order: s.Order, SentTo: s.To, ExpiresAt: moment(s.ExpiresAt), ResendAt: moment(s.ResendAt)}
}

func registerProofs(api *API, s *enroll.Service) {
	Register(api, Operation{
		ID: "order-proof", Method: http.MethodPost, Path: "/v1/organizations/{organization}/users/{user}/proofs", Rule: enroll.Rule(),
		Summary:     "Order a code for a fresh proof",
		Description: "For a user whose authenticator is no app: the code goes to the authenticator's address, and is given as `proof` with the change that it was ordered for. Repeating it within a minute sends nothing again and answers the same. While the user is locked or suspended after failed attempts it is 422 `code_refused` without a `field`; a login says until when.",
		Problems:    []string{"not_enrolled", "method_unknown", "email_undeliverable", "not_available", "country_not_allowed", "code_refused", "too_soon", "conflict"},
	}, func(ctx context.Context, c access.Caller, in *proofInput) (*sentOutput, error) {
		of, err := in.about(&c, in.Body.Browser)
		if err != nil {
			return nil, err
		}
		sent, err := s.OrderProof(ctx, c, of, user.Act(in.Body.For), org.Method(in.Body.Method), in.Body.Authenticator)
		return &sentOutput{Body: showSent(sent)}, err
	})
}
