package report

import (
	"context"
	"slices"
	"time"

	"twofold/pkg/access"
	"twofold/pkg/decision"
	"twofold/pkg/fault"
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

// Row is one user.
type Row struct {
	User         string
	Email        string
	Status       Status
	Methods      []org.Method
	RegisteredAt time.Time
	EnrolledAt   time.Time
	Until        time.Time // the end of the grace or of the exemption
	Troubles     []user.Trouble
}

// Page is part of a report.
type Page struct {
	Rows   []Row
	Cursor string // empty: there is no more
	Policy int64  // the version of the policy that the statuses follow from
}

// Enrollment is who has a second factor.
func (s *Service) Enrollment(ctx context.Context, c access.Caller, organization string, q UserQuery, cursor string) (Page, error) {
	now := s.Now()
	o, err := s.organization(ctx, c, Rule, organization, now)
	if err != nil {
		return Page{}, err
	}
	if q.After, err = readUserCursor(cursor, q); err != nil {
		return Page{}, err
	}
	profiles, after, err := s.Store.Users(ctx, organization, q)
	if err != nil {
		return Page{}, fault.Down(err)
	}
	page := Page{Policy: o.Policy.Version, Rows: make([]Row, len(profiles))}
	for i, p := range profiles {
		page.Rows[i] = row(*o, p, now)
	}
	if after != nil {
		page.Cursor = userCursor(q, *after)
	}
	return page, nil
}

func row(o org.Organization, p user.Profile, now time.Time) Row {
	state := decision.State{
		Entitlements: o.Entitlements, Policy: o.Policy, Enforcement: p.Enforcement,
		RegisteredAt: p.RegisteredAt, Extended: p.Grace.Until, Methods: p.Methods, Suspended: !p.SuspendedAt.IsZero(),
	}
	r := Row{
		User: p.User, Email: p.Email, Methods: p.Methods, RegisteredAt: p.RegisteredAt, EnrolledAt: p.EnrolledAt, Troubles: p.Troubles(now),
	}
	switch {
	case !o.Entitlements.TwoFactor:
		r.Status = NotAvailable
	case p.Enforcement.Exempted(now):
		r.Status, r.Until = ExemptUntil, p.Enforcement.Until
	case state.Suspended:
		r.Status = Suspended
	case len(p.Methods) > 0 && onlyMail(p) && p.Stopped(user.RecoveryAddress, now) && o.Policy.Status != org.Disabled:
		r.Status = Bounced
	case len(p.Methods) > 0:
		r.Status = Enrolled
	case !state.Obliged(now):
		r.Status = NotObliged
	case p.Stopped(user.LoginAddress, now) && o.Policy.EnrollmentProof == org.ProofLoginEmail:
		r.Status, r.Until = Bounced, state.Deadline()
	case now.Before(state.Deadline()):
		r.Status, r.Until = Pending, state.Deadline()
	default:
		r.Status, r.Until = Overdue, state.Deadline()
	}
	return r
}

func onlyMail(p user.Profile) bool {
	return !slices.ContainsFunc(p.Methods, func(m org.Method) bool { return m != org.Email })
}
