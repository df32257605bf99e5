package user

import (
	"maps"
	"time"
)

// Contact is an address that codes may go to: sealed, and its digest, which names it without telling it. The zero value
// is none.
type Contact struct {
	Sealed []byte
	Digest []byte
}

// Known reports whether there is an address.
func (c Contact) Known() bool { return len(c.Sealed) > 0 }

// NextContact is a verified address that is to be the recovery email from a time on.
type NextContact struct {
	Contact
	From time.Time
}

// Recovery is the recovery email that holds at now.
func (p Profile) Recovery(now time.Time) Contact {
	if p.NextRecovery.Known() && !now.Before(p.NextRecovery.From) {
		return p.NextRecovery.Contact
	}
	return Contact{p.RecoveryEmail, p.RecoveryDigest}
}

// Contacts are the recovery emails that the profile has: the one that holds, one that waits, and one that another has taken the place of
// without a write.
func (p Profile) Contacts() []Contact {
	var all []Contact
	for _, c := range []Contact{{p.RecoveryEmail, p.RecoveryDigest}, p.NextRecovery.Contact} {
		if c.Known() {
			all = append(all, c)
		}
	}
	return all
}

// Waiting is the address that will be the recovery email, and is not yet.
func (p Profile) Waiting(now time.Time) (NextContact, bool) {
	return p.NextRecovery, p.NextRecovery.Known() && now.Before(p.NextRecovery.From)
}

// Settle makes the recovery email that holds at now the only one: an address that waits is forgotten.
func (p *Profile) Settle(now time.Time) {
	holds := p.Recovery(now)
	p.RecoveryEmail, p.RecoveryDigest, p.NextRecovery = holds.Sealed, holds.Digest, NextContact{}
}

// Move lets another verified address become the recovery email after a delay; at once where there was none. One that was
// waiting is forgotten.
func (p *Profile) Move(c Contact, delay time.Duration, now time.Time) {
	p.Settle(now)
	if !p.Recovery(now).Known() {
		p.RecoveryEmail, p.RecoveryDigest = c.Sealed, c.Digest
		return
	}
	p.NextRecovery = NextContact{c, now.Add(delay)}
}

// Call gives an authenticator another name; none where it is empty.
func (p *Profile) Call(authenticator, name string) {
	p.Names = maps.Clone(p.Names)
	if name == "" {
		delete(p.Names, authenticator)
		return
	}
	if p.Names == nil {
		p.Names = map[string]string{}
	}
	p.Names[authenticator] = name
}

// Enrolled takes over what the factors say for reports: the methods, and that names are of authenticators that there are.
func (p *Profile) Enrolled(f Factors) {
	p.Methods, p.CodesSpent = f.Methods(), f.Enrolled() && f.RecoveryCodes.Left() == 0
	p.unmarkNumbers(f)
	names := map[string]string{}
	for _, a := range f.Authenticators {
		if name, named := p.Names[a.ID]; named {
			names[a.ID] = name
		}
	}
	p.Names = nil
	if len(names) > 0 {
		p.Names = names
	}
}
