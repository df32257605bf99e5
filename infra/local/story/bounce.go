package story

import (
	"context"
	"net/http"
	"net/url"
	"strings"
)

// RunBounce tells what becomes of a user whom no mail reaches. It is a story of its own.
func (s *Story) RunBounce(ctx context.Context) error {
	return s.tell(ctx, []chapter{
		{"The vendor creates an organisation, with its first administrator and its application", s.createOrganization},
		{"Somebody enrols; the code goes to an address that does not exist", s.bounced},
		{"The administrator sees it, and the application is told instead of waiting", s.seenBounced},
		{"The address is set right, and the code arrives", s.corrected},
		{"A mailbox rejects for a while; when it is repaired the administrator says so", s.repaired},
	})
}

const bounces = "u-bounces"

func (s *Story) enrolling(ctx context.Context, status int) error {
	_, err := s.call(ctx, s.appKey, http.MethodPost, "/v1/enrollments", fields{"login": s.login}, status)
	return err
}

func (s *Story) bounced(ctx context.Context) error {
	// One of the addresses that SES itself keeps for this.
	if _, err := s.begin(ctx, bounces, "bounce+"+s.Organization+"@simulator.amazonses.com"); err != nil {
		return err
	}
	return s.enrolling(ctx, http.StatusOK)
}

// awaitMark looks until the user's login address is, or is not, one that mail comes back from.
func (s *Story) awaitMark(ctx context.Context, marked bool) error {
	_, err := eventually(ctx, "word of a bounce", func() (fields, bool, error) {
		seen, err := s.quiet(ctx, s.adminKey, s.path("/users/"+bounces))
		all, _ := seen.at("undeliverable").([]any)
		return seen, (len(all) == 1) == marked, err
	})
	return err
}

func (s *Story) seenBounced(ctx context.Context) error {
	if err := s.awaitMark(ctx, true); err != nil {
		return err
	}
	return s.enrolling(ctx, http.StatusUnprocessableEntity)
}

func (s *Story) corrected(ctx context.Context) error {
	email := bounces + "@" + s.Organization + ".example"
	if _, err := s.call(ctx, s.adminKey, http.MethodPut, s.path("/users/"+bounces), fields{"email": email}, http.StatusOK); err != nil {
		return err
	}
	if _, err := s.begin(ctx, bounces, email); err != nil {
		return err
	}
	if err := all(s.awaitMark(ctx, false), s.enrolling(ctx, http.StatusOK)); err != nil {
		return err
	}
	_, err := s.awaitMail(ctx, email, "Your code")
	return err
}

func (s *Story) repaired(ctx context.Context) error {
	email := "full-" + s.Organization + "@acme.example"
	if _, err := s.call(ctx, s.adminKey, http.MethodPut, s.path("/users/"+bounces), fields{"email": email}, http.StatusOK); err != nil {
		return err
	}
	form := url.Values{"fault": {"suppressed"}, "to": {email}, "times": {"1"}}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, s.Mailbox+"/faults", strings.NewReader(form.Encode()))
	if err != nil {
		return err
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	_, status, err := fetch(request)
	if err := all(err, want("the answer to a fault", status, http.StatusNoContent)); err != nil {
		return err
	}
	if _, err := s.begin(ctx, bounces, email); err != nil {
		return err
	}
	if err := all(s.enrolling(ctx, http.StatusOK), s.awaitMark(ctx, true)); err != nil {
		return err
	}
	if _, err := s.call(ctx, s.adminKey, http.MethodDelete, s.path("/users/"+bounces+"/undeliverable"), nil, http.StatusNoContent); err != nil {
		return err
	}
	return s.awaitMark(ctx, false)
}
