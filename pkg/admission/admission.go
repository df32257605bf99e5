// Package admission is the workflow by which administrators come into the console, and stay in it: a code mailed to their address, their second
// factor as a user of the organisation access.Administrators, and then a session, which is a key of theirs. It may not import AWS, HTTP or
// another workflow: what the second factor is, the console asks the workflows that everybody's is asked by.
package admission

import (
	"context"
	"time"

	"twofold/pkg/access"
	"twofold/pkg/fault"
	"twofold/pkg/org"
)

// Store is what the workflow needs of a store. All reads are strongly consistent.
type Store interface {
	// ReadOrganization gets both in one batch; nil where there is no such item, and no organisation for access.VendorHome.
	ReadOrganization(ctx context.Context, c access.Credential, organization string) (*access.Key, *org.Organization, error)
}

// Service lets administrators in. All fields are needed.
type Service struct {
	Store Store
	Now   func() time.Time
}

// Rule is for whoever looks at the console.
var Rule = access.Rule{Roles: []access.Role{access.SystemAdministrator, access.OrganizationAdministrator}}

// Who gives the key that somebody acts with and the organisation that is looked at, which is nil for access.VendorHome. The vendor's home is
// open to its own alone.
func (s *Service) Who(ctx context.Context, c access.Caller, home string) (access.Key, *org.Organization, error) {
	key, o, err := s.Store.ReadOrganization(ctx, c.Credential, home)
	if err != nil {
		return access.Key{}, nil, fault.Down(err)
	}
	if err := access.Authorize(key, c.Credential, Rule, home, s.Now()); err != nil {
		return access.Key{}, nil, err
	}
	if home == access.VendorHome && !key.At(home) || home != access.VendorHome && o == nil {
		return access.Key{}, nil, access.ErrNotFound
	}
	return *key, o, nil
}
