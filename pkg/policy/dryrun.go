package policy

import (
	"context"
	"slices"
	"time"

	"twofold/pkg/access"
	"twofold/pkg/fault"
	"twofold/pkg/org"
	"twofold/pkg/user"
)

// DryRun is what a policy would do to the users there are: counts of the next login of each, from the counts by class,
// so that they cost the same whatever the number of users. They are a moment old, and true to the day.
type DryRun struct {
	AsOf          time.Time // the counts are true for this time; zero: nobody was counted yet
	Users         int64
	Enrolled      int64
	Today         Forecast
	Later         Forecast // enforcement has begun, and the grace of today's users is over
	ServicesEnded []string // services that the policy offers app passwords for and this one would not
}

// Forecast is what a policy would do at one time. LetIn, WithinGrace, Verify and MustEnroll with the suspended and those
// of a method not allowed are everybody, each once.
type Forecast struct {
	At          time.Time // the time judged
	LetIn       int64     // without a second factor
	Exempt      int64     // of those let in
	WithinGrace int64
	Verify      int64 // asked for their second factor
	MustEnroll  int64
	LockedOut   LockedOut
	Refused     map[string]int64 // by service, users whose account password would be refused there
}

// LockedOut are the users who are kept out, or would be by a lost phone or the end of an exemption. A user may be in
// several of the numbers, and is in the total once.
type LockedOut struct {
	Total              int64
	RecoveryImpossible int64
	MethodNotAllowed   int64
	ExemptionEnding    int64 // within seven days
	Suspended          int64
}

func (s *Service) counts(ctx context.Context, organization string) (user.Counts, error) {
	counts, err := s.Store.Counts(ctx, organization)
	if err != nil {
		return user.Counts{}, fault.Down(err)
	}
	return counts, nil
}

// DryRun tells what a proposed policy would do, or where none is proposed, what the one that stands does. No proposal is made.
func (s *Service) DryRun(ctx context.Context, c access.Caller, organization string, proposed *org.Policy) (DryRun, error) {
	now := s.Now()
	snap, err := s.existing(ctx, c, ReadRule, organization, now)
	if err != nil {
		return DryRun{}, err
	}
	o := *snap.Organization
	p := o.Policy
	if proposed != nil {
		p = proposed.Begun(o.Policy, now)
		if err := p.Check(o.Entitlements, o.Policy, now); err != nil {
			return DryRun{}, err
		}
	}
	counts, err := s.counts(ctx, organization)
	if err != nil {
		return DryRun{}, err
	}
	return dryRun(o, p, counts, now), nil
}

func dryRun(o org.Organization, p org.Policy, counts user.Counts, now time.Time) DryRun {
	run := DryRun{AsOf: counts.AsOf, Today: Forecast{At: now}, Later: Forecast{At: later(p, now)}}
	for class, n := range counts.ByClass {
		run.Users += n
		if class.Methods != "" {
			run.Enrolled += n
		}
		for _, f := range []*Forecast{&run.Today, &run.Later} {
			f.count(foresee(ofClass(o, p, class, f.At), f.At), n)
		}
	}
	for _, service := range o.Policy.AppPasswordServices {
		if !slices.Contains(p.AppPasswordServices, service) {
			run.ServicesEnded = append(run.ServicesEnded, service)
		}
	}
	return run
}

// count adds the users of one fate.
func (f *Forecast) count(fate Fate, n int64) {
	out := &f.LockedOut
	for _, c := range []struct {
		holds bool
		in    *int64
	}{
		{fate.Outcome == LetIn, &f.LetIn},
		{fate.Exempt(), &f.Exempt},
		{fate.Outcome == WithinGrace, &f.WithinGrace},
		{fate.Outcome == Verify, &f.Verify},
		{fate.Outcome == MustEnroll, &f.MustEnroll},
		{fate.Outcome == Suspended, &out.Suspended},
		{fate.Outcome == MethodNotAllowed, &out.MethodNotAllowed},
		{fate.RecoveryImpossible, &out.RecoveryImpossible},
		{fate.ExemptionEnding, &out.ExemptionEnding},
		{fate.LockedOut(), &out.Total},
	} {
		if c.holds {
			*c.in += n
		}
	}
	for _, service := range fate.Refused {
		if f.Refused == nil {
			f.Refused = map[string]int64{}
		}
		f.Refused[service] += n
	}
}
