package policy_test

import (
	"context"
	"testing"

	"twofold/pkg/access"
	"twofold/pkg/audit"
	"twofold/pkg/org"
	"twofold/pkg/policy"
)

// skewed gives an organisation once as it was before: it and the proposal are read one after the other.
type skewed struct {
	policy.Store
	before *org.Organization
}

func (s *skewed) ReadOrganization(ctx context.Context, c access.Credential, organization string) (*access.Key, *org.Organization, error) {
	k, o, err := s.Store.ReadOrganization(ctx, c, organization)
	if s.before != nil {
		o, s.before = s.before, nil
	}
	return k, o, err
}

// Whoever reads the organisation before another call applies the proposal, and the proposal after it, reads again.
func TestAConfirmationBetweenTwoReads(t *testing.T) {
	f := newFixture(t)
	id, code := f.proposed(f.forced(7))
	before := f.organization(acme)
	_, err := f.confirm(id, code)
	f.must(err)
	f.Policy.Store = &skewed{Store: f.store, before: before}
	got, err := f.confirm(id, code)
	f.must(err)
	if got.Version != 2 || len(f.events(acme, audit.PolicyChanged)) != 1 {
		t.Errorf("confirmed as version %d", got.Version)
	}
}
