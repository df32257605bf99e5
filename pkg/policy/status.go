package policy

import (
	"context"

	"twofold/pkg/access"
)

// StatusRule is what looking one user up demands of a key: what a report tells of everybody it tells of one, so an
// administrator needs reports:read. Applications ask about their organisations' users, the system's support about anybody's.
var StatusRule = access.Rule{
	Roles:      []access.Role{access.OrganizationAdministrator, access.SystemAdministrator, access.Application},
	Permission: access.ReportsRead,
}

// Status explains what a login of the user in a browser, without a trusted device, would be answered now, by the same
// function of the same state. It changes nothing, and registers nobody.
func (s *Service) Status(ctx context.Context, c access.Caller, of Subject) (Standing, error) {
	now := s.Now()
	snap, err := s.member(ctx, c, StatusRule, of, now)
	if err != nil {
		return Standing{}, err
	}
	return standing(snap, now), nil
}
