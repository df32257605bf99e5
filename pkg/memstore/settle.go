package memstore

import (
	"maps"
	"time"

	"twofold/pkg/access"
	"twofold/pkg/audit"
	"twofold/pkg/org"
	"twofold/pkg/stepup"
	"twofold/pkg/throttle"
	"twofold/pkg/user"
)

// The functions here copy a thing as the table would give it back.

func settleFactors(f user.Factors) user.Factors {
	f.Attempt = list(f.Attempt)
	if f.Deliver == "" || f.Deliver == user.DeliverCodes {
		f.From = user.Origin{}
	}
	f.Authenticators = each(f.Authenticators, func(a user.Authenticator) user.Authenticator {
		a.Secret, a.Digest, a.CreatedAt = list(a.Secret), list(a.Digest), floor(a.CreatedAt)
		return a
	})
	f.Challenges = each(f.Challenges, func(c user.Challenge) user.Challenge {
		c.Address, c.ExpiresAt = list(c.Address), floor(c.ExpiresAt)
		return c
	})
	f.Successes = each(f.Successes, func(s user.Success) user.Success {
		s.Tag, s.At = list(s.Tag), floor(s.At)
		return s
	})
	f.Throttle = throttle.State{
		Consecutive: f.Throttle.Consecutive, Failures: each(f.Throttle.Failures, ceiling),
		LockedUntil: ceiling(f.Throttle.LockedUntil),
	}
	f.Tried = settleTry(f.Tried, f.Throttle.Failures)
	f.Sends = each(f.Sends, ceiling)
	if f.Enrollment != nil {
		e := *f.Enrollment
		e.RecoveryEmail, e.RecoveryDigest, e.Secret, e.Digest = list(e.RecoveryEmail), list(e.RecoveryDigest), list(e.Secret), list(e.Digest)
		e.ExpiresAt = floor(e.ExpiresAt)
		f.Enrollment = &e
	}
	return f
}

// settleTry: the time of a wrong one is kept as the last failure's.
func settleTry(t user.Try, failures []time.Time) user.Try {
	switch {
	case t.Way == "":
		return user.Try{}
	case t.Right:
		t.At = floor(t.At)
	case len(failures) > 0:
		t.At = failures[len(failures)-1]
	default:
		t.At = time.Time{}
	}
	return t
}

func settleProfile(p user.Profile) user.Profile {
	p.RegisteredAt, p.EnrolledAt, p.SuspendedAt = micro(p.RegisteredAt), micro(p.EnrolledAt), micro(p.SuspendedAt)
	p.Enforcement.Until, p.Enforcement.SetAt = micro(p.Enforcement.Until), micro(p.Enforcement.SetAt)
	p.Grace.Until, p.Grace.SetAt = micro(p.Grace.Until), micro(p.Grace.SetAt)
	p.RecoveryEmail, p.RecoveryDigest, p.Methods = list(p.RecoveryEmail), list(p.RecoveryDigest), list(p.Methods)
	p.Services, p.DeletedAt, p.OptedOutAt = list(p.Services), micro(p.DeletedAt), micro(p.OptedOutAt)
	p.Marks = each(p.Standing(), func(m user.Mark) user.Mark {
		m.Since, m.Digest = micro(m.Since), list(m.Digest)
		return m
	})
	next := &p.NextRecovery
	next.Sealed, next.Digest, next.From = list(next.Sealed), list(next.Digest), micro(next.From)
	if len(p.Names) == 0 {
		p.Names = nil
	}
	p.Names = maps.Clone(p.Names)
	return p
}

func settlePolicy(p org.Policy) org.Policy {
	p.ChangedAt, p.EnforceFrom = micro(p.ChangedAt), micro(p.EnforceFrom)
	p.Methods, p.AppPasswordServices = list(p.Methods), list(p.AppPasswordServices)
	return p
}

func settleOrganization(o org.Organization) org.Organization {
	o.CreatedAt, o.Policy, o.Memory.Since = micro(o.CreatedAt), settlePolicy(o.Policy), micro(o.Memory.Since)
	o.Kept.Audit, o.Kept.SignIns = micro(o.Kept.Audit), micro(o.Kept.SignIns)
	return o
}

func settleAdministrator(a org.Administrator) org.Administrator {
	a.CreatedAt, a.Permissions, a.Keys = micro(a.CreatedAt), list(a.Permissions), list(a.Keys)
	a.NextEmailAt = micro(a.NextEmailAt)
	if a.Invitation != nil {
		v := *a.Invitation
		v.Address, v.Attempt, v.ExpiresAt, v.AcceptedAt = list(v.Address), list(v.Attempt), micro(v.ExpiresAt), micro(v.AcceptedAt)
		v.Throttle.Failures, v.Throttle.LockedUntil = each(v.Throttle.Failures, micro), micro(v.Throttle.LockedUntil)
		a.Invitation = &v
	}
	return a
}

func settleApplication(a org.Application) org.Application {
	a.CreatedAt, a.Keys = micro(a.CreatedAt), list(a.Keys)
	a.ReturnAddresses, a.Organizations = list(a.ReturnAddresses), list(a.Organizations)
	return a
}

func settleRoster(r org.Roster) org.Roster {
	r.Writers = list(r.Writers)
	return r
}

func settleReader(r org.Reader) org.Reader {
	r.CreatedAt, r.Keys = micro(r.CreatedAt), list(r.Keys)
	return r
}

func settleKey(k access.Key) access.Key {
	k.Digest, k.Organizations, k.Permissions, k.Scope = list(k.Digest), list(k.Organizations), list(k.Permissions), list(k.Scope)
	k.CreatedAt, k.ExpiresAt, k.RevokedAt, k.LastUsedAt = micro(k.CreatedAt), micro(k.ExpiresAt), micro(k.RevokedAt), micro(k.LastUsedAt)
	return k
}

func settleDocket(d stepup.Docket) stepup.Docket {
	d.Proof = nil // it is used up, not kept
	d.Attempt, d.Sends, d.Freed, d.Allowance.Until = list(d.Attempt), each(d.Sends, micro), each(d.Freed, micro), micro(d.Allowance.Until)
	d.Throttle.Failures, d.Throttle.LockedUntil = each(d.Throttle.Failures, micro), micro(d.Throttle.LockedUntil)
	d.Changes = each(d.Changes, func(c stepup.Change) stepup.Change {
		c.Payload, c.Address, c.Told, c.ExpiresAt = list(c.Payload), list(c.Address), maps.Clone(c.Told), micro(c.ExpiresAt)
		return c
	})
	return d
}

func settleSender(o org.Sender) org.Sender {
	o.ClaimedAt, o.VerifiedAt, o.LostAt = micro(o.ClaimedAt), micro(o.VerifiedAt), micro(o.LostAt)
	o.FallsBackSince = micro(o.FallsBackSince)
	return o
}

func settleDomain(c org.DomainClaim) org.DomainClaim {
	c.ClaimedAt, c.ReleasedAt = micro(c.ClaimedAt), micro(c.ReleasedAt)
	return c
}

func settleAnnouncement(a org.Announcement) org.Announcement {
	a.CreatedAt, a.Due, a.RoundAt, a.Judged = micro(a.CreatedAt), micro(a.Due), micro(a.RoundAt), micro(a.Judged)
	a.Attempt, a.Left = list(a.Attempt), list(a.Left)
	if a.ByHand != nil {
		h := *a.ByHand
		h.Retry = list(h.Retry)
		a.ByHand = &h
	}
	if a.Batch != nil {
		b := *a.Batch
		b.ClaimedAt = micro(b.ClaimedAt)
		a.Batch = &b
	}
	return a
}

func settleEvent(e audit.Event) audit.Event {
	e.At = micro(e.At)
	if len(e.Details) == 0 {
		e.Details = nil
	}
	e.Details = maps.Clone(e.Details)
	return e
}
