package policy

import (
	"time"

	"twofold/pkg/decision"
	"twofold/pkg/org"
	"twofold/pkg/user"
)

// Outcome is what a policy would do to a user's next login in a browser.
type Outcome string

// The outcomes. Every user has exactly one of them.
const (
	LetIn            Outcome = "let_in"       // without a second factor
	WithinGrace      Outcome = "within_grace" // let in until the grace is over
	Verify           Outcome = "verify"       // asked for the second factor
	MustEnroll       Outcome = "must_enroll"
	Suspended        Outcome = "suspended"          // refused until a recovery or a reset
	MethodNotAllowed Outcome = "method_not_allowed" // enrolled with methods that would not be allowed
)

// endingSoon is how far ahead the end of an exemption is worth a warning.
const endingSoon = 7 * 24 * time.Hour

// Fate is what a policy would do to one user at a time.
type Fate struct {
	Decision           decision.Decision
	Outcome            Outcome
	RecoveryImpossible bool     // enrolled, and no way back is open: whoever loses the authenticator stays out
	ExemptionEnding    bool     // exempt, for no more than seven days, and then not simply let in or verified
	Refused            []string // services seen in use whose account password would be refused
}

// Exempt reports whether the user is let in by an exemption.
func (f Fate) Exempt() bool { return f.Decision.Reason == decision.IsExempt }

// LockedOut reports whether the user is kept out, or would be by a lost phone or the end of an exemption.
func (f Fate) LockedOut() bool {
	return f.Outcome == Suspended || f.Outcome == MethodNotAllowed || f.RecoveryImpossible || f.ExemptionEnding
}

// judged is what is known of a user, or of a class of users, besides the organisation's policy.
type judged struct {
	state      decision.State // with the facts of the user
	codesSpent bool
	services   []string
}

// foresee asks the decision itself, so that a dry run cannot tell another story than the logins. Locks pass by themselves
// and are not looked at.
func foresee(j judged, at time.Time) Fate {
	d := decision.Decide(j.state, at)
	f := Fate{Decision: d, Outcome: outcome(d)}
	governed := f.Outcome == Verify || f.Outcome == Suspended || f.Outcome == MethodNotAllowed
	ways := j.state.Policy.Recovery
	f.RecoveryImpossible = governed && !ways.MailedCode && (!ways.SavedCodes || j.codesSpent)
	f.ExemptionEnding = d.Reason == decision.IsExempt && !d.Until.After(at.Add(endingSoon)) && j.afterExemption()
	for _, service := range j.services {
		s := j.state
		s.Service = service
		if decision.Decide(s, at).Status == decision.Denied {
			f.Refused = append(f.Refused, service)
		}
	}
	return f
}

// afterExemption reports whether the end of the exemption would keep the user out.
func (j judged) afterExemption() bool {
	end := j.state.Enforcement.Until
	j.state.Enforcement = user.Enforcement{}
	then := outcome(decision.Decide(j.state, end))
	return then != LetIn && then != WithinGrace && then != Verify
}

func outcome(d decision.Decision) Outcome {
	switch {
	case d.Status == decision.Denied:
		return Suspended
	case d.Reason == decision.InGrace:
		return WithinGrace
	case d.Status == decision.Enroll:
		return MustEnroll
	case d.Reason == decision.MethodNotAllowed:
		return MethodNotAllowed
	case d.Status == decision.Challenge:
		return Verify
	}
	return LetIn
}

// later is when a policy has come into force for everybody there is today: enforcement has begun and the grace is over.
func later(p org.Policy, now time.Time) time.Time {
	if p.EnforceFrom.After(now) {
		now = p.EnforceFrom
	}
	return now.AddDate(0, 0, p.GraceDays)
}

// ofClass is a class of users. When they registered is not known of a class, so they count as registered before
// enforcement began: nobody's grace is taken for longer than it is. An exemption of an unknown end lasts.
func ofClass(o org.Organization, p org.Policy, c user.Class, at time.Time) judged {
	s := decision.State{
		Entitlements: o.Entitlements, Policy: p, Methods: c.List(), Suspended: c.Suspended,
		Enforcement: user.Enforcement{Kind: c.Enforcement, Until: at.AddDate(1, 0, 0)},
	}
	if end, dated := c.ExemptUntil.End(); dated {
		s.Enforcement.Until = end
	}
	if end, extended := c.GraceUntil.End(); extended {
		s.Extended = end
	}
	return judged{state: s, codesSpent: c.CodesSpent, services: c.ServiceList()}
}

// ofUser is one user, from the facts of the profile.
func ofUser(o org.Organization, p org.Policy, of user.Profile) judged {
	return judged{
		state: decision.State{
			Entitlements: o.Entitlements, Policy: p, Enforcement: of.Enforcement, RegisteredAt: of.RegisteredAt,
			Extended: of.Grace.Until, Methods: of.Methods, Suspended: !of.SuspendedAt.IsZero(),
		},
		codesSpent: of.CodesSpent, services: of.Services,
	}
}
