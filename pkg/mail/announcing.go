package mail

import (
	"context"
	"errors"
	"time"

	"twofold/pkg/audit"
	"twofold/pkg/decision"
	"twofold/pkg/fault"
	"twofold/pkg/org"
	"twofold/pkg/user"
)

// recipient is a user whom a round concerns.
type recipient struct {
	profile  user.Profile
	deadline time.Time
	seen     int // users of the batch looked at so far, this one among them
}

// concerned chooses from users without a second factor, up to a batch, and says how many were looked at.
func concerned(a org.Announcement, o org.Organization, users []user.Profile, now time.Time) (to []recipient, seen int) {
	for _, p := range users {
		seen++
		if p.EmailMark().Known() {
			continue // nothing arrives there, or its reader wants none of it
		}
		if deadline, ok := due(a, o, p, now); ok {
			to = append(to, recipient{p, deadline, seen})
		}
		if len(to) == org.BatchSize {
			break
		}
	}
	return to, seen
}

// due reports whether a round concerns a user: the first everybody who is, or will be, obliged; a later one whoever's own time
// has come near since the round before.
func due(a org.Announcement, o org.Organization, p user.Profile, now time.Time) (deadline time.Time, ok bool) {
	state := decision.State{
		Entitlements: o.Entitlements, Policy: o.Policy, Enforcement: p.Enforcement, RegisteredAt: p.RegisteredAt,
		Extended: p.Grace.Until, Methods: p.Methods,
	}
	deadline = state.Deadline()
	if a.Round == 0 {
		begins := now
		if o.Policy.EnforceFrom.After(now) {
			begins = o.Policy.EnforceFrom
		}
		return deadline, state.Obliged(begins)
	}
	remind := deadline.Add(-org.ReminderLead)
	return deadline, remind.After(a.Judged) && !remind.After(a.RoundAt) && deadline.After(now) && state.Obliged(deadline)
}

// goesOn reports whether somebody may have to be reminded later: the time of those who are there is not over, or whoever comes later is given
// some of their own.
func goesOn(p org.Policy, now time.Time) bool {
	return p.GraceDays > 0 || p.EnforceFrom.After(now)
}

// sending is what became of a batch. stopped says why it went no further than to the user last.
type sending struct {
	sent, failed, unknown int64
	last                  string
	seen                  int
	stopped               error
}

// send mails recipients in their order. It stops where the provider does not take mail now: whoever it surely did not take is left for
// later, and whoever it may have taken is unknown.
func (n *Announcer) send(ctx context.Context, own *org.Sender, o org.Organization, round int, to []recipient) sending {
	var done sending
	for _, r := range to {
		lost, err := n.Mail.post(ctx, own, announcementLetter(r, o, round))
		switch {
		case err == nil:
			done.sent++
		case errors.Is(err, ErrRejected):
			done.failed++
		case errors.Is(err, ErrNotTaken):
			done.stopped = fault.Down(err)
			return done
		default:
			done.unknown++
			done.stopped = fault.Down(err)
		}
		done.last, done.seen = r.profile.User, r.seen
		if done.stopped != nil {
			return done
		}
		if lost {
			if err := n.Mail.lose(ctx, own, n.Mail.Now()); err != nil {
				done.stopped = err
				return done
			}
		}
	}
	return done
}

func announcementLetter(r recipient, o org.Organization, round int) letter {
	c := content{
		Organization: o.Name, Heading: "Two-factor authentication will be required",
		Lead:   "Your organisation asks everybody for a second factor when signing in. At your next sign-in you can set it up: have your phone with an authenticator app at hand, and a private email address.",
		NotYou: "This message asks for no code and no password, and has no link. Set it up where you sign in as always.",
	}
	tag := "announcement"
	if round > 0 {
		c.Heading, tag = "Your time to set up two-factor authentication is running out", "reminder"
		c.Lead = "You have no second factor yet. Set one up at your next sign-in: afterwards you cannot sign in without."
	}
	if from := o.Policy.EnforceFrom; !from.IsZero() {
		c.Facts = append(c.Facts, "Required from: "+audit.InWords(from))
	}
	if o.Policy.GraceDays > 0 || r.deadline.After(o.Policy.EnforceFrom) {
		c.Facts = append(c.Facts, "You have time until: "+audit.InWords(r.deadline))
	}
	return letter{to: r.profile.Email, subject: c.Heading + ": " + o.Name, tag: tag, of: Of{Organization: o.ID, User: r.profile.User}, content: c}
}
