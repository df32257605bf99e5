package story

import (
	"context"
	"net/http"
	"slices"
	"strings"
)

// answer answers the challenge of the login under way.
func (s *Story) answer(ctx context.Context, body fields, status int) (fields, error) {
	body["login"] = s.login
	body["browser"] = fields{"address": browserIP}
	s.counter++
	return s.call(ctx, s.appKey, http.MethodPost, "/v1/logins/answers", body, status, "Idempotency-Key", s.nonce+"-"+body.text("method"))
}

func (s *Story) challenged(ctx context.Context) error {
	answer, err := s.begin(ctx, userID, s.email)
	return all(err, want("status", answer.at("status"), "challenge"), want("methods", answer.at("next", "methods"), "[totp]"))
}

func (s *Story) signIn(ctx context.Context) error {
	if err := s.challenged(ctx); err != nil {
		return err
	}
	code := s.phone.code(s.Now())
	answer, err := s.answer(ctx, fields{"method": "totp", "code": code}, http.StatusOK)
	if err := all(err, want("status", answer.at("status"), "complete")); err != nil {
		return err
	}
	claims, err := s.believe(ctx, answer.text("assertion"))
	if err := all(err, want("amr", claims["amr"], "[otp]"), want("policy_version", claims["policy_version"], 2)); err != nil {
		return err
	}
	// A lost reply: the same request with the same key gets the same claims.
	repeated, err := s.answer(ctx, fields{"method": "totp", "code": code}, http.StatusOK)
	if err != nil {
		return err
	}
	again, err := s.believe(ctx, repeated.text("assertion"))
	return all(err, want("jti of the repetition", again["jti"], claims["jti"]))
}

func (s *Story) replay(ctx context.Context) error {
	if err := s.challenged(ctx); err != nil {
		return err
	}
	used := totp(s.phone.secret, s.phone.last)
	refused, err := s.answer(ctx, fields{"method": "totp", "code": used}, http.StatusUnprocessableEntity)
	return all(err, want("code", refused.at("code"), "code_refused"))
}

func (s *Story) switchOff(ctx context.Context) error {
	body := fields{"proof": fields{"code": totp(s.phone.secret, s.phone.last+1)}}
	refused, err := s.call(ctx, s.appKey, http.MethodPost, s.path("/users/"+userID+"/disable"), body, http.StatusConflict)
	return all(err, want("code", refused.at("code"), "two_factor_required"), want("rule", refused.at("decision", "rule"), "enrolled_method_allowed"))
}

func (s *Story) recover(ctx context.Context) error {
	if err := s.challenged(ctx); err != nil {
		return err
	}
	order := fields{"login": s.login, "method": "recovery_email"}
	if _, err := s.call(ctx, s.appKey, http.MethodPost, "/v1/logins/codes", order, http.StatusOK); err != nil {
		return err
	}
	code, err := s.mailedCode(ctx, s.recovery, "Your recovery code")
	if err != nil {
		return err
	}
	answer, err := s.answer(ctx, fields{"method": "recovery_email", "code": code}, http.StatusOK)
	if err := all(err, want("status", answer.at("status"), "complete")); err != nil {
		return err
	}
	claims, err := s.believe(ctx, answer.text("assertion"))
	if err := all(err, want("amr", claims["amr"], "[otp recovery]"), want("recovery", claims["recovery"], "recovery_email")); err != nil {
		return err
	}
	return s.told(ctx, "A recovery code was used")
}

// told waits until the user has heard of something at both addresses.
func (s *Story) told(ctx context.Context, subject string) error {
	for _, to := range []string{s.email, s.recovery} {
		if err := s.toldAt(ctx, to, subject); err != nil {
			return err
		}
	}
	return nil
}

// toldAt waits for a mail to an address whose subject begins so.
func (s *Story) toldAt(ctx context.Context, to, subject string) error {
	_, err := eventually(ctx, "a notice to "+to, func() (bool, bool, error) {
		messages, err := s.Mail(ctx, to)
		found := slices.ContainsFunc(messages, func(m Message) bool { return strings.HasPrefix(m.Subject, subject) })
		return found, found, err
	})
	return err
}
