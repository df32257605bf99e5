package mail

import (
	"context"
	"encoding/hex"
	"errors"
	"slices"
	"strings"
	"time"

	"twofold/pkg/access"
	"twofold/pkg/audit"
	"twofold/pkg/delivery"
	"twofold/pkg/factor"
	"twofold/pkg/fault"
	"twofold/pkg/org"
	"twofold/pkg/user"
)

// code sends a code to the address or number that it was ordered for, if that is still the one.
func (s *Service) code(ctx context.Context, o Order) error {
	now := s.Now()
	organization, profile, f, err := s.Store.Addressee(ctx, o.Organization, o.User)
	if err != nil {
		return fault.Down(err)
	}
	id := delivery.OfCode(o.Organization, o.User, o.Reference)
	at := slices.IndexFunc(f.Challenges, func(c user.Challenge) bool { return c.ID == o.Reference })
	if profile == nil || organization == nil || at < 0 || !now.Before(f.Challenges[at].ExpiresAt) {
		return s.end(ctx, id, delivery.Obsolete, now)
	}
	challenge, v := f.Challenges[at], organization.voice(profile.Language)
	if challenge.Purpose.Method() == org.SMS {
		return s.text(ctx, *organization, v, *profile, f, challenge, id)
	}
	address, err := s.address(challenge, *profile, f, now)
	if err != nil {
		return err
	}
	same, err := factor.SameAddress(s.Codes, challenge.Address, address)
	if err != nil {
		return fault.Down(err)
	}
	if !same {
		return s.end(ctx, id, delivery.Obsolete, now)
	}
	if stopped, err := s.unreachable(*profile, address); err != nil || stopped {
		return s.endIf(ctx, id, delivery.Suppressed, now, err)
	}
	code, err := factor.MailedCode(s.Codes, challenge.KeyID, f.Mailed(challenge))
	if err != nil {
		return fault.Down(err)
	}
	l := codeLetter(v, address, challenge.Purpose, code, o.from(f), challenge.SentAt())
	l.of.User = o.User
	return s.sendOne(ctx, organization.ID, organization.Entitlements.Sender, id, l, now)
}

// from is from where a code was asked. An order that comes back from the queue holds no address: then it is read where it stands, unless
// another write has taken it away.
func (o Order) from(f user.Factors) user.Origin {
	if o.From == (user.Origin{}) && f.Deliver == o.Reference {
		return f.From
	}
	return o.From
}

// address finds where a challenge's code goes: only ever to a stored address, or to the one being verified.
func (s *Service) address(c user.Challenge, p user.Profile, f user.Factors, now time.Time) (string, error) {
	entered := user.Contact{}
	if f.Enrollment != nil {
		entered.Sealed = f.Enrollment.RecoveryEmail
	}
	switch {
	case c.Purpose == user.ProveLogin:
		return p.Email, nil
	case c.Purpose == user.VerifyRecovery, c.Purpose.Act() == user.Confirm && entered.Known():
		return s.open(p, entered)
	}
	return s.open(p, p.Recovery(now))
}

func (s *Service) open(p user.Profile, c user.Contact) (string, error) {
	if !c.Known() {
		return "", nil
	}
	plain, err := s.Contacts.Open(c.Sealed, user.RecoveryUse(p.Organization, p.User))
	if err != nil {
		return "", fault.Down(err)
	}
	return string(plain), nil
}

// stepUp sends an administrator the code of a proposal, with what is about to change.
func (s *Service) stepUp(ctx context.Context, o Order) error {
	now := s.Now()
	p, err := s.Store.Pending(ctx, o.Organization, o.Administrator, o.Reference, now)
	if err != nil {
		return fault.Down(err)
	}
	id := delivery.ID("step-up", o.Organization, o.Reference, o.Administrator)
	code, err := s.word(ctx, id, p, now)
	if err != nil || code == "" {
		return err
	}
	about := vendor
	if p.Organization != "" {
		about = Organization{Organization: org.Organization{Name: p.Organization}, Branding: p.Branding}
	}
	return s.sendOne(ctx, o.Organization, p.OwnSender, id, stepUpLetter(about.voice(""), *p, code), now)
}

// arrival sends an administrator the code to come into the console with. It counts as mail of the administrators' own organisation: whoever
// knows an address can have it sent, and must not use up what the administrator's own changes need.
func (s *Service) arrival(ctx context.Context, o Order) error {
	now := s.Now()
	p, err := s.Store.Arriving(ctx, o.Reference, now)
	if err != nil {
		return fault.Down(err)
	}
	id := delivery.ID("arrival", o.Organization, o.Reference, o.Administrator)
	code, err := s.word(ctx, id, p, now)
	if err != nil || code == "" {
		return err
	}
	return s.sendOne(ctx, access.Administrators, false, id, arrivalLetter(vendor.voice(""), *p, code), now)
}

// word is the code of what waits for an administrator; empty where it waits no more, or the administrator is reached elsewhere by now: then the
// delivery has ended.
func (s *Service) word(ctx context.Context, id string, p *Proposal, now time.Time) (string, error) {
	if p == nil || !p.Live {
		return "", s.end(ctx, id, delivery.Obsolete, now)
	}
	same, err := factor.SameAddress(s.Codes, p.Mailed.Address, p.Email)
	if err != nil {
		return "", fault.Down(err)
	}
	if !same {
		return "", s.end(ctx, id, delivery.Obsolete, now)
	}
	code, err := factor.MailedCode(s.Codes, p.KeyID, p.Mailed)
	if err != nil {
		return "", fault.Down(err)
	}
	return code, nil
}

// notice tells the people concerned of an event: the user at every verified address, or all administrators.
func (s *Service) notice(ctx context.Context, o Order) error {
	o, there, err := s.told(ctx, o)
	if err != nil || !there {
		return err
	}
	users, administrators, organization, err := s.concerned(ctx, o, s.Now())
	if err != nil || organization == nil {
		return err
	}
	own, err := s.own(ctx, organization.ID, organization.Entitlements.Sender)
	if err != nil {
		return err
	}
	var failed error
	for i, r := range slices.Concat(users, administrators) {
		digest, err := factor.AddressDigest(s.Codes, s.Codes.PRFKeyID(), r.address)
		if err != nil {
			return fault.Down(err)
		}
		id := delivery.ID(string(o.Kind), o.Organization, o.Reference, hex.EncodeToString(digest))
		l := noticeLetter(organization.voice(r.language), r.address, o.Event)
		l.of = Of{Organization: o.Organization, User: o.Event.User}
		limits, err := s.noticeLimits(o.Event, r.address, i >= len(users), s.Now())
		if err != nil {
			return err
		}
		capped, err := s.send(ctx, own, id, l, limits, s.Now())
		if err == nil && capped {
			id = delivery.ID("more", o.Organization, string(o.Event.Kind), s.Now().UTC().Format(time.DateOnly), hex.EncodeToString(digest))
			_, err = s.send(ctx, own, id, moreLetter(l), quota{}, s.Now())
		}
		if err != nil {
			failed = err // the others are told all the same
		}
	}
	return failed
}

// told is a notice with what it is about, which is read again where the order came back from the queue; false where that is gone.
func (s *Service) told(ctx context.Context, o Order) (Order, bool, error) {
	if o.Event.Kind != "" {
		return o, true, nil
	}
	o, there, err := s.Store.Told(ctx, o)
	if err != nil {
		return o, false, fault.Down(err)
	}
	return o, there, nil
}

// concerned are the addresses that a notice goes to: of a user, and of administrators.
func (s *Service) concerned(ctx context.Context, o Order, now time.Time) (users, administrators []reader, found *Organization, err error) {
	if o.Organization == access.VendorHome {
		all, err := s.administrators(ctx, o)
		return nil, readers(all, ""), &vendor, err
	}
	found, profile, _, err := s.Store.Addressee(ctx, o.Organization, o.Event.User)
	if err != nil {
		return nil, nil, nil, fault.Down(err)
	}
	if found == nil {
		return nil, nil, nil, nil
	}
	language := ""
	if profile != nil {
		language = profile.Language
	}
	if len(o.To) > 0 {
		all, err := s.named(o)
		return readers(all, language), nil, found, err
	}
	if profile != nil && !forThemOnly[o.Event.Kind] {
		all, err := s.reachable(*profile, o.Event.Kind, now)
		if err != nil {
			return nil, nil, nil, err
		}
		users = readers(all, language)
	}
	if o.Event.User == "" || forAdministrators[o.Event.Kind] {
		all, err := s.administrators(ctx, o)
		if err != nil {
			return nil, nil, nil, err
		}
		administrators = readers(all, "")
	}
	return users, administrators, found, nil
}

// reachable are a user's addresses that take mail, each once: the login address, the recovery email, and the one that is to take its
// place. Of its change the address before hears too, even where it holds no more.
func (s *Service) reachable(p user.Profile, about audit.Kind, now time.Time) ([]string, error) {
	var to []string
	if !p.EmailMark().Stops() {
		to = append(to, p.Email)
	}
	contacts := []user.Contact{p.Recovery(now), p.NextRecovery.Contact}
	if about == audit.RecoveryEmailChanged {
		contacts = append(contacts, user.Contact{Sealed: p.RecoveryEmail})
	}
	for _, c := range contacts {
		address, err := s.open(p, c)
		if err != nil {
			return nil, err
		}
		stopped, err := s.unreachable(p, address)
		if err != nil {
			return nil, err
		}
		if address != "" && !stopped && !slices.ContainsFunc(to, func(known string) bool { return strings.EqualFold(known, address) }) {
			to = append(to, address)
		}
	}
	return to, nil
}

// named are the addresses that a notice itself names, each once.
func (s *Service) named(o Order) ([]string, error) {
	plain, err := s.Contacts.Open(o.To, user.NoticeUse(o.Organization, o.User, o.Reference))
	if err != nil {
		return nil, fault.Down(err)
	}
	var to []string
	for address := range strings.SplitSeq(string(plain), "\n") {
		same := func(other string) bool { return strings.EqualFold(other, address) }
		if !slices.ContainsFunc(to, same) {
			to = append(to, address)
		}
	}
	return to, nil
}

// sendOne delivers an organisation's letter with a code to its only recipient; entitled says whether it may have a sender of its own.
func (s *Service) sendOne(ctx context.Context, organization string, entitled bool, id string, l letter, now time.Time) error {
	own, err := s.own(ctx, organization, entitled)
	if err != nil {
		return err
	}
	l.of.Organization = organization
	limits, err := s.codeLimits(organization, l.to, id, now)
	if err != nil {
		return err
	}
	_, err = s.send(ctx, own, id, l, limits, now)
	return err
}

// send delivers one letter once: claimed and counted before, marked after. It is at least once: after a crash in
// between, and where the provider's answer was lost, the same goes out again, because a code that never comes is worse than one that comes twice.
//
// capped says that it is not sent because it is beyond the limits, which is found out once.
func (s *Service) send(ctx context.Context, own *org.Sender, id string, l letter, limits quota, now time.Time) (capped bool, err error) {
	claim, err := s.claim(ctx, l.of.Organization, id, limits, now)
	if err != nil || claim != Granted {
		return claim == Overspent, err
	}
	return false, s.handOver(ctx, own, id, l, now)
}

// handOver gives a letter that was claimed to the provider, and marks what came of it.
func (s *Service) handOver(ctx context.Context, own *org.Sender, id string, l letter, now time.Time) error {
	l.of.Delivery = id
	lost, err := s.post(ctx, own, l)
	if marked := s.handed(ctx, l.of.Organization, id, err, now); marked != nil || err != nil || !lost {
		return marked
	}
	return s.lose(ctx, own, now)
}

// handed marks what became of a mail or an SMS that was handed to its provider, by what that answered. An error means: try again.
func (s *Service) handed(ctx context.Context, organization, id string, answered error, now time.Time) error {
	switch {
	case errors.Is(answered, ErrOptedOut):
		s.Unsent(organization, answered.Error())
		return s.mark(ctx, id, delivery.Suppressed, now)
	case errors.Is(answered, ErrRejected):
		s.Unsent(organization, answered.Error())
		return s.mark(ctx, id, delivery.Refused, now)
	case answered != nil:
		if marked := s.mark(ctx, id, delivery.Failed, now); marked != nil {
			return marked
		}
		return fault.Down(answered)
	}
	return s.mark(ctx, id, delivery.Sent, now)
}

// claim asks for the right to deliver within limits. Beyond them the delivery ends, and is not tried again.
func (s *Service) claim(ctx context.Context, organization, id string, limits quota, now time.Time) (claim Claim, err error) {
	claim = Overspent
	if limits.reserved != nil {
		claim, err = s.Store.Spend(ctx, id, limits.reserved, now)
	}
	if err == nil && claim == Overspent {
		claim, err = s.Store.Spend(ctx, id, limits.shared, now)
	}
	switch {
	case err != nil:
		return Busy, fault.Down(err)
	case claim == Busy:
		return Busy, ErrBusy
	case claim == Overspent:
		s.Unsent(organization, string(delivery.Capped))
		return Overspent, s.end(ctx, id, delivery.Capped, now)
	}
	return claim, nil
}

// endIf closes a delivery unless something failed before.
func (s *Service) endIf(ctx context.Context, id string, state delivery.State, now time.Time, err error) error {
	if err != nil {
		return err
	}
	return s.end(ctx, id, state, now)
}

// end closes a delivery that is not to be made any more.
func (s *Service) end(ctx context.Context, id string, state delivery.State, now time.Time) error {
	claim, err := s.Store.Claim(ctx, id, now)
	if err != nil {
		return fault.Down(err)
	}
	if claim != Granted {
		return nil
	}
	return s.mark(ctx, id, state, now)
}

func (s *Service) mark(ctx context.Context, id string, state delivery.State, now time.Time) error {
	if err := s.Store.Mark(ctx, id, state, now); err != nil {
		return fault.Down(err)
	}
	return nil
}
