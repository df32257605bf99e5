package dynamo

import (
	"context"

	"twofold/pkg/org"
)

// Face gets an organisation and how it shows itself, in one strongly consistent batch; nil where there is none. It is prompt.Faces.
func (s *Store) Face(ctx context.Context, organization string) (*org.Organization, org.Branding, error) {
	at, shown := organizationKey(organization), brandingKey(organization)
	found, err := s.batch(ctx, at, shown)
	if err != nil {
		return nil, org.Branding{}, err
	}
	o, err := decoded(found[at], decodeOrganization)
	if err != nil || o == nil {
		return nil, org.Branding{}, err
	}
	b, err := brandingOr(found[shown], organization)
	return o, b, err
}
