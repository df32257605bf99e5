package story

import (
	"context"
	"net/http"
	"slices"
)

// tried is what Ana does with codes in this story, right and wrong.
var tried = []string{
	"right email prove", "right email verify_recovery_email", "right totp confirm", "right totp sign_in", "wrong totp sign_in", "right recovery_email sign_in",
}

// signIns finds it in the log of the organisation and in that of Ana alone, a moment after it was done.
func (s *Story) signIns(ctx context.Context) error {
	for _, path := range []string{"/sign-ins?limit=200", "/sign-ins?order=desc&user=" + userID} {
		_, err := eventually(ctx, "the sign-in log", func() (fields, bool, error) {
			answer, err := s.call(ctx, s.adminKey, http.MethodGet, s.path(path), nil, http.StatusOK)
			rows, _ := answer.at("sign_ins").([]any)
			var seen []string
			for _, r := range rows {
				if row := fields(r.(map[string]any)); row.text("user") == userID && row.text("address") == browserIP {
					seen = append(seen, row.text("outcome")+" "+row.text("method")+" "+row.text("purpose"))
				}
			}
			missing := slices.ContainsFunc(tried, func(t string) bool { return !slices.Contains(seen, t) })
			return answer, !missing, err
		})
		if err != nil {
			return err
		}
	}
	return nil
}
