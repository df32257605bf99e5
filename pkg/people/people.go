// Package people is the workflow of those who act for an organisation: its administrators, applications and readers,
// and the keys that they hold. It may not import AWS, HTTP or another workflow. Every change is one transaction with its audit
// event; whatever gives somebody more than they had waits for the second word of whoever proposed it.
package people

import (
	"context"
	"time"

	"twofold/pkg/access"
	"twofold/pkg/audit"
	"twofold/pkg/factor"
	"twofold/pkg/fault"
	"twofold/pkg/org"
	"twofold/pkg/stepup"
	"twofold/pkg/user"
)

// Change is what one operation writes, all of it or nothing. Holders and docket are written only if their stored
// revision is the one before.
type Change struct {
	Administrators []org.Administrator
	// RemovedAdministrator and RemovedApplication are removed as they were read.
	RemovedAdministrator *org.Administrator
	RemovedApplication   *org.Application
	Roster               *org.Roster
	Applications         []org.Application
	Readers              []org.Reader
	Keys                 []access.Key // new ones
	// Altered are keys that are there and not revoked. When they were used last is left alone.
	Altered []access.Key
	Docket  *stepup.Docket
	Events  []audit.Event
}

// Store is what the workflow needs of a store. All reads are strongly consistent.
type Store interface {
	// ReadOrganization gets both in one batch; nil where there is no such item, and no organisation for access.VendorHome.
	ReadOrganization(ctx context.Context, c access.Credential, organization string) (*access.Key, *org.Organization, error)
	stepup.Store
	// Application and Reader answer nil where there is none.
	Application(ctx context.Context, organization, id string) (*org.Application, error)
	Reader(ctx context.Context, organization, id string) (*org.Reader, error)
	// Roster answers nil for an organisation that never had an administrator who decides.
	Roster(ctx context.Context, organization string) (*org.Roster, error)
	// Administrators, Applications and Readers are all of an organisation, by id.
	Administrators(ctx context.Context, organization string) ([]org.Administrator, error)
	Applications(ctx context.Context, organization string) ([]org.Application, error)
	Readers(ctx context.Context, organization string) ([]org.Reader, error)
	// KnownOrganizations are those of the ids, each named once, that there are.
	KnownOrganizations(ctx context.Context, ids ...string) ([]string, error)
	// Keys are those of the ids that there are, in the order of the ids.
	Keys(ctx context.Context, ids ...string) ([]access.Key, error)
	// WritePeople answers user.ErrConflict if a condition does not hold, and nil if the write won although its
	// acknowledgement was lost.
	WritePeople(ctx context.Context, c Change) error
}

// Service serves those who care for people and keys. All fields are needed.
type Service struct {
	Store   Store
	Codes   factor.PRF
	Secrets user.Opener // opens authenticators' secrets
	Now     func() time.Time
}

// KeysRule is for everything about keys.
var KeysRule = access.Rule{
	Roles: []access.Role{access.SystemAdministrator, access.OrganizationAdministrator}, Permission: access.KeysWrite, InPerson: true,
}

// visit is one call: who asks, of which organisation, and when.
type visit struct {
	caller       access.Caller
	key          *access.Key
	organization string
	now          time.Time
	proven       bool // by an authenticator: no address has confirmed what is carried out
}

// read gets the caller's key and judges it; an organisation that does not exist is access.ErrNotFound. access.VendorHome is none, and there.
func (s *Service) read(ctx context.Context, c access.Caller, r access.Rule, organization string, now time.Time) (visit, error) {
	key, found, err := s.Store.ReadOrganization(ctx, c.Credential, organization)
	if err != nil {
		return visit{}, fault.Down(err)
	}
	if err := access.Authorize(key, c.Credential, ruled(r, organization), organization, now); err != nil {
		return visit{}, err
	}
	if found == nil && organization != access.VendorHome {
		return visit{}, access.ErrNotFound
	}
	return visit{caller: c, key: key, organization: organization, now: now}, nil
}

func (s *Service) write(ctx context.Context, c Change) error {
	if err := s.Store.WritePeople(ctx, c); err != nil {
		return fault.Down(err)
	}
	return nil
}

// event is one of the visit's.
func (v visit) event(kind audit.Kind, details map[string]string) audit.Event {
	e := v.caller.Event(kind, v.organization, v.key, v.now)
	e.Details = details
	return e
}
