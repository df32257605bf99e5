package mail

import (
	"context"
	"strings"
	"time"

	"github.com/google/uuid"

	"twofold/pkg/audit"
	"twofold/pkg/delivery"
	"twofold/pkg/fault"
	"twofold/pkg/user"
)

// Outcome is what a provider says became of a mail that it had taken.
type Outcome string

// The outcomes.
const (
	OutcomeBounced    Outcome = "bounced"    // the address does not exist, or takes nothing any more
	OutcomeDelayed    Outcome = "delayed"    // given up for now: a full mailbox, a server that is away; the next mail may arrive
	OutcomeComplained Outcome = "complained" // its reader called it unwanted
	OutcomeSuppressed Outcome = "suppressed" // not even tried: the address is known to the provider as one that bounces
	OutcomeRejected   Outcome = "rejected"   // the provider found something in the mail that it does not pass on
)

// Feedback is one provider's word about one mail. It may come twice, late, and before the mail is marked as sent.
type Feedback struct {
	Of         Of
	Outcome    Outcome
	Recipients []string // addresses, as the provider writes them
	At         time.Time
}

// ends are the states of deliveries after an outcome.
var ends = map[Outcome]delivery.State{
	OutcomeBounced: delivery.Bounced, OutcomeDelayed: delivery.Bounced, OutcomeComplained: delivery.Complained,
	OutcomeSuppressed: delivery.Suppressed, OutcomeRejected: delivery.Refused,
}

// marking are the outcomes that say something about the address: a full mailbox, or a mail that the provider did not like, does not.
var marking = map[Outcome]user.Why{
	OutcomeBounced: user.Bounced, OutcomeSuppressed: user.Suppressed, OutcomeComplained: user.Complained,
}

// Hear takes down what the provider says of a mail: how the delivery ended, and, where it says something about the address, a mark on
// it. Of an address that the user has not, or not any more, nothing is written; nor for users who are gone; nor a second time. An
// error means: say it again.
func (s *Service) Hear(ctx context.Context, f Feedback) error {
	end, known := ends[f.Outcome]
	if !known {
		return nil
	}
	if f.Of.Delivery != "" {
		if err := s.Store.Report(ctx, f.Of.Delivery, end, s.Now()); err != nil {
			return fault.Down(err)
		}
	}
	why, marks := marking[f.Outcome]
	if !marks || f.Of.Organization == "" || f.Of.User == "" {
		return nil // administrators' addresses have no marks: the provider's own list keeps mail from them
	}
	_, err := user.Race(func() (struct{}, error) { return struct{}{}, s.note(ctx, f, why) })
	return err
}

// note writes what is new of a user's addresses in one go, with an event for each.
func (s *Service) note(ctx context.Context, f Feedback, why user.Why) error {
	now := s.Now()
	_, p, _, err := s.Store.Recipient(ctx, f.Of.Organization, f.Of.User)
	if err != nil {
		return fault.Down(err)
	}
	if p == nil {
		return nil
	}
	marks, err := s.marks(*p, f, why)
	if err != nil {
		return err
	}
	next := p.Next()
	var events []audit.Event
	for _, m := range marks {
		if next.News(m) {
			next.Set(m)
			events = append(events, undeliverable(next, m, now))
		}
	}
	if len(events) == 0 {
		return nil
	}
	if err := s.Store.Write(ctx, user.Change{Profile: &next, Events: events}); err != nil {
		return fault.Down(err)
	}
	return nil
}

// marks are those of the user's addresses that the provider names. It is they, and not what it was told the mail is about, that
// decide: a notice about a user goes to others too.
func (s *Service) marks(p user.Profile, f Feedback, why user.Why) ([]user.Mark, error) {
	var found []user.Mark
	if names(f, p.Email) {
		found = append(found, user.Mark{Why: why, Since: f.At, Email: strings.ToLower(p.Email)})
	}
	for _, c := range p.Contacts() {
		address, err := s.open(p, c)
		if err != nil {
			return nil, err
		}
		if names(f, address) {
			found = append(found, user.Mark{Why: why, Since: f.At, Digest: c.Digest})
		}
	}
	return found, nil
}

// names reports whether the provider names an address. Only its server knows whether case matters in the part before the @, and
// some report it in another: two mailboxes that differ in nothing else are none in practice.
func names(f Feedback, address string) bool {
	for _, r := range f.Recipients {
		if strings.EqualFold(r, address) {
			return true
		}
	}
	return false
}

// undeliverable is the event of a mark. The user hears of it at the other address, where there is one that takes mail: the
// administrators are not mailed, because one announcement may bring as many of these as the organisation has old addresses; the
// report and the audit log show them.
func undeliverable(p user.Profile, m user.Mark, now time.Time) audit.Event {
	which, other := user.LoginAddress, p.RecoveryMark(now)
	tells := p.Recovery(now).Known()
	if m.Email == "" {
		which, other, tells = user.RecoveryAddress, p.EmailMark(), true
	}
	return audit.Event{
		ID: uuid.Must(uuid.NewV7()).String(), At: now, Kind: audit.UserUndeliverable, Organization: p.Organization, User: p.User,
		Role: audit.System, Actor: "mailer", Notify: m.Stops() && tells && !other.Stops(),
		Details: map[string]string{"address": which, "why": string(m.Why)},
	}
}

// unreachable reports whether an address is one of the user's that nothing is sent to any more. The address itself is compared, not
// its digest: that is of the key of another day.
func (s *Service) unreachable(p user.Profile, address string) (bool, error) {
	if m := p.EmailMark(); m.Stops() && strings.EqualFold(p.Email, address) {
		return true, nil
	}
	for _, c := range p.Contacts() {
		if !p.MarkOf(c).Stops() {
			continue
		}
		stopped, err := s.open(p, c)
		if err != nil {
			return false, err
		}
		if strings.EqualFold(stopped, address) {
			return true, nil
		}
	}
	return false, nil
}
