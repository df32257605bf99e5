package mail

import (
	"time"

	"twofold/pkg/decision"
	"twofold/pkg/org"
	"twofold/pkg/user"
)

// recipient is a user whom a round concerns.
type recipient struct {
	profile  user.Profile
	enrolled bool
	obliged  bool      // by the time at which forcing takes effect
	already  bool      // obliged, and that time has come
	deadline time.Time // of who is obliged; zero: it is over
}

// due reports whether a round concerns a user. The first of an announcement that came with a policy: everybody without a second factor
// who is, or will be, obliged; of one made by hand: its addressees. A later one: whoever's own time has come near since the round before.
func due(a org.Announcement, o org.Organization, p user.Profile, now time.Time) (recipient, bool) {
	state := decision.State{
		Entitlements: o.Entitlements, Policy: o.Policy, Enforcement: p.Enforcement, RegisteredAt: p.RegisteredAt,
		Extended: p.Grace.Until, Methods: p.Methods,
	}
	begins := now
	if o.Policy.EnforceFrom.After(now) {
		begins = o.Policy.EnforceFrom
	}
	r := recipient{profile: p, enrolled: !p.EnrolledAt.IsZero(), obliged: state.Obliged(begins), deadline: state.Deadline()}
	r.already = r.obliged && begins.Equal(now)
	switch {
	case unwanted(p), r.enrolled && a.Addressees() != org.ToAll:
		return r, false
	case !r.deadline.After(now):
		r.deadline = time.Time{}
		return r, a.Round == 0 && (a.ByHand != nil || r.obliged)
	case a.Round > 0:
		remind := r.deadline.Add(-org.ReminderLead)
		return r, remind.After(a.Judged) && !remind.After(a.RoundAt) && state.Obliged(r.deadline)
	}
	return r, a.ByHand != nil || r.obliged
}

// unwanted reports whether no announcement goes to a user, whatever it says: the user wants none, nothing arrives at the address, or its
// reader called a mail of ours unwanted. Pages of an index do not know this, a profile does.
func unwanted(p user.Profile) bool { return !p.OptedOutAt.IsZero() || p.EmailMark().Known() }

// goesOn reports whether somebody may have to be reminded later: the time of those who are there is not over, or whoever comes later is given
// some of their own.
func goesOn(a org.Announcement, o org.Organization, now time.Time) bool {
	return a.Reminds() && o.Policy.Status == org.Forced && (o.Policy.GraceDays > 0 || o.Policy.EnforceFrom.After(now))
}
