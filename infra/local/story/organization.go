package story

import (
	"context"
	"fmt"
	"net/http"
	"regexp"
	"strings"
)

func (s *Story) path(rest string) string { return "/v1/organizations/" + s.Organization + rest }

func (s *Story) createOrganization(ctx context.Context) error {
	body := fields{
		"name": "Acme", "entitlements": fields{"two_factor": true},
		"administrator": fields{"id": adminID, "name": "Mallory", "email": adminEmail},
		"application":   fields{"id": applicationID, "name": "Web shop"},
	}
	made, err := s.call(ctx, s.SystemKey, http.MethodPut, s.path(""), body, http.StatusCreated)
	if err != nil {
		return err
	}
	keys, _ := made["keys"].([]any)
	for _, k := range keys {
		key := fields(k.(map[string]any))
		s.secret("key of "+key.text("holder"), key.text("key"))
		switch key.text("role") {
		case "org_admin":
			s.adminKey = key.text("key")
		case "application":
			s.appKey = key.text("key")
		}
	}
	again, err := s.call(ctx, s.SystemKey, http.MethodPut, s.path(""), body, http.StatusOK)
	if err != nil {
		return err
	}
	return all(want("keys", len(keys), 2), want("keys of a repetition", again.at("keys"), "[]"))
}

// begin is what the application asks at login.
func (s *Story) begin(ctx context.Context, user, email string) (fields, error) {
	s.counter++
	s.nonce = fmt.Sprintf("nonce-%s-%d", s.Organization, s.counter)
	answer, err := s.call(ctx, s.appKey, http.MethodPost, "/v1/logins", fields{
		"organization": s.Organization, "user": user, "email": email, "nonce": s.nonce,
		"browser": fields{"address": browserIP, "agent": "Firefox"},
	}, http.StatusOK)
	if err != nil {
		return nil, err
	}
	s.login = answer.text("login")
	s.secret("login token", s.login)
	return answer, nil
}

func (s *Story) signInOptional(ctx context.Context) error {
	people := map[string]string{"u-1": "bo@acme.example", "u-2": "cy@acme.example", userID: s.email}
	for user, email := range people {
		answer, err := s.begin(ctx, user, email)
		if err := all(err, want("status", answer.at("status"), "complete"), want("reason", answer.at("reason"), "not_enrolled")); err != nil {
			return err
		}
	}
	return nil
}

func (s *Story) forcePolicy(ctx context.Context) error {
	proposal := fields{"policy": fields{"status": "forced", "methods": []string{"totp"}}}
	proposed, err := s.call(ctx, s.adminKey, http.MethodPost, s.path("/policy/changes"), proposal, http.StatusCreated, "If-Match", `"1"`)
	if err != nil {
		return err
	}
	change := s.path("/policy/changes/" + proposed.text("id"))
	// The counts follow the users a moment later: `as_of` says how late.
	_, err = eventually(ctx, "the dry run to count three users", func() (fields, bool, error) {
		seen, err := s.quiet(ctx, s.adminKey, change)
		return seen, err == nil && seen.text("dry_run", "users") == "3" && seen.text("dry_run", "today", "must_enroll") == "3", err
	})
	if err != nil {
		return err
	}
	if _, err := s.call(ctx, s.adminKey, http.MethodGet, change, nil, http.StatusOK); err != nil {
		return err
	}
	code, err := s.mailedCode(ctx, adminEmail, "Confirm a change of the policy")
	if err != nil {
		return err
	}
	applied, err := s.call(ctx, s.adminKey, http.MethodPost, change+"/confirm", fields{"code": code}, http.StatusOK)
	return all(err, want("status", applied.at("status"), "forced"), want("version", applied.at("version"), 2))
}

// quiet asks without showing or recording it, for what is asked again and again.
func (s *Story) quiet(ctx context.Context, key, path string) (fields, error) {
	show, kept := s.Show, len(s.Exchanges)
	s.Show = nil
	answer, err := s.call(ctx, key, http.MethodGet, path, nil, http.StatusOK)
	s.Show, s.Exchanges = show, s.Exchanges[:kept]
	return answer, err
}

var eightDigits = regexp.MustCompile(`\b[0-9]{8}\b`)

// mailedCode waits for the newest mail to an address with a subject, and reads the code in it. A code that was
// read before is not read again.
func (s *Story) mailedCode(ctx context.Context, to, subject string) (string, error) {
	code, err := eventually(ctx, "a mail to "+to, func() (string, bool, error) {
		messages, err := s.Mail(ctx, to)
		for _, m := range messages {
			code := eightDigits.FindString(m.Text)
			if strings.Contains(m.Subject, subject) && code != "" && !s.knows(code) {
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

func (s *Story) knows(secret string) bool {
	for _, known := range s.Secrets {
		if known == secret {
			return true
		}
	}
	return false
}
