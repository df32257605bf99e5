// Package sender is the workflow by which an organisation's mail comes from a
// domain of its own: the domain is claimed, the mail provider is told of it, DNS
// records are handed out, and what the provider finds is remembered, so that
// sending needs no question. It may not import AWS, HTTP or another workflow, and
// it sends nothing itself. Every change is one transaction with its audit event.
package sender

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"

	"twofold/pkg/access"
	"twofold/pkg/audit"
	"twofold/pkg/fault"
	"twofold/pkg/org"
)

// Change is what one operation writes, all of it or nothing. Sender and claims are written only if their stored revision
// is the one before.
type Change struct {
	Sender *org.Sender
	Claims []org.DomainClaim // each of another domain
	Events []audit.Event
}

// Store is what the workflow needs of a store. All reads are strongly consistent.
type Store interface {
	// ReadOrganization gets both in one batch; nil where there is no such item.
	ReadOrganization(ctx context.Context, c access.Credential, organization string) (*access.Key, *org.Organization, error)
	// Sender and DomainClaim answer nil where there is none.
	Sender(ctx context.Context, organization string) (*org.Sender, error)
	DomainClaim(ctx context.Context, domain string) (*org.DomainClaim, error)
	// WriteSender answers user.ErrConflict if a condition does not hold, and nil if the write won although its
	// acknowledgement was lost.
	WriteSender(ctx context.Context, c Change) error
}

// Identity is what the mail provider knows of a domain.
type Identity struct {
	Organization string // for which this deployment made it; empty: it did not
	Verified     bool   // mail may come from it
	Failed       bool   // the provider has given up looking for the DNS records
	Tokens       []string
	Zone         string // that the DNS records point into
}

// ErrExists is the provider's answer to making an identity of a domain that has one.
var ErrExists = errors.New("sender: the provider has an identity of this domain already")

// Identities is the mail provider. Every error but ErrExists is one of reaching it.
type Identities interface {
	// Identity gets what is known of a domain; nil where there is nothing.
	Identity(ctx context.Context, domain string) (*Identity, error)
	// Create makes the identity of a domain, marked as made for the organisation, or answers ErrExists.
	Create(ctx context.Context, domain, organization string) (Identity, error)
	// Delete removes an identity; there may be none.
	Delete(ctx context.Context, domain string) error
}

// Service serves administrators. All fields are needed.
type Service struct {
	Store      Store
	Identities Identities
	// Registrable gives the part of a domain that somebody registered, "acme.co.uk" of "mail.acme.co.uk"; an error for what is
	// a public suffix itself (publicsuffix.org).
	Registrable func(domain string) (string, error)
	// Reserved are addresses and domains of the vendor's own: with all below the same registrable domain nobody may claim them.
	Reserved []string
	Now      func() time.Time
}

// The rules of this workflow's operations. The system administrator may end a claim, so that a domain which somebody
// claimed without owning it does not stay closed to its owner.
var (
	PutRule    = access.Rule{Roles: []access.Role{access.OrganizationAdministrator}, Permission: access.PolicyWrite}
	ReadRule   = access.Rule{Roles: []access.Role{access.SystemAdministrator, access.OrganizationAdministrator}}
	RemoveRule = access.Rule{
		Roles: []access.Role{access.SystemAdministrator, access.OrganizationAdministrator}, Permission: access.PolicyWrite,
	}
)

// The refusals. None says whose a domain is.
var (
	ErrNotAvailable = fault.New(fault.Unprocessable, "not_available",
		"A sender domain of its own is not available for this organisation: the system administrator has not granted it.")
	ErrTaken = fault.New(fault.Conflict, "domain_taken", "This domain cannot be claimed here.").At("domain")
)

// task is one operation under way: who asks, of which organisation, when, and its sender as it stands.
type task struct {
	caller       access.Caller
	key          *access.Key
	organization *org.Organization
	sender       org.Sender // the zero value but for the organisation, where there is none yet
	now          time.Time
}

// begin reads, and judges the caller. An organisation that does not exist, or that the key does not reach, is not found
// after the same reads.
func (s *Service) begin(ctx context.Context, c access.Caller, r access.Rule, organization string, now time.Time) (*task, error) {
	key, found, err := s.Store.ReadOrganization(ctx, c.Credential, organization)
	if err != nil {
		return nil, fault.Down(err)
	}
	if err := access.Authorize(key, c.Credential, r, organization, now); err != nil {
		return nil, err
	}
	if found == nil {
		return nil, access.ErrNotFound
	}
	t := &task{caller: c, key: key, organization: found, sender: org.Sender{Organization: organization}, now: now}
	stored, err := s.Store.Sender(ctx, organization)
	if err != nil {
		return nil, fault.Down(err)
	}
	if stored != nil {
		t.sender = *stored
	}
	return t, nil
}

// write stores the sender with what belongs to it, and goes on with it.
func (s *Service) write(ctx context.Context, t *task, next org.Sender, e audit.Event, claims ...org.DomainClaim) error {
	if err := s.Store.WriteSender(ctx, Change{Sender: &next, Claims: claims, Events: []audit.Event{e}}); err != nil {
		return fault.Down(err)
	}
	t.sender = next
	return nil
}

// event is what the caller did.
func (t *task) event(kind audit.Kind, details map[string]string) audit.Event {
	e := t.caller.Event(kind, t.organization.ID, t.key, t.now)
	e.Details = details
	return e
}

// finding is what nobody decided and the provider said: the request that made us ask is named, its sender is not.
func (t *task) finding(kind audit.Kind, details map[string]string) audit.Event {
	return audit.Event{
		ID: uuid.Must(uuid.NewV7()).String(), At: t.now, Kind: kind, Organization: t.organization.ID,
		Role: audit.System, Actor: "mail provider", RequestID: t.caller.RequestID, Details: details,
	}
}
