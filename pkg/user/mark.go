package user

import (
	"bytes"
	"slices"
	"strings"
	"time"
)

// Why is why mail to an address is of no use, or unwelcome.
type Why string

// The reasons of a mark.
const (
	Bounced    Why = "bounced"    // the address does not exist, or takes nothing any more
	Suppressed Why = "suppressed" // the provider knows it as one that bounces, and did not even try
	Complained Why = "complained" // its reader called a mail of ours unwanted
	OptedOut   Why = "opted_out"  // the owner of the number wants no SMS
	Cleared    Why = "cleared"    // an administrator says that it takes mail again: what was heard before does not count
)

// Mark is what is known of mail to one address of a user. It stands on the address itself, so another one begins without. The zero
// value is none.
type Mark struct {
	Why    Why
	Since  time.Time
	Email  string // the login address that it is of, in lower case; empty: it is of a recovery email
	Digest []byte // the digest of the recovery email that it is of
	Number bool   // the digest is of an authenticator's telephone number instead
}

// Stops reports whether nothing is sent to the address any more: not even a code, which would not arrive and make the provider think
// ill of the sender. Whoever complained still gets codes and notices, which they asked for or need, and no announcements.
func (m Mark) Stops() bool { return m.Why == Bounced || m.Why == Suppressed }

// Known reports whether the mark says anything against the address.
func (m Mark) Known() bool { return m.Stops() || m.Why == Complained || m.Why == OptedOut }

// EmailMark is the mark of the login address.
func (p Profile) EmailMark() Mark {
	return p.mark(Mark{Email: strings.ToLower(p.Email)})
}

// RecoveryMark is the mark of the recovery email that holds at now.
func (p Profile) RecoveryMark(now time.Time) Mark { return p.MarkOf(p.Recovery(now)) }

// MarkOf is the mark of a recovery email.
func (p Profile) MarkOf(c Contact) Mark {
	if len(c.Digest) == 0 {
		return Mark{}
	}
	return p.mark(Mark{Digest: c.Digest})
}

func (p Profile) mark(of Mark) Mark {
	for _, m := range p.Marks {
		if m.sameAddress(of) {
			return m
		}
	}
	return Mark{}
}

func (m Mark) sameAddress(other Mark) bool {
	return m.Email == other.Email && m.Number == other.Number && bytes.Equal(m.Digest, other.Digest)
}

// heavier orders reasons by what they stop.
var heavier = map[Why]int{Complained: 1, Suppressed: 2, Bounced: 2, OptedOut: 2}

// News reports whether a mark says more than the one that the address has: it stops more, or something was heard since the address was
// cleared.
func (p Profile) News(m Mark) bool {
	stands := p.mark(m)
	if stands.Why == Cleared {
		return m.Since.After(stands.Since)
	}
	return heavier[m.Why] > heavier[stands.Why]
}

// Set puts a mark in the place of the one that the address has.
func (p *Profile) Set(m Mark) {
	others := slices.DeleteFunc(slices.Clone(p.Marks), func(o Mark) bool { return o.sameAddress(m) })
	p.Marks = append(others, m)
}

// Clear says of every address with a mark that it takes mail again. False: there was none.
func (p *Profile) Clear(now time.Time) bool {
	cleared := false
	p.Marks = slices.Clone(p.Marks)
	for i, m := range p.Marks {
		if m.Known() {
			p.Marks[i].Why, p.Marks[i].Since = Cleared, now
			cleared = true
		}
	}
	return cleared
}

// Standing are the marks of addresses that the profile has: those of others are not kept.
func (p Profile) Standing() []Mark {
	has := []Mark{{Email: strings.ToLower(p.Email)}}
	for _, c := range p.Contacts() {
		has = append(has, Mark{Digest: c.Digest})
	}
	var standing []Mark
	for _, m := range p.Marks {
		if m.Number || slices.ContainsFunc(has, m.sameAddress) { // numbers go with their authenticators: see Enrolled
			standing = append(standing, m)
		}
	}
	return standing
}

// The addresses of a user, as reports and events call them.
const (
	LoginAddress    = "login_email"
	RecoveryAddress = "recovery_email"
	PhoneNumber     = "phone"
)

// Trouble is a mark of one of a user's addresses, for people to read.
type Trouble struct {
	Mark
	Which string
}

// Troubles are what is known against the user's addresses at now. Facts for reports name no recovery email: of them any mark counts that
// was there when they were written.
func (p Profile) Troubles(now time.Time) []Trouble {
	var all []Trouble
	if m := p.EmailMark(); m.Known() {
		all = append(all, Trouble{m, LoginAddress})
	}
	recovery := p.RecoveryMark(now)
	if len(p.Contacts()) == 0 {
		for _, m := range p.Marks {
			if m.Email == "" && !m.Number && m.Known() {
				recovery = m
			}
		}
	}
	if recovery.Known() {
		all = append(all, Trouble{recovery, RecoveryAddress})
	}
	for _, m := range p.Marks {
		if m.Number && m.Known() {
			all = append(all, Trouble{m, PhoneNumber})
		}
	}
	return all
}

// Stopped reports whether nothing is sent to one of the user's addresses.
func (p Profile) Stopped(which string, now time.Time) bool {
	return slices.ContainsFunc(p.Troubles(now), func(t Trouble) bool { return t.Which == which && t.Stops() })
}
