package story

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"time"
)

// signIns finds what Ana tried in the log of the organisation, and nothing else in hers. The log comes from the stream, so it is a moment behind.
func (s *Story) signIns(ctx context.Context) error {
	wanted := []string{
		"right email prove", "right email verify_recovery_email", "right totp confirm", "right totp sign_in", "wrong totp sign_in", "right recovery_email sign_in",
	}
	for _, path := range []string{"/sign-ins?limit=200", "/sign-ins?order=desc&user=" + userID} {
		var seen []string
		logged := func() (bool, error) {
			answer, err := s.call(ctx, s.adminKey, http.MethodGet, s.path(path), nil, http.StatusOK)
			if err != nil {
				return false, err
			}
			seen = nil
			rows, _ := answer.at("sign_ins").([]any)
			for _, r := range rows {
				row := fields(r.(map[string]any))
				if row.text("user") == userID && row.text("address") == browserIP {
					seen = append(seen, strings.Join([]string{row.text("outcome"), row.text("method"), row.text("purpose")}, " "))
				}
			}
			return !slices.ContainsFunc(wanted, func(w string) bool { return !slices.Contains(seen, w) }), nil
		}
		for deadline := time.Now().Add(30 * time.Second); ; time.Sleep(100 * time.Millisecond) {
			all, err := logged()
			if err != nil || all {
				if err != nil {
					return err
				}
				break
			}
			if time.Now().After(deadline) {
				return want("the sign-in log, "+path, seen, wanted)
			}
		}
	}
	return nil
}
