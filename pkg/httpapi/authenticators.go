package httpapi

import (
	"context"
	"net/http"
	"time"

	"twofold/pkg/access"
	"twofold/pkg/enroll"
	"twofold/pkg/fault"
	"twofold/pkg/org"
)

const authenticatorsPath = "/v1/organizations/{organization}/users/{user}/authenticators"

// confirmationsPath is where the first code of what a user is changing goes: beside what has ids of its own, so that no id is taken for it.
const confirmationsPath = "/v1/organizations/{organization}/users/{user}/confirmations"

type authenticatorShown struct {
	ID        string     `json:"id"`
	Method    string     `json:"method" enum:"totp,email,sms"`
	Name      string     `json:"name,omitempty"`
	Default   bool       `json:"default" doc:"The one that is offered first."`
	SentTo    string     `json:"sent_to,omitempty" doc:"Where its codes go, masked."`
	OptedOut  bool       `json:"opted_out,omitzero" doc:"Its number has opted out of SMS, and codes do not arrive until it has opted in again."`
	CreatedAt time.Time  `json:"created_at"`
	LastUsed  *time.Time `json:"last_used_at,omitempty" doc:"To the 30 seconds; absent: never."`
}

type authenticatorOutput struct{ Body authenticatorShown }

type authenticatorsOutput struct {
	Body struct {
		Authenticators []authenticatorShown `json:"authenticators" doc:"The default first."`
	}
}

type addInput struct {
	SubjectPath
	Key  IdempotencyKey `header:"Idempotency-Key"`
	Body struct {
		Method  string     `json:"method" enum:"totp,email,sms"`
		Phone   string     `json:"phone,omitempty" maxLength:"64" doc:"With the method sms: the number, in its international form, as the user typed it."`
		Proof   freshProof `json:"proof"`
		Browser browser    `json:"browser,omitzero"`
	}
}

type pendingOutput struct {
	Body struct {
		Method    string      `json:"method" enum:"totp,email,sms"`
		Setup     *setupShown `json:"setup,omitempty" doc:"What an authenticator app needs."`
		Sent      *sentShown  `json:"sent,omitempty" doc:"Of a method whose codes are sent: where the first went."`
		ExpiresAt time.Time   `json:"expires_at" doc:"Until when the first code may be given."`
	}
}

type confirmAuthenticatorInput struct {
	SubjectPath
	Key  IdempotencyKey `header:"Idempotency-Key"`
	Body struct {
		Code    string  `json:"code" minLength:"1" maxLength:"64" doc:"The authenticator's first code, as the user typed it."`
		Name    string  `json:"name,omitempty" maxLength:"80" doc:"For the user, who will see it in a list: one line."`
		Browser browser `json:"browser,omitzero"`
	}
}

// AuthenticatorPath is the part of a path that names an authenticator of a user.
type AuthenticatorPath struct {
	SubjectPath
	Authenticator string `path:"authenticator" pattern:"^[0-9a-f]{16}$" doc:"The authenticator's id."`
}

type alterInput struct {
	AuthenticatorPath
	Body struct {
		Name    *string `json:"name,omitempty" maxLength:"80" doc:"One line; empty for none."`
		Default bool    `json:"default,omitempty" doc:"true: offer it first from now on."`
	}
}

type removeInput struct {
	AuthenticatorPath
	Key  IdempotencyKey `header:"Idempotency-Key"`
	Body struct {
		Proof   freshProof `json:"proof"`
		Browser browser    `json:"browser,omitzero"`
	}
}

var errAlteration = fault.New(fault.Unprocessable, codeMissingField, "Send a name or default, not both.").At("name")

func registerAuthenticators(api *API, s *enroll.Service) {
	Register(api, Operation{
		ID: "list-authenticators", Method: http.MethodGet, Path: authenticatorsPath, Rule: enroll.DevicesRule(),
		Summary: "A user's authenticators",
	}, func(ctx context.Context, c access.Caller, in *SubjectPath) (*authenticatorsOutput, error) {
		of, err := in.subject()
		if err != nil {
			return nil, err
		}
		all, err := s.Authenticators(ctx, c, of)
		out := &authenticatorsOutput{}
		out.Body.Authenticators = each(all, showAuthenticator)
		return out, err
	})
	Register(api, Operation{
		ID: "add-authenticator", Method: http.MethodPost, Path: authenticatorsPath, Rule: enroll.Rule(),
		Summary:     "Begin to add an authenticator",
		Description: "Needs a fresh proof. The authenticator counts for nothing until its first code was right: POST …/confirmations/authenticator. Beginning another change drops it.",
		Problems:    append([]string{"method_not_allowed", "method_enrolled", "recovery_email_missing", "too_many_authenticators", "invalid_phone", "country_not_allowed", "phone_enrolled", "too_many_phones", "too_soon", "nothing_to_confirm"}, proofProblems...),
	}, func(ctx context.Context, c access.Caller, in *addInput) (*pendingOutput, error) {
		of, err := in.about(&c, in.Body.Browser)
		if err != nil {
			return nil, err
		}
		if err := phoneOf(in.Body.Method, in.Body.Phone); err != nil {
			return nil, err
		}
		p, err := s.Add(ctx, c, in.Body.Proof.request(of, in.Key), org.Method(in.Body.Method), in.Body.Phone)
		return showPending(p), err
	})
	registerConfirmation(api, s)
}

func registerConfirmation(api *API, s *enroll.Service) {
	Register(api, Operation{
		ID: "confirm-authenticator", Method: http.MethodPost, Path: confirmationsPath + "/authenticator", Rule: enroll.Rule(),
		Summary:     "Confirm an authenticator with its first code",
		Description: "With an `Idempotency-Key` a retry after a lost reply is answered the same.",
		Problems:    []string{"nothing_to_confirm", "code_refused", "code_malformed", "conflict"},
	}, func(ctx context.Context, c access.Caller, in *confirmAuthenticatorInput) (*authenticatorOutput, error) {
		of, err := in.subject()
		if err != nil {
			return nil, err
		}
		if in.Body.Name != "" && !oneLine(in.Body.Name) {
			return nil, errName
		}
		if err := in.Body.Browser.claim(&c); err != nil {
			return nil, err
		}
		a, err := s.ConfirmAuthenticator(ctx, c, enroll.Confirmation{Of: of, Code: in.Body.Code, Name: in.Body.Name, IdempotencyKey: string(in.Key)})
		return &authenticatorOutput{Body: showAuthenticator(a)}, err
	})
}

func registerAuthenticator(api *API, s *enroll.Service) {
	const one = authenticatorsPath + "/{authenticator}"
	Register(api, Operation{
		ID: "alter-authenticator", Method: http.MethodPatch, Path: one, Rule: enroll.Rule(),
		Summary:  "Give an authenticator another name, or offer it first",
		Problems: []string{"conflict"},
	}, func(ctx context.Context, c access.Caller, in *alterInput) (*authenticatorOutput, error) {
		of, err := in.subject()
		switch {
		case err != nil:
			return nil, err
		case (in.Body.Name != nil) == in.Body.Default:
			return nil, errAlteration
		case in.Body.Default:
			a, err := s.Prefer(ctx, c, of, in.Authenticator)
			return &authenticatorOutput{Body: showAuthenticator(a)}, err
		case *in.Body.Name != "" && !oneLine(*in.Body.Name):
			return nil, errName
		}
		a, err := s.Rename(ctx, c, of, in.Authenticator, *in.Body.Name)
		return &authenticatorOutput{Body: showAuthenticator(a)}, err
	})
	Register(api, Operation{
		ID: "remove-authenticator", Method: http.MethodPost, Path: one + "/remove", Rule: enroll.Rule(),
		Summary:     "Remove an authenticator",
		Description: "Needs a fresh proof, and is refused for the last one. Browsers that were trusted are so no more.",
		Problems:    append([]string{"last_authenticator"}, proofProblems...),
	}, func(ctx context.Context, c access.Caller, in *removeInput) (*struct{}, error) {
		of, err := in.about(&c, in.Body.Browser)
		if err != nil {
			return nil, err
		}
		return nil, s.Remove(ctx, c, in.Body.Proof.request(of, in.Key), in.Authenticator)
	})
}

func showAuthenticator(a enroll.Authenticator) authenticatorShown {
	return authenticatorShown{
		ID: a.ID, Method: string(a.Method), Name: a.Name, Default: a.Default, SentTo: a.SentTo, OptedOut: a.OptedOut,
		CreatedAt: a.CreatedAt.UTC().Truncate(time.Second), LastUsed: moment(a.LastUsed),
	}
}

func showPending(p enroll.Pending) *pendingOutput {
	out := &pendingOutput{}
	out.Body.Method, out.Body.ExpiresAt, out.Body.Setup = string(p.Method), p.ExpiresAt.UTC().Truncate(time.Second), showSetup(p.Setup)
	if p.Sent.To != "" {
		sent := showSent(p.Sent)
		out.Body.Sent = &sent
	}
	return out
}
