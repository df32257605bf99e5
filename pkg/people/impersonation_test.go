package people_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"twofold/pkg/access"
	"twofold/pkg/audit"
	"twofold/pkg/memstore"
	"twofold/pkg/org"
	"twofold/pkg/people"
)

func (f *fixture) impersonate(administrator string) (people.Session, error) {
	return f.People.Impersonate(f.t.Context(), f.System, acme, administrator, "ticket 12")
}

// acting is a caller with a session's token.
func (f *fixture) acting(token string) access.Caller {
	f.t.Helper()
	c, err := access.Parse(token)
	f.must(err)
	return access.Caller{Credential: c}
}

func TestAnImpersonationSaysWhoWhyAndHowLong(t *testing.T) {
	f := newFixture(t)
	now := f.Clock.Now()
	s, err := f.impersonate("ann")
	f.must(err)
	if s.By != "root" || s.Administrator != "ann" || s.Reason != "ticket 12" || !s.BegunAt.Equal(now) || !s.ExpiresAt.Equal(now.Add(15*time.Minute)) || s.Token == "" {
		t.Errorf("begun: %+v", s)
	}
	listed, err := f.People.Impersonations(t.Context(), f.Administrator, acme)
	f.must(err)
	if len(listed) != 1 || listed[0].ID != s.ID || listed[0].Token != "" {
		t.Errorf("listed: %+v", listed)
	}
	begun := f.events(audit.ImpersonationBegun)
	if len(begun) != 1 || !begun[0].Notify || begun[0].Subject != "ann" || begun[0].Actor != "root" || begun[0].Reason != "ticket 12" {
		t.Errorf("the events: %+v", begun)
	}
	f.Clock.Advance(access.SessionLife)
	if listed, err = f.People.Impersonations(t.Context(), f.Administrator, acme); err != nil || len(listed) != 0 {
		t.Errorf("listed when it is over: %+v, %v", listed, err)
	}
}

func TestNobodyIsImpersonatedWhoIsNoAdministrator(t *testing.T) {
	f := newFixture(t)
	_, err := f.impersonate("nobody")
	refused(t, "an unknown administrator", err, access.ErrNotFound)
	f.must(f.store.WritePeople(t.Context(), people.Change{Administrators: []org.Administrator{{
		ID: "bea", Organization: acme, Email: "bea@acme.example", Invitation: &org.Invitation{ID: "i"}, Rev: 1,
	}}}))
	_, err = f.impersonate("bea")
	refused(t, "somebody who is invited only", err, people.ErrInvited)
	if n := len(f.events(audit.ImpersonationBegun)); n != 0 {
		t.Errorf("%d events", n)
	}
}

// A session takes no key's place, and no more system administrators act in one place at a time than keys may be held.
func TestSessionsAndKeysAreCountedApart(t *testing.T) {
	f := newFixture(t)
	for i := range org.MaxKeys {
		f.must(f.store.WritePeople(t.Context(), f.sessionOf(fmt.Sprintf("other-%d", i))))
	}
	_, err := f.impersonate("ann")
	refused(t, "one too many", err, people.ErrSessions)
	_, err = f.People.ProposeKey(t.Context(), f.System, acme, people.NewKey{Holder: people.Holder{Administrator: "ann"}})
	f.must(err)
}

// sessionOf is a change that has another system administrator act in ann's place.
func (f *fixture) sessionOf(by string) people.Change {
	f.t.Helper()
	parent, _ := access.NewKey(access.SystemAdministrator, f.Clock.Now())
	parent.Holder, parent.Everywhere = by, true
	session, _ := access.NewSession(&parent, acme, "ann", access.Permissions(), "why", f.Clock.Now())
	ann, err := f.store.Administrator(f.t.Context(), acme, "ann")
	f.must(err)
	ann.Rev++
	ann.Keys = append(ann.Keys, session.ID)
	return people.Change{Administrators: []org.Administrator{*ann}, Keys: []access.Key{session}}
}

func TestEndingAnImpersonationTwiceIsEndingIt(t *testing.T) {
	f := newFixture(t)
	s, err := f.impersonate("ann")
	f.must(err)
	for range 2 {
		f.must(f.People.EndImpersonation(t.Context(), f.Administrator, acme, s.ID))
	}
	ended := f.events(audit.ImpersonationEnded)
	if len(ended) != 1 || ended[0].Actor != "ann" || ended[0].Details["impersonation"] != s.ID || ended[0].Subject+ended[0].Session != "" || ended[0].Details["system_administrator"] != "root" {
		t.Errorf("the events: %+v", ended)
	}
	_, err = f.People.Administrators(t.Context(), f.acting(s.Token), acme)
	refused(t, "what it is used for", err, access.ErrSessionEnded)
	refused(t, "an unknown one", f.People.EndImpersonation(t.Context(), f.Administrator, acme, "abcd"), access.ErrNotFound)
	refused(t, "a key", f.People.EndImpersonation(t.Context(), f.System, acme, f.Administrator.Credential.ID), access.ErrNotFound)
}

// One that is replaced has its end in the audit, and one whose key is revoked is not shown as if somebody still acted.
func TestWhatIsNoLongerUnderWay(t *testing.T) {
	f := newFixture(t)
	first, err := f.impersonate("ann")
	f.must(err)
	_, err = f.impersonate("ann")
	f.must(err)
	ended := f.events(audit.ImpersonationEnded)
	if len(ended) != 1 || ended[0].Actor != "root" || ended[0].Details["impersonation"] != first.ID {
		t.Errorf("the end of the first: %+v", ended)
	}
	keys, err := f.store.Keys(t.Context(), f.System.Credential.ID)
	f.must(err)
	keys[0].RevokedAt = f.Clock.Now()
	f.must(f.store.WritePeople(t.Context(), people.Change{Altered: keys}))
	left, err := f.People.Impersonations(t.Context(), f.Administrator, acme)
	f.must(err)
	if len(left) != 0 {
		t.Errorf("under way: %+v", left)
	}
}

func TestAnImpersonationWithoutAStore(t *testing.T) {
	down := errors.New("down")
	for _, op := range []memstore.Operation{memstore.ReadOrganization, memstore.One, memstore.Keys, memstore.WritePeople} {
		f := newFixture(t)
		f.store.FailNext(op, false, down)
		s, err := f.impersonate("ann")
		unavailable(t, "beginning without "+string(op), err)
		if s.Token != "" {
			t.Errorf("without %s a token is shown", op)
		}
	}
}

func TestAnImpersonationHasAReason(t *testing.T) {
	f := newFixture(t)
	for _, reason := range []string{"", "no", "  ", "two\nlines", strings.Repeat("x", 201), "a\u202eb"} {
		_, err := f.People.Impersonate(t.Context(), f.System, acme, "ann", reason)
		refused(t, reason, err, people.ErrReason)
	}
	if n := len(f.events(audit.ImpersonationBegun)); n != 0 {
		t.Errorf("%d events", n)
	}
	for _, reason := range []string{"why", strings.Repeat("ä", 200)} {
		_, err := f.People.Impersonate(t.Context(), f.System, acme, "ann", reason)
		f.must(err)
	}
}
