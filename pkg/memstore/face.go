package memstore

import (
	"context"

	"twofold/pkg/org"
)

// Face implements prompt.Faces.
func (s *Store) Face(_ context.Context, organization string) (o *org.Organization, b org.Branding, err error) {
	err = s.do(Face, func() error {
		found, present := s.organizations[organization]
		if present {
			found = settleOrganization(found)
			o, b = &found, s.branding(organization)
		}
		return nil
	})
	return o, b, err
}
