package story

import (
	"context"
	"net/http"
)

// RunDelayed tells what becomes of a code that the provider does not take at first. fail makes it refuse mail to an address for now, mend
// ends that, and poison puts something into the table that asks for a mail and cannot be read. It is a story of its own.
func (s *Story) RunDelayed(ctx context.Context, fail func(to string), poison func(ctx context.Context) error, mend func()) error {
	return s.tell(ctx, []chapter{
		{"The vendor creates an organisation", s.createOrganization},
		{"Ana signs in, and is offered a second factor", s.offered},
		{"The provider takes no mail for her: her order is queued", func(ctx context.Context) error { return s.queued(ctx, fail) }},
		{"Something that nobody can read asks for a mail", poison},
		{"Somebody else's code comes all the same", s.unaffected},
		{"The provider takes mail again: her code comes, and the order says so", func(ctx context.Context) error { mend(); return s.sentAtLast(ctx) }},
	})
}

func (s *Story) queued(ctx context.Context, fail func(to string)) error {
	fail(s.email)
	answer, err := s.call(ctx, s.appKey, http.MethodPost, "/v1/enrollments", fields{"login": s.login}, http.StatusOK)
	if err != nil {
		return err
	}
	s.order = answer.text("next", "order")
	_, err = s.orderBecomes(ctx, "queued")
	return err
}

// orderBecomes waits until the order is what is wanted.
func (s *Story) orderBecomes(ctx context.Context, state string) (fields, error) {
	return eventually(ctx, "the order that is "+state, func() (fields, bool, error) {
		order, err := s.quiet(ctx, s.appKey, s.path("/users/"+userID+"/orders/"+s.order))
		return order, order.text("state") == state && (state != "queued" || order.at("at") != "null"), err
	})
}

func (s *Story) unaffected(ctx context.Context) error {
	hers := s.login
	if _, err := s.begin(ctx, "bob", "bob-"+s.email); err != nil {
		return err
	}
	if _, err := s.call(ctx, s.appKey, http.MethodPost, "/v1/enrollments", fields{"login": s.login}, http.StatusOK); err != nil {
		return err
	}
	s.login = hers
	_, err := s.mailedCode(ctx, "bob-"+s.email, "Your code for")
	return err
}

func (s *Story) sentAtLast(ctx context.Context) error {
	code, err := s.mailedCode(ctx, s.email, "Your code for")
	if err != nil {
		return err
	}
	if _, err := s.orderBecomes(ctx, "sent"); err != nil {
		return err
	}
	answer, err := s.step(ctx, fields{"code": code}, http.StatusOK)
	return all(err, want("next", answer.at("next", "do"), "recovery_email"))
}
