// Package branding is the workflow by which an organisation says how the mail that its users get looks and reads, and how pages look: its
// name, its language, its color, its logo, and words of its own in the places that are open to them. It may not import AWS, HTTP or another workflow, and it
// sends nothing itself. Every change is one transaction with its audit event, of which all administrators are told.
package branding

import (
	"context"
	"maps"
	"reflect"
	"time"

	"twofold/pkg/access"
	"twofold/pkg/audit"
	"twofold/pkg/fault"
	"twofold/pkg/org"
	"twofold/pkg/user"
)

// Store is what the workflow needs of a store. All reads are strongly consistent.
type Store interface {
	// ReadOrganization gets both in one batch; nil where there is no such item.
	ReadOrganization(ctx context.Context, c access.Credential, organization string) (*access.Key, *org.Organization, error)
	// Branding answers the zero value, but for the organisation, where nobody has said anything.
	Branding(ctx context.Context, organization string) (org.Branding, error)
	// WriteBranding answers user.ErrConflict if the stored revision is not the one before, and nil if the write won although its
	// acknowledgement was lost.
	WriteBranding(ctx context.Context, b org.Branding, e audit.Event) error
}

// Service serves administrators. All fields are needed.
type Service struct {
	Store Store
	Now   func() time.Time
}

// The rules of this workflow's operations.
var (
	PutRule  = access.Rule{Roles: []access.Role{access.OrganizationAdministrator}, Permission: access.PolicyWrite}
	ReadRule = access.Rule{Roles: []access.Role{access.SystemAdministrator, access.OrganizationAdministrator}}
)

// ErrStale says that the branding is not the one that the caller had read (RFC 9110 §13.1.1).
var ErrStale = fault.New(fault.PreconditionFailed, "branding_moved", "The branding has changed since. Read it again.").At("header.If-Match")

// Get gives how an organisation shows itself, and the name that it has where it says no other.
func (s *Service) Get(ctx context.Context, c access.Caller, organization string) (org.Branding, error) {
	_, _, b, err := s.read(ctx, c, ReadRule, organization, s.Now())
	return b, err
}

// Put replaces all of it. base is the revision that the caller had read, 0 where nobody had said anything. What stands already changes
// nothing, whichever revision it was made from: a lost reply costs nothing.
func (s *Service) Put(ctx context.Context, c access.Caller, organization string, w Wanted, base int64) (org.Branding, error) {
	now := s.Now()
	return user.Race(func() (org.Branding, error) {
		key, _, before, err := s.read(ctx, c, PutRule, organization, now)
		if err != nil {
			return org.Branding{}, err
		}
		next, err := w.checked()
		if err != nil {
			return org.Branding{}, err
		}
		if says(before, next) {
			return before, nil
		}
		if before.Rev != base {
			return org.Branding{}, ErrStale
		}
		next.Organization, next.Rev, next.ChangedAt, next.ChangedBy = organization, before.Rev+1, now, key.Who()
		e := c.Event(audit.BrandingChanged, organization, key, now)
		e.Details, e.Notify = differences(before, next), true
		if err := s.Store.WriteBranding(ctx, next, e); err != nil {
			return org.Branding{}, fault.Down(err)
		}
		return next, nil
	})
}

// read judges the caller. An organisation that does not exist, or that the key does not reach, is not found after the same reads.
func (s *Service) read(ctx context.Context, c access.Caller, r access.Rule, organization string, now time.Time) (*access.Key, *org.Organization, org.Branding, error) {
	key, found, err := s.Store.ReadOrganization(ctx, c.Credential, organization)
	if err != nil {
		return nil, nil, org.Branding{}, fault.Down(err)
	}
	if err := access.Authorize(key, c.Credential, r, organization, now); err != nil {
		return nil, nil, org.Branding{}, err
	}
	if found == nil {
		return nil, nil, org.Branding{}, access.ErrNotFound
	}
	b, err := s.Store.Branding(ctx, organization)
	if err != nil {
		return nil, nil, org.Branding{}, fault.Down(err)
	}
	return key, found, b, nil
}

// says reports whether two brandings say the same.
func says(a, b org.Branding) bool {
	return a.Name == b.Name && a.Language == b.Language && a.Color == b.Color && reflect.DeepEqual(a.Logo, b.Logo) && maps.Equal(a.Texts, b.Texts)
}

// differences are what changes, for the audit and the notice, without the texts themselves: those are shown where they stand.
func differences(before, next org.Branding) map[string]string {
	told := map[string]string{}
	for _, c := range []struct{ name, was, is string }{{"name", before.Name, next.Name}, {"language", before.Language, next.Language}, {"color", before.Color, next.Color}} {
		if c.was != c.is {
			told[c.name] = c.was + " → " + c.is
		}
	}
	switch {
	case reflect.DeepEqual(before.Logo, next.Logo):
	case next.Logo == nil:
		told["logo"] = "removed"
	default:
		told["logo"] = "changed"
	}
	if !maps.Equal(before.Texts, next.Texts) {
		told["texts"] = "changed"
	}
	return told
}
