package story

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"time"
)

func (s *Story) reset(ctx context.Context) error {
	body := fields{"reason": "lost phone, identity checked by telephone", "browser": fields{"address": "203.0.113.9"}}
	answer, err := s.call(ctx, s.adminKey, http.MethodPost, s.path("/users/"+userID+"/reset"), body, http.StatusOK)
	if err := all(err, want("enrolled", answer.at("enrolled"), false), want("status", answer.at("status"), "enroll")); err != nil {
		return err
	}
	begun, err := s.begin(ctx, userID, s.email)
	if err := all(err, want("status", begun.at("status"), "enroll")); err != nil {
		return err
	}
	return s.told(ctx, "Your two-factor authentication was reset")
}

func (s *Story) report(ctx context.Context) error {
	path := s.path("/report?sort=user&order=desc")
	answer, err := s.call(ctx, s.adminKey, http.MethodGet, path, nil, http.StatusOK)
	if err != nil {
		return err
	}
	var users []string
	rows, _ := answer.at("users").([]any)
	for _, r := range rows {
		row := fields(r.(map[string]any))
		users = append(users, row.text("user"))
		if err := all(want("has_two_factor of "+row.text("user"), row.at("has_two_factor"), false), want("status", row.at("status"), "overdue")); err != nil {
			return err
		}
	}
	return want("the users, sorted", users, []string{userID, "u-2", "u-1"})
}

// changes are what the story did, in order: kind, actor, and whether the application claimed an address.
var changes = []struct {
	kind, actor string
	user        string
	claimed     string
}{
	{"organization.created", "system-administrator-1", "", ""},
	{"policy.proposed", adminID, "", ""},
	{"policy.changed", adminID, "", ""},
	{"user.enrolled", applicationID, userID, browserIP},
	{"recovery.used", applicationID, userID, browserIP},
	{"user.reset", adminID, userID, "203.0.113.9"},
	{"impersonation.begun", "system-administrator-1", "", ""},
	{"user.required", "system-administrator-1", "u-2", ""},
}

func (s *Story) audit(ctx context.Context) error {
	answer, err := s.call(ctx, s.adminKey, http.MethodGet, s.path("/audit?limit=200"), nil, http.StatusOK)
	if err != nil {
		return err
	}
	events, _ := answer.at("events").([]any)
	from := 0
	for _, c := range changes {
		at := slices.IndexFunc(events[from:], func(e any) bool {
			event := fields(e.(map[string]any))
			return event.text("kind") == c.kind && event.text("user") == c.user
		})
		if at < 0 {
			return fmt.Errorf("the audit lacks %s", c.kind)
		}
		event := fields(events[from+at].(map[string]any))
		from += at + 1
		when, err := time.Parse(time.RFC3339, event.text("at"))
		if err := all(err, want("actor of "+c.kind, event.at("actor", "id"), c.actor),
			want("claimed address of "+c.kind, event.text("claimed_address"), c.claimed),
			want("seen address of "+c.kind, event.text("seen_address"), "127.0.0.1")); err != nil {
			return err
		}
		if s.Now().Sub(when).Abs() > time.Hour {
			return fmt.Errorf("%s is dated %s", c.kind, when)
		}
	}
	return nil
}
