package org

import "time"

// SenderState is what is known of the domain that an organisation's mail is to come from.
type SenderState string

// The states of a sender domain.
const (
	SenderPending  SenderState = "pending"  // claimed; the DNS records were not seen yet
	SenderVerified SenderState = "verified" // mail comes from it
	SenderFailed   SenderState = "failed"   // the DNS records were not seen in time
	SenderLost     SenderState = "lost"     // it was verified, and is not any more
)

// Sender is who an organisation's mail comes from, instead of the system's own sender. It is an item of its own, since
// no login needs it.
type Sender struct {
	Organization string
	Rev          int64  // raised by every write of the item
	Domain       string // ASCII form (IDNA), lower case; empty: given up
	From         string // the local part
	Name         string // shown beside the address; empty: the organisation's name
	State        SenderState
	ClaimedAt    time.Time
	VerifiedAt   time.Time // zero: never was
	LostAt       time.Time
	// FallsBackSince says since when the system's sender stands in for a domain that was verified once; zero: it does not.
	FallsBackSince time.Time
	// Discarded is the domain before this one. Its claim has ended; its identity at the mail provider is deleted, or, if that
	// failed, will be by the next change.
	Discarded string
}

// Address is where its mail comes from; empty where there is none.
func (s Sender) Address() string {
	if s.Domain == "" {
		return ""
	}
	return s.From + "@" + s.Domain
}

// Next is the sender as the next write begins from it.
func (s Sender) Next() Sender {
	s.Rev++
	return s
}

// Lose is the sender after mail from it was found to be refused.
func (s Sender) Lose(now time.Time) Sender {
	s = s.Next()
	s.State, s.LostAt = SenderLost, now
	return s.FallBack(now)
}

// Verify is the sender after its domain was found to be verified. Without the entitlement the system's sender stands in all the same.
func (s Sender) Verify(now time.Time, entitled bool) Sender {
	s = s.Next()
	s.State, s.VerifiedAt, s.LostAt = SenderVerified, now, time.Time{}
	if entitled {
		s.FallsBackSince = time.Time{}
		return s
	}
	return s.FallBack(now)
}

// Entitle is the sender after the entitlement was granted, or withdrawn; false where that changes nothing of it.
func (s Sender) Entitle(granted bool, now time.Time) (Sender, bool) {
	if s.State != SenderVerified || granted == s.FallsBackSince.IsZero() {
		return s, false
	}
	s = s.Next()
	if granted {
		s.FallsBackSince = time.Time{}
		return s, true
	}
	return s.FallBack(now), true
}

// FallBack notes since when the system's sender stands in.
func (s Sender) FallBack(now time.Time) Sender {
	if s.FallsBackSince.IsZero() {
		s.FallsBackSince = now
	}
	return s
}

// Rest is how long a domain that was once verified stays closed to other organisations after its release: its DNS records may
// still say that this deployment may send for it, whoever asks.
const Rest = 30 * 24 * time.Hour

// DomainClaim says whose a domain is. A released one stays, so that nobody else gets a domain whose DNS records still stand.
type DomainClaim struct {
	Domain       string
	Organization string
	Rev          int64
	ClaimedAt    time.Time
	ReleasedAt   time.Time // zero: it stands
	Verified     bool      // it was released after it had been verified
}

// Release is the claim after its organisation has given the domain up. verified says that mail may have come from it.
func (c DomainClaim) Release(verified bool, now time.Time) DomainClaim {
	c.Rev++
	c.ReleasedAt, c.Verified = now, verified
	return c
}

// Open reports whether an organisation may claim a domain on which this claim stands.
func (c DomainClaim) Open(organization string, now time.Time) bool {
	switch {
	case c.Organization == organization:
		return true
	case c.ReleasedAt.IsZero():
		return false
	}
	return !c.Verified || !now.Before(c.ReleasedAt.Add(Rest))
}
