package story

import (
	"context"
	"fmt"
	"net/http"
	"strings"
)

// RunSMS tells how codes by SMS are granted, allowed, chosen and used. It is a story of its own.
func (s *Story) RunSMS(ctx context.Context) error {
	return s.tell(ctx, []chapter{
		{"The vendor creates an organisation that may send SMS to Germany", s.createTexting},
		{"Its administrator lets people choose SMS", s.allowSMS},
		{"Ana signs in, and is offered a second factor", s.offered},
		{"Ana proves that she reads the mail of her login address", s.proveLogin},
		{"Ana gives a recovery address, twice, and shows that she reads it", s.recoveryEmail},
		{"A number of a country that SMS do not go to is refused; her own gets a code, which she types", s.enrollByPhone},
		{"The vendor gives the organisation something of its own that SMS come from", s.theirOwn(0)},
		{"Next login: a code is ordered, comes by SMS, and the assertion says so", s.signInByPhone},
		{"The vendor gives it something else", s.theirOwn(1)},
		{"A code for a change comes from there", s.prove},
	})
}

func (s *Story) createTexting(ctx context.Context) error {
	if err := s.createOrganization(ctx); err != nil {
		return err
	}
	s.number = fmt.Sprintf("+49170%07d", s.Now().UnixNano()%10_000_000) // of its own, as the story's addresses are
	s.secret("number", s.number)
	s.secret("number within the country", s.number[3:])
	nowhere := fields{"name": "Acme", "entitlements": fields{"two_factor": true, "sms": true}}
	refused, err := s.call(ctx, s.SystemKey, http.MethodPut, s.path(""), nowhere, http.StatusUnprocessableEntity)
	if err := all(err, want("code", refused.at("code"), "sms_countries_missing")); err != nil {
		return err
	}
	body := fields{"name": "Acme", "entitlements": fields{"two_factor": true, "sms": true, "sms_countries": []string{"DE"}, "sms_per_day": 50}}
	_, err = s.call(ctx, s.SystemKey, http.MethodPut, s.path(""), body, http.StatusOK)
	return err
}

func (s *Story) allowSMS(ctx context.Context) error {
	proposal := fields{"policy": fields{"status": "enabled", "methods": []string{"totp", "sms"}}}
	proposed, err := s.call(ctx, s.adminKey, http.MethodPost, s.path("/policy/changes"), proposal, http.StatusCreated, "If-Match", `"1"`)
	if err != nil {
		return err
	}
	code, err := s.mailedCode(ctx, adminEmail, "Confirm a change of the policy")
	if err != nil {
		return err
	}
	_, err = s.call(ctx, s.adminKey, http.MethodPost, s.path("/policy/changes/"+proposed.text("id")+"/confirm"), fields{"code": code}, http.StatusOK)
	return err
}

func (s *Story) offered(ctx context.Context) error {
	answer, err := s.begin(ctx, userID, s.email)
	return all(err, want("status", answer.at("status"), "complete"), want("reason", answer.at("reason"), "not_enrolled"))
}

func (s *Story) enrollByPhone(ctx context.Context) error {
	refused, err := s.step(ctx, fields{"method": "sms", "phone": "+33 6 12 34 56 78"}, http.StatusUnprocessableEntity)
	if err := all(err, want("code", refused.at("code"), "country_not_allowed"), want("field", refused.at("field"), "phone")); err != nil {
		return err
	}
	typed := s.number[:3] + " (" + s.number[3:6] + ") " + s.number[6:]
	answer, err := s.step(ctx, fields{"method": "sms", "phone": typed}, http.StatusOK)
	if err := all(err, want("next", answer.at("next", "do"), "confirm"), want("sent_to", answer.at("next", "sent_to"), "+49 ••• ••"+s.number[11:])); err != nil {
		return err
	}
	code, err := s.textedCode(ctx, "confirm this number")
	if err != nil {
		return err
	}
	answer, err = s.step(ctx, fields{"code": code}, http.StatusOK)
	if err := all(err, want("status", answer.at("status"), "complete")); err != nil {
		return err
	}
	claims, err := s.believe(ctx, answer.text("assertion"))
	return all(err, want("amr", claims["amr"], "[otp sms]"))
}

func (s *Story) signInByPhone(ctx context.Context) error {
	answer, err := s.begin(ctx, userID, s.email)
	if err := all(err, want("status", answer.at("status"), "challenge"), want("methods", answer.at("next", "methods"), "[sms]")); err != nil {
		return err
	}
	order := fields{"login": s.login, "method": "sms"}
	if _, err := s.call(ctx, s.appKey, http.MethodPost, "/v1/logins/codes", order, http.StatusOK); err != nil {
		return err
	}
	code, err := s.textedCode(ctx, "sign in")
	if err != nil {
		return err
	}
	answer, err = s.answer(ctx, fields{"method": "sms", "code": code}, http.StatusOK)
	if err := all(err, want("status", answer.at("status"), "complete")); err != nil {
		return err
	}
	claims, err := s.believe(ctx, answer.text("assertion"))
	return all(err, want("amr", claims["amr"], "[otp sms]"))
}

// theirOwn has the organisation's SMS come from one of the world's originations from now on.
func (s *Story) theirOwn(at int) func(context.Context) error {
	return func(ctx context.Context) error {
		granted := fields{"two_factor": true, "sms": true, "sms_countries": []string{"DE"}, "sms_per_day": 50, "sms_origination": s.Originations[at]}
		_, err := s.call(ctx, s.SystemKey, http.MethodPut, s.path(""), fields{"name": "Acme", "entitlements": granted}, http.StatusOK)
		return err
	}
}

// prove orders a code for a change.
func (s *Story) prove(ctx context.Context) error {
	order := fields{"for": "renew_recovery_codes", "method": "sms"}
	if _, err := s.call(ctx, s.appKey, http.MethodPost, s.path("/users/"+userID+"/proofs"), order, http.StatusOK); err != nil {
		return err
	}
	if _, err := s.textedCode(ctx, "get new recovery codes"); err != nil {
		return err
	}
	return s.cameFrom(ctx, stackDefault, s.Originations[0], s.Originations[1])
}

// stackDefault ends the ARN of what SMS come from where an organisation has nothing of its own.
const stackDefault = ":pool/local"

// cameFrom looks what the SMS to Ana's number came from, in their order.
func (s *Story) cameFrom(ctx context.Context, from ...string) error {
	messages, err := s.Mail(ctx, s.number)
	if err != nil || len(messages) != len(from) {
		return fmt.Errorf("%d SMS came, want %d: %w", len(messages), len(from), err)
	}
	for i, m := range messages {
		if !strings.HasSuffix(m.From, from[i]) {
			return fmt.Errorf("an SMS came from %s, want %s", m.From, from[i])
		}
	}
	return nil
}

// textedCode waits for an SMS to Ana's number that says what its code is for.
func (s *Story) textedCode(ctx context.Context, purpose string) (string, error) {
	code, err := eventually(ctx, "an SMS", func() (string, bool, error) {
		messages, err := s.Mail(ctx, s.number)
		for _, m := range messages {
			if code := eightDigits.FindString(m.Text); code != "" && strings.Contains(m.Text, purpose) && strings.HasPrefix(m.Text, "Acme: ") {
				return code, true, nil
			}
		}
		return "", false, err
	})
	if err == nil {
		s.secret("mailed code", code)
	}
	return code, err
}
