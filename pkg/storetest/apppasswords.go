package storetest

import (
	"testing"
	"time"

	"twofold/pkg/access"
	"twofold/pkg/audit"
	"twofold/pkg/login"
	"twofold/pkg/org"
	"twofold/pkg/throttle"
	"twofold/pkg/user"
)

// fullAppPasswords has something in every field, and one with nothing but what every one has.
func fullAppPasswords() user.AppPasswords {
	return user.AppPasswords{Organization: Organization, User: somebody, Rev: 1, All: []user.AppPassword{
		{
			ID: "a1b2c3d4e5f60718", Service: "imap", Name: "Küche", Way: org.TOTP, Epoch: 41, Digest: []byte("digest"), Sealed: []byte("sealed"),
			Tag: []byte("tag"), CreatedAt: second(1), LastUsedAt: second(2),
		},
		{ID: "ffeeddccbbaa9988", Service: "smtp", Way: org.Email, Digest: []byte("other"), Sealed: []byte("sealed too"), CreatedAt: second(3)},
	}}
}

func fullAppLimit(source string) user.AppLimit {
	return user.AppLimit{
		Organization: Organization, User: somebody, Source: source, Rev: 1, Attempt: []byte("attempt1"),
		Throttle: throttle.State{Consecutive: 6, Failures: []time.Time{second(1), second(1), second(2)}, LockedUntil: second(9)},
		Misses:   [][]byte{[]byte("miss one"), []byte("miss two")},
	}
}

func withAppPasswords(t *testing.T, s Contract, source string) login.Snapshot {
	t.Helper()
	snap, err := s.ReadWithAppPasswords(t.Context(), access.Credential{ID: "0123456789abcdef0123"}, Organization, somebody, source)
	must(t, err)
	return snap
}

func appPasswordsReturn(t *testing.T, s Contract) {
	ctx := t.Context()
	none := withAppPasswords(t, s, "198.51.100.7")
	same(t, "none", none.AppPasswords, user.AppPasswords{Organization: Organization, User: somebody})
	same(t, "no failure", none.AppLimit, user.AppLimit{Organization: Organization, User: somebody, Source: "198.51.100.7"})
	f, p, full := fullFactors(), fullProfile(), fullAppPasswords()
	must(t, s.Write(ctx, user.Change{Factors: &f, Profile: &p, AppPasswords: &full}))
	elsewhere := fullAppPasswords()
	elsewhere.User, elsewhere.All = somebody+"#", nil
	must(t, s.Write(ctx, user.Change{AppPasswords: &elsewhere}))
	read := withAppPasswords(t, s, "")
	same(t, "app passwords", read.AppPasswords, fullAppPasswords())
	same(t, "the factors beside them", read.Factors, fullFactors())
	read.AppPasswords.All[0].Digest[0]++
	same(t, "after what was read was overwritten", withAppPasswords(t, s, "").AppPasswords, fullAppPasswords())
	bare, err := s.Read(ctx, access.Credential{ID: "0123456789abcdef0123"}, Organization, somebody)
	must(t, err)
	same(t, "what nobody asked for", bare.AppPasswords, user.AppPasswords{})
	left := full.Without("a1b2c3d4e5f60718")
	left = user.AppPasswords{Organization: left.Organization, User: left.User, Rev: left.Rev, All: left.All}
	must(t, s.Write(ctx, user.Change{AppPasswords: &left}))
	same(t, "one less", withAppPasswords(t, s, "").AppPasswords, left)
	empty := left.Without("ffeeddccbbaa9988")
	empty.All = nil
	must(t, s.Write(ctx, user.Change{AppPasswords: &empty}))
	same(t, "the last one gone", withAppPasswords(t, s, "").AppPasswords, empty)
}

// appPasswordsConflict: who read an older revision writes nothing; and a change that kills them takes them along, whatever their revision.
func appPasswordsConflict(t *testing.T, s Contract) {
	ctx, w := t.Context(), NewWorld(t, s)
	full := fullAppPasswords()
	must(t, s.Write(ctx, user.Change{AppPasswords: &full}))
	next, other := full.Without("a1b2c3d4e5f60718"), full.Without("ffeeddccbbaa9988")
	for range 2 { // the second is a repetition
		must(t, s.Write(ctx, user.Change{AppPasswords: &next}))
	}
	event := []audit.Event{w.Event(audit.AppPasswordRevoked, somebody)}
	conflict(t, "a write that is second", s.Write(ctx, user.Change{AppPasswords: &other, Events: event}))
	conflict(t, "a second making", s.Write(ctx, user.Change{AppPasswords: &full}))
	if n := w.events(t, audit.AppPasswordRevoked); n != 0 {
		t.Errorf("%d events of a write that was not", n)
	}
	f := user.Factors{Organization: Organization, User: somebody}.Reset()
	stale := f
	gone := user.Change{Factors: &f, Events: []audit.Event{w.Event(audit.UserReset, somebody)}, NoAppPasswords: true}
	for range 2 {
		must(t, s.Write(ctx, gone))
	}
	same(t, "after a reset", withAppPasswords(t, s, "").AppPasswords, user.AppPasswords{Organization: Organization, User: somebody})
	conflict(t, "a use noted after that", s.Write(ctx, user.Change{AppPasswords: &other}))
	again := fullAppPasswords()
	must(t, s.Write(ctx, user.Change{AppPasswords: &again}))
	stale.Attempt = []byte("another")
	late := user.Change{Factors: &stale, Events: []audit.Event{w.Event(audit.UserReset, somebody)}, NoAppPasswords: true}
	conflict(t, "a reset that comes second", s.Write(ctx, late))
	same(t, "after that", withAppPasswords(t, s, "").AppPasswords, fullAppPasswords())
	nothing := f.Reset() // of a user who has none any more
	must(t, s.Write(ctx, user.Change{Factors: &nothing, Events: []audit.Event{w.Event(audit.UserReset, somebody)}, NoAppPasswords: true}))
}

func appLimitsReturn(t *testing.T, s Contract) {
	ctx := t.Context()
	one, other := fullAppLimit("198.51.100.7"), fullAppLimit("key 0123456789abcdef0123")
	other.Misses, other.Throttle = nil, throttle.State{}
	must(t, s.Write(ctx, user.Change{AppLimit: &one}))
	must(t, s.Write(ctx, user.Change{AppLimit: &other}))
	same(t, "a source", withAppPasswords(t, s, "198.51.100.7").AppLimit, fullAppLimit("198.51.100.7"))
	same(t, "another", withAppPasswords(t, s, other.Source).AppLimit, other)
	next := one.Miss([]byte("miss six"), second(30))
	must(t, s.Write(ctx, user.Change{AppLimit: &next}))
	must(t, s.Write(ctx, user.Change{AppLimit: &next})) // its acknowledgement was lost
	beaten := one.Miss([]byte("miss too"), second(30))
	conflict(t, "a failure that was counted second", s.Write(ctx, user.Change{AppLimit: &beaten}))
	same(t, "counted", withAppPasswords(t, s, "198.51.100.7").AppLimit, next)
	same(t, "the factors, which it is nothing to", withAppPasswords(t, s, "").Factors, user.Factors{Organization: Organization, User: somebody})
}
