// Package admission is the workflow by which administrators come into the console, and stay in it: a code mailed to their address, their second
// factor as a user of the organisation access.Administrators, and then a session, which is a key of theirs. It may not import AWS, HTTP or
// another workflow: what the second factor is, the console asks the workflows that everybody's is asked by.
package admission

import (
	"context"
	"time"

	"twofold/pkg/access"
	"twofold/pkg/audit"
	"twofold/pkg/factor"
	"twofold/pkg/fault"
	"twofold/pkg/org"
	"twofold/pkg/user"
)

// Change is what one operation writes, all of it or nothing. Administrator and Application are written only if their stored revision is the
// one before, Organization with its first policy only if there is none.
type Change struct {
	Organization  *org.Organization
	Application   *org.Application
	Administrator *org.Administrator
	Keys          []access.Key // new ones
	Altered       []access.Key // that are there, and not revoked
	Events        []audit.Event
}

// Store is what the workflow needs of a store. All reads are strongly consistent and answer nil where there is none.
type Store interface {
	// ReadOrganization gets both in one batch; no organisation for access.VendorHome.
	ReadOrganization(ctx context.Context, c access.Credential, organization string) (*access.Key, *org.Organization, error)
	Administrator(ctx context.Context, organization, id string) (*org.Administrator, error)
	// Administrators are all of an organisation, by id.
	Administrators(ctx context.Context, organization string) ([]org.Administrator, error)
	Application(ctx context.Context, organization, id string) (*org.Application, error)
	// Keys are those of the ids that there are, in the order of the ids.
	Keys(ctx context.Context, ids ...string) ([]access.Key, error)
	// Recipient gets an organisation and one of its users in one read; the profile is nil if there is no such user.
	Recipient(ctx context.Context, organization, user string) (*org.Organization, *user.Profile, user.Factors, error)
	Arrival(ctx context.Context, id string) (*Arrival, error)
	// WriteArrival writes an arrival on the revision before; user.ErrConflict if that has gone, and nil if the write won although its
	// acknowledgement was lost.
	WriteArrival(ctx context.Context, a Arrival) error
	// WriteAdmission answers as WriteArrival does.
	WriteAdmission(ctx context.Context, c Change) error
}

// Service lets administrators in. All fields are needed.
type Service struct {
	Store Store
	Codes factor.PRF
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

// SecondFactor is the epoch of what an administrator has as a user of access.Administrators; false: nothing. A reset raises it, and whoever came
// in before is out.
func (s *Service) SecondFactor(ctx context.Context, id string) (epoch int64, there bool, err error) {
	_, profile, factors, err := s.Store.Recipient(ctx, access.Administrators, id)
	if err != nil {
		return 0, false, fault.Down(err)
	}
	return factors.Epoch, profile != nil && factors.Enrolled(), nil
}

func (s *Service) write(ctx context.Context, c Change) error {
	if err := s.Store.WriteAdmission(ctx, c); err != nil {
		return fault.Down(err)
	}
	return nil
}
