// Package policy is the workflow of those who decide: the system administrator
// creates organisations and grants entitlements, the organisation's administrator
// proposes a policy, sees what it would do, and confirms it with a second word. It
// may not import AWS, HTTP or another workflow. Every change is one transaction
// with its audit event.
package policy

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

// Snapshot is what is read first. Nil means that there is no such item.
type Snapshot struct {
	Key          *access.Key
	Organization *org.Organization
}

// Change is what one operation writes, all of it or nothing. Organization and Docket are written only
// if their stored revision is the one before; administrators and applications only if there is none of that
// id yet.
type Change struct {
	Organization   *org.Organization
	History        *org.Policy // a new version, for the organisation's history
	Sheds          bool        // the organisation is listed with those that logs are removed of
	Administrators []org.Administrator
	Roster         *org.Roster // the first
	Applications   []org.Application
	Keys           []access.Key
	Docket         *stepup.Docket
	Announcement   *org.Announcement // the first revision of one
	Sender         *org.Sender       // after the entitlement for it came or went; only if its stored revision is the one before
	Events         []audit.Event
}

// Store is what the workflow needs of a store. All reads are strongly consistent, but for Counts.
type Store interface {
	People
	// ReadOrganization gets both in one batch; nil where there is no such item.
	ReadOrganization(ctx context.Context, c access.Credential, organization string) (*access.Key, *org.Organization, error)
	stepup.Store
	// Application answers nil where there is none.
	Application(ctx context.Context, organization, id string) (*org.Application, error)
	// Policies are versions before one, the latest first; at most limit.
	Policies(ctx context.Context, organization string, before int64, limit int) ([]org.Policy, error)
	// Sender answers nil where the organisation has no sender of its own.
	Sender(ctx context.Context, organization string) (*org.Sender, error)
	// Counts are a moment old; an organisation never counted has the zero value.
	Counts(ctx context.Context, organization string) (user.Counts, error)
	// Announcement gets one with its organisation; nil where there is no such thing.
	Announcement(ctx context.Context, organization, id string) (*org.Announcement, *org.Organization, error)
	// Announcements are the latest of an organisation, at most limit.
	Announcements(ctx context.Context, organization string, limit int) ([]org.Announcement, error)
	// WriteAnnouncement writes the next revision of one with its event, on the same terms as WriteOrganization.
	WriteAnnouncement(ctx context.Context, before, next org.Announcement, e audit.Event) error
	// WriteOrganization answers user.ErrConflict if a condition does not hold, and nil if the write won although
	// its acknowledgement was lost.
	WriteOrganization(ctx context.Context, organization string, c Change) error
}

// Service serves administrators. All fields are needed.
type Service struct {
	Store   Store
	Codes   factor.PRF
	Secrets user.Opener // opens authenticators' secrets
	Now     func() time.Time

	Originations org.Originations // of this deployment's account and region
}

// The rules of this workflow's operations.
var (
	SystemRule  = access.Rule{Roles: []access.Role{access.SystemAdministrator}}
	ReadRule    = access.Rule{Roles: []access.Role{access.SystemAdministrator, access.OrganizationAdministrator}}
	ProposeRule = access.Rule{Roles: []access.Role{access.OrganizationAdministrator}, Permission: access.PolicyWrite}
)

// read gets key and organisation and judges the caller. The organisation may be nil.
func (s *Service) read(ctx context.Context, c access.Caller, r access.Rule, organization string, now time.Time) (Snapshot, error) {
	key, found, err := s.Store.ReadOrganization(ctx, c.Credential, organization)
	if err != nil {
		return Snapshot{}, fault.Down(err)
	}
	snap := Snapshot{Key: key, Organization: found}
	return snap, access.Authorize(snap.Key, c.Credential, r, organization, now)
}

// existing is read for an organisation that must exist.
func (s *Service) existing(ctx context.Context, c access.Caller, r access.Rule, organization string, now time.Time) (Snapshot, error) {
	snap, err := s.read(ctx, c, r, organization, now)
	if err == nil && snap.Organization == nil {
		err = access.ErrNotFound
	}
	return snap, err
}

func (s *Service) write(ctx context.Context, organization string, change Change) error {
	if err := s.Store.WriteOrganization(ctx, organization, change); err != nil {
		return fault.Down(err)
	}
	return nil
}

// Organization gives an organisation with its entitlements and its policy.
func (s *Service) Organization(ctx context.Context, c access.Caller, id string) (org.Organization, error) {
	snap, err := s.existing(ctx, c, ReadRule, id, s.Now())
	if err != nil {
		return org.Organization{}, err
	}
	return *snap.Organization, nil
}

func event(kind audit.Kind, organization string, k *access.Key, c access.Caller, now time.Time) audit.Event {
	return c.Event(kind, organization, k, now)
}
