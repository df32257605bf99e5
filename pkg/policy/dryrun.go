package policy

import (
	"context"
	"time"

	"twofold/pkg/decision"
	"twofold/pkg/fault"
	"twofold/pkg/org"
	"twofold/pkg/user"
)

// DryRun is what a policy would do to the users there are: counts of the next login of each, once
// enforcement has begun and the grace of today's users is over.
type DryRun struct {
	AsOf             time.Time // the counts are true for this time; zero: nobody was counted yet
	At               time.Time // the time judged
	Users            int64
	Enrolled         int64
	LetIn            int64 // without a second factor
	Exempt           int64 // of those let in; an exemption may end before
	Verify           int64 // asked for their second factor
	MustEnroll       int64
	MethodNotAllowed int64 // enrolled with a method that the policy no longer allows
	Suspended        int64 // refused until a recovery or a reset
}

func (s *Service) counts(ctx context.Context, organization string) (user.Counts, error) {
	counts, err := s.Store.Counts(ctx, organization)
	if err != nil {
		return user.Counts{}, fault.Down(err)
	}
	return counts, nil
}

// dryRun asks the decision itself about each class of users, so that it cannot tell another story than the logins.
func dryRun(e org.Entitlements, p org.Policy, counts user.Counts, now time.Time) DryRun {
	at := now
	if p.EnforceFrom.After(at) {
		at = p.EnforceFrom
	}
	at = at.AddDate(0, 0, p.GraceDays)
	run := DryRun{AsOf: counts.AsOf, At: at}
	for class, n := range counts.ByClass {
		state := decision.State{
			Entitlements: e, Policy: p, Methods: class.List(), Suspended: class.Suspended, RegisteredAt: now,
			Enforcement: user.Enforcement{Kind: class.Enforcement, Until: at.AddDate(1, 0, 0)},
		}
		run.count(decision.Decide(state, at), class, n)
	}
	return run
}

func (r *DryRun) count(d decision.Decision, class user.Class, n int64) {
	r.Users += n
	if class.Methods != "" {
		r.Enrolled += n
	}
	switch {
	case d.Reason == decision.IsExempt:
		r.Exempt += n
		r.LetIn += n
	case d.Status == decision.Complete:
		r.LetIn += n
	case d.Reason == decision.MethodNotAllowed:
		r.MethodNotAllowed += n
	case d.Status == decision.Challenge:
		r.Verify += n
	case d.Status == decision.Enroll:
		r.MustEnroll += n
	case d.Reason == decision.IsSuspended:
		r.Suspended += n
	}
}
