package story

import (
	"context"
	"encoding/base64"
	"net/http"
)

func (s *Story) mustEnroll(ctx context.Context) error {
	answer, err := s.begin(ctx, userID, s.email)
	return all(err, want("status", answer.at("status"), "enroll"), want("reason", answer.at("reason"), "forced"),
		want("next", answer.at("next", "do"), "enroll"))
}

// step answers what the enrolment waits for.
func (s *Story) step(ctx context.Context, body fields, status int) (fields, error) {
	body["login"] = s.login
	body["browser"] = fields{"address": browserIP}
	return s.call(ctx, s.appKey, http.MethodPost, "/v1/enrollments/answers", body, status)
}

func (s *Story) proveLogin(ctx context.Context) error {
	answer, err := s.call(ctx, s.appKey, http.MethodPost, "/v1/enrollments", fields{"login": s.login}, http.StatusOK)
	if err := all(err, want("next", answer.at("next", "do"), "prove")); err != nil {
		return err
	}
	code, err := s.mailedCode(ctx, s.email, "Your code for")
	if err != nil {
		return err
	}
	answer, err = s.step(ctx, fields{"code": code}, http.StatusOK)
	return all(err, want("next", answer.at("next", "do"), "recovery_email"))
}

func (s *Story) recoveryEmail(ctx context.Context) error {
	mistyped := fields{"recovery_email": s.recovery, "recovery_email_again": "x" + s.recovery}
	refused, err := s.step(ctx, mistyped, http.StatusUnprocessableEntity)
	if err := all(err, want("code", refused.at("code"), "emails_differ")); err != nil {
		return err
	}
	answer, err := s.step(ctx, fields{"recovery_email": s.recovery, "recovery_email_again": s.recovery}, http.StatusOK)
	if err := all(err, want("next", answer.at("next", "do"), "verify_recovery")); err != nil {
		return err
	}
	code, err := s.mailedCode(ctx, s.recovery, "Your code for")
	if err != nil {
		return err
	}
	answer, err = s.step(ctx, fields{"code": code}, http.StatusOK)
	return all(err, want("next", answer.at("next", "do"), "choose_method"))
}

func (s *Story) enroll(ctx context.Context) error {
	answer, err := s.step(ctx, fields{"method": "totp"}, http.StatusOK)
	if err := all(err, want("next", answer.at("next", "do"), "confirm")); err != nil {
		return err
	}
	png, err := base64.StdEncoding.DecodeString(answer.text("next", "setup", "qr_png"))
	if err != nil {
		return err
	}
	uri := answer.text("next", "setup", "uri")
	if s.ReadQR != nil {
		uri, err = s.ReadQR(png)
	}
	if err := all(err, want("the QR code", uri, answer.at("next", "setup", "uri"))); err != nil {
		return err
	}
	if err := s.phone.scan(uri); err != nil {
		return err
	}
	s.secret("TOTP secret, base32", answer.text("next", "setup", "secret"))
	s.secret("TOTP secret, raw", string(s.phone.secret))
	code := s.phone.code(s.Now())
	answer, err = s.step(ctx, fields{"code": code}, http.StatusOK)
	if err := all(err, want("status", answer.at("status"), "complete")); err != nil {
		return err
	}
	codes, _ := answer.at("recovery_codes").([]any)
	for _, c := range codes {
		s.codes = append(s.codes, c.(string))
		s.secret("recovery code", c.(string))
	}
	claims, err := s.believe(ctx, answer.text("assertion"))
	return all(err, want("recovery codes", len(codes), 10), want("amr", claims["amr"], "[otp]"))
}
