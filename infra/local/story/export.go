package story

import (
	"context"
	"fmt"
	"net/http"
	"strings"
)

// Fetcher gets the export of an organisation with a key.
type Fetcher func(ctx context.Context, key, organization string) error

// RunExport tells how an auditor gets a report that can be checked, of more users than a page holds. It is a story of its own.
func (s *Story) RunExport(ctx context.Context, users int, get Fetcher) error {
	return s.tell(ctx, []chapter{
		{"The vendor creates an organisation, with its first administrator and its application", s.createOrganization},
		{"The application registers its users, some of whom mean no good", func(ctx context.Context) error { return s.importUsers(ctx, users) }},
		{"The administrator fetches the report, page by page, and checks it", func(ctx context.Context) error {
			_, err := eventually(ctx, "the report to be had", func() (fields, bool, error) {
				page, err := s.quiet(ctx, s.adminKey, s.path("/report?sort=user&order=desc&limit=1"))
				shown, _ := page.at("users").([]any)
				return page, len(shown) == 1, err
			})
			return all(err, get(ctx, s.adminKey, s.Organization))
		}},
		{"The application, which may not read reports, gets none", func(ctx context.Context) error {
			_, err := s.call(ctx, s.appKey, http.MethodGet, s.path("/report/export"), nil, http.StatusForbidden)
			return err
		}},
	})
}

// importUsers imports users in calls of fifty: the stack may share two processors with much else. The first of each would be a formula in a spreadsheet.
func (s *Story) importUsers(ctx context.Context, users int) error {
	const together = 50
	for from := 0; from < users; from += together {
		var lines strings.Builder
		lines.WriteString("user,email\n")
		for i := from; i < min(users, from+together); i++ {
			id := fmt.Sprintf("u-%05d", i)
			if i == from {
				id = "=HYPERLINK(" + id + ")"
			}
			fmt.Fprintf(&lines, "%s,u-%05d@acme.example\n", id, i)
		}
		if err := s.imported(ctx, lines.String()); err != nil {
			return err
		}
	}
	return nil
}

// imported sends an import until it is through: a part of the stack that is busy says 503, and then it may be sent again.
func (s *Story) imported(ctx context.Context, lines string) error {
	_, err := eventually(ctx, "an import", func() (struct{}, bool, error) {
		answer, status, err := s.sendCSV(ctx, s.path("/imports"), lines)
		if err == nil && status != http.StatusOK && status != http.StatusServiceUnavailable {
			err = fmt.Errorf("importing: status %d: %.200s", status, answer)
		}
		return struct{}{}, status == http.StatusOK, err
	})
	return err
}

func (s *Story) sendCSV(ctx context.Context, path, lines string) ([]byte, int, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, s.API+path, strings.NewReader(lines))
	if err != nil {
		return nil, 0, err
	}
	request.Header.Set("Content-Type", "text/csv; charset=utf-8")
	request.Header.Set("Authorization", "Bearer "+s.appKey)
	return fetch(request)
}
