package memstore

import (
	"context"
	"reflect"

	"twofold/pkg/access"
	"twofold/pkg/login"
	"twofold/pkg/throttle"
	"twofold/pkg/user"
)

// ReadWithAppPasswords implements login.AppPasswordStore.
func (s *Store) ReadWithAppPasswords(_ context.Context, c access.Credential, organization, id, source string) (snap login.Snapshot, err error) {
	err = s.do(Read, func() error {
		at := member{organization, id}
		snap = s.snapshot(c, organization, id)
		snap.AppPasswords = user.AppPasswords{Organization: organization, User: id}
		snap.AppLimit = user.AppLimit{Organization: organization, User: id, Source: source}
		if stored := pointer(s.appPasswords, at, settleAppPasswords); stored != nil {
			snap.AppPasswords = *stored
		}
		if stored := pointer(s.appLimits, named{at, source}, settleAppLimit); stored != nil {
			snap.AppLimit = *stored
		}
		return nil
	})
	return snap, err
}

func (s *Store) appPasswordParts(c user.Change) []part {
	var parts []part
	if c.AppPasswords != nil {
		parts = append(parts, s.appPasswordsPart(settleAppPasswords(*c.AppPasswords)))
	}
	if c.NoAppPasswords && c.Factors != nil {
		at := member{c.Factors.Organization, c.Factors.User}
		parts = append(parts, part{holds: true, apply: func() { delete(s.appPasswords, at) }})
	}
	if c.AppLimit != nil {
		parts = append(parts, s.appLimitPart(settleAppLimit(*c.AppLimit)))
	}
	return parts
}

func (s *Store) appPasswordsPart(a user.AppPasswords) part {
	at := member{a.Organization, a.User}
	stored, present := s.appPasswords[at]
	return part{
		holds: follows(a.Rev, stored.Rev, present), ours: reflect.DeepEqual(stored, a), apply: func() { s.appPasswords[at] = a },
	}
}

func (s *Store) appLimitPart(l user.AppLimit) part {
	at := named{member{l.Organization, l.User}, l.Source}
	stored, present := s.appLimits[at]
	return part{
		holds: follows(l.Rev, stored.Rev, present), ours: sameAttempt(stored.Attempt, l.Attempt), proof: true,
		apply: func() { s.appLimits[at] = l },
	}
}

func settleAppPasswords(s user.AppPasswords) user.AppPasswords {
	s.All = each(s.All, func(a user.AppPassword) user.AppPassword {
		a.Digest, a.Sealed, a.Tag = list(a.Digest), list(a.Sealed), list(a.Tag)
		a.CreatedAt, a.LastUsedAt = floor(a.CreatedAt), floor(a.LastUsedAt)
		return a
	})
	return s
}

func settleAppLimit(l user.AppLimit) user.AppLimit {
	l.Attempt = list(l.Attempt)
	l.Misses = each(l.Misses, func(m []byte) []byte { return list(m) })
	l.Throttle = throttle.State{
		Consecutive: l.Throttle.Consecutive, Failures: each(l.Throttle.Failures, ceiling), LockedUntil: ceiling(l.Throttle.LockedUntil),
	}
	return l
}
