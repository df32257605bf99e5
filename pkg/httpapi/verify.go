package httpapi

import (
	"context"
	"net/http"
	"net/netip"

	"twofold/pkg/access"
	"twofold/pkg/fault"
	"twofold/pkg/org"
	"twofold/pkg/user"
	"twofold/pkg/verify"
)

// browser is what the application says of the browser in front of it. It is recorded as
// claimed, beside the address that we see ourselves, and decides nothing.
type browser struct {
	Address string `json:"address,omitempty" maxLength:"45" doc:"The browser's IP address."`
	Agent   string `json:"agent,omitempty" maxLength:"512" doc:"The browser's User-Agent."`
}

type beginInput struct {
	Body struct {
		Organization string  `json:"organization" pattern:"^[A-Za-z0-9][A-Za-z0-9._-]{0,47}$" doc:"The organisation's id."`
		User         string  `json:"user" minLength:"1" maxLength:"128" doc:"Your own id of the user: opaque, at most 128 bytes."`
		Email        string  `json:"email" minLength:"3" maxLength:"254" doc:"The user's login address; registers a user never seen, and is ignored afterwards."`
		Language     string  `json:"language,omitempty" maxLength:"35" pattern:"^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$" doc:"The language of the user's mail, as a tag of BCP 47; kept when this registers a user, and ignored afterwards: put-user changes it."`
		Nonce        string  `json:"nonce" minLength:"8" maxLength:"128" pattern:"^[!-~]+$" doc:"Yours; comes back in the assertion. Make a new one for each login."`
		Service      string  `json:"service,omitempty" pattern:"^[a-z0-9-]{1,32}$" doc:"web (default), or what else the password was typed into: imap, smtp, …"`
		DeviceToken  string  `json:"device_token,omitempty" maxLength:"256" doc:"What the browser has kept of device_token, if anything. What is no trusted device of this user here is as if it were absent."`
		ReturnTo     string  `json:"return_to,omitempty" maxLength:"512" doc:"For the hosted prompt: one of the application's return addresses, byte for byte. The answer then has next.url, wherever there is something to ask or to explain."`
		State        string  `json:"state,omitempty" maxLength:"256" pattern:"^[!-~]+$" doc:"Yours; comes back with the browser, as state in the query of return_to."`
		Browser      browser `json:"browser,omitzero"`
	}
}

type exchangeInput struct {
	Key  IdempotencyKey `header:"Idempotency-Key"`
	Body struct {
		Code  string `json:"code" minLength:"1" maxLength:"4096" doc:"As it came back with the browser."`
		Nonce string `json:"nonce" minLength:"8" maxLength:"128" pattern:"^[!-~]+$" doc:"The nonce of the login that this very browser began: take it from its session, never from the URL."`
	}
}

type orderInput struct {
	Body struct {
		Login         string  `json:"login" minLength:"1" maxLength:"4096"`
		Method        string  `json:"method" minLength:"1" maxLength:"32" doc:"email or sms; or recovery_email, the way back: a one-time code to the recovery email. Codes of totp, recovery_code and bypass_code are not ordered: the user has them."`
		Authenticator string  `json:"authenticator,omitempty" maxLength:"32" doc:"The id of one of the user's authenticators of the method; the first where absent."`
		Browser       browser `json:"browser,omitzero"`
	}
}

type answerInput struct {
	Key  IdempotencyKey `header:"Idempotency-Key"`
	Body struct {
		Login    string          `json:"login" minLength:"1" maxLength:"4096"`
		Method   string          `json:"method,omitempty" maxLength:"32" doc:"totp (default), email, sms, or a way back: recovery_email, recovery_code, bypass_code."`
		Code     string          `json:"code" minLength:"1" maxLength:"64" doc:"As the user typed it; spaces and dashes do not matter."`
		Remember *rememberWanted `json:"remember,omitempty" doc:"Trust this browser. Where the answer has no device_token it is not trusted: the policy does not remember, or the code was a way back."`
		Browser  browser         `json:"browser,omitzero"`
	}
}

type jwksOutput struct {
	CacheControl string `header:"Cache-Control"`
	Body         struct {
		Keys []jwk `json:"keys"`
	}
}

type jwk struct {
	Kty string `json:"kty"`
	Crv string `json:"crv"`
	X   string `json:"x"`
	Y   string `json:"y"`
	Kid string `json:"kid"`
	Use string `json:"use"`
	Alg string `json:"alg"`
}

var (
	errUserID  = fault.New(fault.Unprocessable, codeInvalidField, "A user id has 1 to 128 bytes of UTF-8, without control characters and U+FFFD.").At("user")
	errEmail   = fault.New(fault.Unprocessable, "invalid_email", "This is not one bare email address.").At("email")
	errBrowser = fault.New(fault.Unprocessable, codeInvalidField, "An IP address is expected here.").At("browser.address")
)

// Verify is the API of the function verify.
func Verify(s *verify.Service, publicKeys []byte, o Options) (*API, error) {
	api := New("verify", o)
	keys, err := readJWKS(publicKeys)
	if err != nil {
		return nil, err
	}
	registerBegin(api, s)
	registerAnswers(api, s)
	registerExchange(api, s)
	registerCheck(api, s)
	Register(api, Operation{
		ID: "get-keys", Method: http.MethodGet, Path: "/.well-known/jwks.json", Public: true,
		Summary: "The keys that assertions are verified with",
	}, func(context.Context, access.Caller, *struct{}) (*jwksOutput, error) {
		out := &jwksOutput{CacheControl: "public, max-age=300"}
		out.Body.Keys = keys
		return out, nil
	})
	return api, nil
}

func registerBegin(api *API, s *verify.Service) {
	Register(api, Operation{
		ID: "begin-login", Method: http.MethodPost, Path: "/v1/logins", Rule: verify.Rule(),
		Summary:     "Let in, enrol, verify or refuse?",
		Description: "Ask when the user has just typed the right password. Do what `next` says until the status is complete or denied. From a trusted device the answer is complete, with the assertion; once a day it carries another `device_token`, and the one before is good for a minute more.",
		Problems:    []string{"invalid_email", "user_deleted", "conflict", "return_address_unknown", "state_without_return"},
	}, func(ctx context.Context, c access.Caller, in *beginInput) (*loginOutput, error) {
		b := in.Body
		address, ok := user.Address(b.Email)
		switch {
		case !ValidID(b.User):
			return nil, errUserID
		case !ok:
			return nil, errEmail
		}
		if err := b.Browser.claim(&c); err != nil {
			return nil, err
		}
		a, err := s.Begin(ctx, c, verify.Begin{
			Organization: b.Organization, User: b.User, Email: address, Language: b.Language, Nonce: b.Nonce, Service: b.Service,
			DeviceToken: b.DeviceToken, ReturnTo: b.ReturnTo, State: b.State,
		})
		out := showLogin(a)
		out.Body.prompt(a.Next, exchangeOf(ctx).address)
		return out, attached(err)
	})
}

func registerExchange(api *API, s *verify.Service) {
	Register(api, Operation{
		ID: "exchange-return-code", Method: http.MethodPost, Path: "/v1/logins/exchanges", Rule: verify.Rule(),
		Summary:     "What the hosted prompt has proven",
		Description: "Once, within a minute. The answer is that of a login that is complete; without an assertion nothing was proven, as where the user put an enrolment off. Send an `Idempotency-Key`: a retry after a lost reply then gets the same claims.",
		Problems:    []string{"return_code_refused", "login_ended", "conflict"},
	}, func(ctx context.Context, c access.Caller, in *exchangeInput) (*loginOutput, error) {
		a, err := s.Exchange(ctx, c, verify.Exchange{Code: in.Body.Code, Nonce: in.Body.Nonce, IdempotencyKey: string(in.Key)})
		return showLogin(a), err
	})
}

func registerAnswers(api *API, s *verify.Service) {
	codes := []string{"login_invalid", "login_ended", "decision_changed", "way_not_open", "code_refused", "method_unknown", "method_not_enrolled", "email_undeliverable", "conflict"}
	Register(api, Operation{
		ID: "order-login-code", Method: http.MethodPost, Path: "/v1/logins/codes", Rule: verify.Rule(),
		Summary:     "Order a code",
		Description: "Repeating it within a minute sends nothing again and answers the same. While the user is locked or suspended after failed attempts it is 422 `code_refused` without a `field`; a login says until when.",
		Problems:    append([]string{"too_soon", "method_not_ordered", "authenticator_unknown", "not_available", "country_not_allowed"}, codes...),
	}, func(ctx context.Context, c access.Caller, in *orderInput) (*loginOutput, error) {
		if err := in.Body.Browser.claim(&c); err != nil {
			return nil, err
		}
		a, err := s.Order(ctx, c, in.Body.Login, in.Body.Method, in.Body.Authenticator)
		return showLogin(a), attached(err)
	})
	Register(api, Operation{
		ID: "answer-login", Method: http.MethodPost, Path: "/v1/logins/answers", Rule: verify.Rule(),
		Summary:     "Answer with a code",
		Description: "A right code gives the assertion. Send an `Idempotency-Key`: a retry after a lost reply then gets the same claims, and the same device. Wrong, used and locked are one refusal, `code_refused`.",
		Problems:    append([]string{"code_malformed"}, codes...),
	}, func(ctx context.Context, c access.Caller, in *answerInput) (*loginOutput, error) {
		b := in.Body
		if b.Method == "" {
			b.Method = string(org.TOTP)
		}
		if err := b.Browser.claim(&c); err != nil {
			return nil, err
		}
		remember, err := b.Remember.wanted()
		if err != nil {
			return nil, err
		}
		a, err := s.Answer(ctx, c, verify.Answer{
			Login: b.Login, Way: b.Method, Code: b.Code, IdempotencyKey: string(in.Key), Remember: remember,
		})
		return showLogin(a), attached(err)
	})
}

// claim notes what the application says of the browser.
func (b browser) claim(c *access.Caller) error {
	if b.Address != "" {
		address, err := netip.ParseAddr(b.Address)
		if err != nil || address.Zone() != "" {
			return errBrowser
		}
		c.Claimed = address.String()
	}
	c.Agent = b.Agent
	return nil
}
