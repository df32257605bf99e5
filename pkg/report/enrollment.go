package report

import (
	"context"
	"slices"
	"time"

	"twofold/pkg/access"
	"twofold/pkg/decision"
	"twofold/pkg/org"
	"twofold/pkg/user"
)

// Status is how a user stands: computed when read, from facts, policy and time.
type Status string

// The statuses of a report.
const (
	NotAvailable Status = "not_available"
	Enrolled     Status = "enrolled"
	Suspended    Status = "suspended"
	ExemptUntil  Status = "exempt"
	NotObliged   Status = "not_obliged"
	Pending      Status = "pending" // obliged, within grace
	Overdue      Status = "overdue" // obliged, grace is over
	Bounced      Status = "bounced" // mail comes back, and the user can neither sign in nor begin without it
)

// Statuses are those that users are counted by: all but Bounced, which is no fact of a class of users.
func Statuses() []Status {
	return []Status{Enrolled, Pending, Overdue, ExemptUntil, NotObliged, Suspended, NotAvailable}
}

// Row is one user.
type Row struct {
	Organization string
	User         string
	Email        string
	Status       Status
	Methods      []org.Method // the default first
	RegisteredAt time.Time
	EnrolledAt   time.Time
	VerifiedOn   user.Day  // the day of the latest right proof, a moment behind; empty: none
	CodesLeft    *int      // saved recovery codes that are good, a moment behind; nil: there are none to be used
	ExemptUntil  time.Time // zero: not exempt
	GraceUntil   time.Time // when the user must have enrolled, or had to; zero: not obliged, or enrolled
	Troubles     []user.Trouble
}

// Page is part of a report.
type Page struct {
	Rows   []Row
	Cursor string // empty: there is no more. A page may be short and have one, where a filter shows few
	Policy int64  // the version of the policy that the statuses follow from; 0 in a report of several organisations
}

// Query asks for a page of a report.
type Query struct {
	Sort       Sort
	Descending bool
	Limit      int
	Filter     Filter
	Cursor     string // empty: from the beginning
}

// Enrollment is who of an organisation has a second factor.
func (s *Service) Enrollment(ctx context.Context, c access.Caller, organization string, q Query) (Page, error) {
	now := s.Now()
	o, err := s.organization(ctx, c, Rule, organization, now)
	if err != nil {
		return Page{}, err
	}
	page, err := s.listing(ctx, organization, map[string]org.Organization{organization: *o}, q, now)
	if err != nil {
		return Page{}, err
	}
	page.Policy = o.Policy.Version
	return page, nil
}

// SystemRule binds what is of all organisations to the vendor's own people.
var SystemRule = access.Rule{Roles: []access.Role{access.SystemAdministrator, access.Reader}}

// SystemEnrollment is who of all organisations has a second factor.
func (s *Service) SystemEnrollment(ctx context.Context, c access.Caller, q Query) (Page, error) {
	if err := s.vendor(ctx, c, SystemRule); err != nil {
		return Page{}, err
	}
	return s.listing(ctx, Everyone, map[string]org.Organization{}, q, s.Now())
}

// state is what a decision would be made from.
func state(o org.Organization, p user.Profile) decision.State {
	return decision.State{
		Entitlements: o.Entitlements, Policy: o.Policy, Enforcement: p.Enforcement,
		RegisteredAt: p.RegisteredAt, Extended: p.Grace.Until, Methods: p.Methods, Suspended: !p.SuspendedAt.IsZero(),
	}
}

func row(o org.Organization, p user.Profile, now time.Time) Row {
	r := Row{
		Organization: o.ID, User: p.User, Email: p.Email, Methods: p.Methods, RegisteredAt: p.RegisteredAt, EnrolledAt: p.EnrolledAt,
		VerifiedOn: p.Facts.VerifiedOn, Status: status(o, p, now), Troubles: p.Troubles(now),
	}
	if len(p.Methods) > 0 && p.Facts.CodesGeneration > 0 {
		r.CodesLeft = &p.Facts.CodesLeft
	}
	s := state(o, p)
	switch {
	case r.Status == ExemptUntil:
		r.ExemptUntil = p.Enforcement.Until
	case o.Entitlements.TwoFactor && len(p.Methods) == 0 && s.Obliged(now):
		r.GraceUntil = s.Deadline()
	}
	return r
}

// status is how a user stands at a time.
func status(o org.Organization, p user.Profile, now time.Time) Status {
	s := state(o, p)
	enrolled := len(p.Methods) > 0
	switch {
	case !o.Entitlements.TwoFactor:
		return NotAvailable
	case p.Enforcement.Exempted(now):
		return ExemptUntil
	case s.Suspended:
		return Suspended
	case enrolled && onlyMail(p) && p.Stopped(user.RecoveryAddress, now) && o.Policy.Status != org.Disabled:
		return Bounced
	case enrolled:
		return Enrolled
	case !s.Obliged(now):
		return NotObliged
	case p.Stopped(user.LoginAddress, now) && o.Policy.EnrollmentProof == org.ProofLoginEmail:
		return Bounced
	case now.Before(s.Deadline()):
		return Pending
	}
	return Overdue
}

func onlyMail(p user.Profile) bool {
	return !slices.ContainsFunc(p.Methods, func(m org.Method) bool { return m != org.Email })
}
