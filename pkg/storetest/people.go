package storetest

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"twofold/pkg/access"
	"twofold/pkg/audit"
	"twofold/pkg/factor"
	"twofold/pkg/org"
	"twofold/pkg/people"
	"twofold/pkg/stepup"
	"twofold/pkg/throttle"
	"twofold/pkg/user"
)

// keyOf is a key as the store has it; nil where there is none.
func keyOf(t *testing.T, s Contract, id string) *access.Key {
	t.Helper()
	found, err := s.Keys(t.Context(), id)
	must(t, err)
	if len(found) == 0 {
		return nil
	}
	return &found[0]
}

func fullPeople() people.Change {
	c := fullChange()
	bob := &c.Administrators[1]
	bob.NextEmail, bob.NextEmailAt, bob.Deliver = "b@acme.example", second(7), "00112233445566aa"
	bob.User = somebody
	bob.Invitation = &org.Invitation{
		ID: "00112233445566aa", KeyID: 0xffffffff, Address: []byte("digest"), ExpiresAt: second(8), AcceptedAt: second(9), Attempt: []byte("a"),
		Throttle: throttle.State{Consecutive: 2, Failures: []time.Time{second(1), second(1)}, LockedUntil: second(2)},
	}
	key := c.Keys[0]
	key.Name, key.Scope, key.LastUsedAt = "CI", []access.Permission{access.UsersWrite, access.AuditRead}, second(9)
	return people.Change{
		Administrators: c.Administrators, Applications: c.Applications, Keys: []access.Key{key},
		Readers: []org.Reader{{ID: "siem", Organization: Organization, Keys: []string{"a", "b"}, CreatedAt: second(1), Rev: 1}},
		Roster:  &org.Roster{Organization: Organization, Rev: 1, Writers: []string{"ann", "bob"}},
		Events:  []audit.Event{{ID: "people", At: second(1), Kind: audit.KeyIssued, Organization: Organization}},
	}
}

func holdersReturn(t *testing.T, s Contract) {
	ctx := t.Context()
	for range 2 { // the second is a repetition
		must(t, s.WritePeople(ctx, fullPeople()))
	}
	want := fullPeople()
	administrators, err := s.Administrators(ctx, Organization)
	must(t, err)
	same(t, "administrators", administrators, want.Administrators)
	applications, err := s.Applications(ctx, Organization)
	must(t, err)
	same(t, "applications", applications, want.Applications)
	readers, err := s.Readers(ctx, Organization)
	must(t, err)
	same(t, "readers", readers, want.Readers)
	reader, err := s.Reader(ctx, Organization, "siem")
	must(t, err)
	same(t, "reader", reader, &want.Readers[0])
	roster, err := s.Roster(ctx, Organization)
	must(t, err)
	same(t, "roster", roster, want.Roster)
	var ids []string
	for i := range 150 {
		ids = append(ids, fmt.Sprintf("%020x", i))
	}
	keys, err := s.Keys(ctx, append(ids, want.Keys[0].ID)...)
	must(t, err)
	same(t, "keys", keys, want.Keys)
}

func peopleAllOrNothing(t *testing.T, s Contract) {
	ctx := t.Context()
	must(t, s.WritePeople(ctx, fullPeople()))
	next := fullPeople()
	for i := range next.Administrators {
		next.Administrators[i].Rev, next.Administrators[i].Name = 2, "Other"
	}
	key := access.Key{ID: "ffffffffffffffffffff", Digest: []byte("d"), Role: access.Reader, Holder: "siem"}
	event := audit.Event{ID: "lost", At: second(2), Kind: audit.KeyIssued, Organization: Organization}
	stolen := fullPeople().Keys
	stolen[0].Digest = []byte("another")
	for what, c := range map[string]people.Change{
		"a stale administrator": {Administrators: fullPeople().Administrators},
		"a stale application":   {Applications: fullPeople().Applications, Administrators: next.Administrators},
		"a stale reader":        {Readers: fullPeople().Readers, Administrators: next.Administrators},
		"a known key":           {Keys: stolen, Administrators: next.Administrators},
		"an unknown key":        {Altered: []access.Key{key}, Administrators: next.Administrators},
		"a revision ahead":      {Readers: []org.Reader{{ID: "siem", Organization: Organization, Rev: 5}}},
		"a stale roster":        {Roster: fullPeople().Roster, Administrators: next.Administrators},
		"a stale removal":       {RemovedAdministrator: &next.Administrators[0]},
		"nobody's removal":      {RemovedApplication: &org.Application{ID: "nobody", Organization: Organization, Rev: 1}},
		"nobody's revision":     {Readers: []org.Reader{{ID: "nobody", Organization: Organization, Rev: 2}}},
	} {
		if what != "an unknown key" {
			c.Keys = append(c.Keys, key)
		}
		c.Events = []audit.Event{event}
		conflict(t, what, s.WritePeople(ctx, c))
	}
	ann, err := s.Administrator(ctx, Organization, "ann")
	must(t, err)
	same(t, "administrator", ann, &fullPeople().Administrators[0])
	if keyOf(t, s, key.ID) != nil {
		t.Error("a key of a change that lost was written")
	}
}

func alteredKey(t *testing.T, s Contract) {
	ctx := t.Context()
	must(t, s.WritePeople(ctx, fullPeople()))
	key := fullPeople().Keys[0]
	alter := func(at int, id string, change func(*access.Key)) error {
		altered := key
		altered.LastUsedAt = second(0) // it is not for this write to say
		change(&altered)
		event := audit.Event{ID: id, At: second(at), Kind: audit.KeyRevoked, Organization: Organization}
		return s.WritePeople(ctx, people.Change{Altered: []access.Key{altered}, Events: []audit.Event{event}})
	}
	must(t, alter(10, "narrowed", func(k *access.Key) { k.Permissions, k.ExpiresAt = nil, second(30) }))
	key.Permissions, key.ExpiresAt = nil, second(30)
	same(t, "the narrowed key", keyOf(t, s, key.ID), &key)
	revoke := func(at int) func(*access.Key) { return func(k *access.Key) { k.RevokedAt = second(at) } }
	must(t, alter(11, "first", revoke(11)))
	conflict(t, "a second revocation", alter(20, "second", revoke(20)))
	conflict(t, "a revival", alter(20, "third", func(*access.Key) {}))
	must(t, alter(11, "first", revoke(11)))
	key.RevokedAt = second(11)
	same(t, "the revoked key", keyOf(t, s, key.ID), &key)
}

// mailed is the code that an administrator of a home is mailed for what was proposed last.
func (w *World) mailed(t testing.TB, home, administrator string) string {
	t.Helper()
	d, err := w.Store.Docket(t.Context(), home, administrator)
	must(t, err)
	last := d.Changes[len(d.Changes)-1]
	code, err := factor.MailedCode(w.Keys, last.KeyID, d.Mailed(last))
	must(t, err)
	return code
}

func keyShownOnce(t *testing.T, s Contract) {
	w := NewWorld(t, s)
	p, err := w.People.ProposeKey(t.Context(), w.Administrator, Organization, people.NewKey{Holder: people.Holder{Application: "crm"}})
	must(t, err)
	code := w.mailed(t, Organization, "ann")
	errs := collect(10, func(int) error {
		_, err := w.People.ConfirmKey(t.Context(), w.Administrator, Organization, p.Change.ID, stepup.Word{Code: code})
		return err
	})
	if n := wins(t, errs, people.ErrShown, user.ErrConflict); n != 1 {
		t.Errorf("the key was shown %d times", n)
	}
	crm, err := s.Application(t.Context(), Organization, "crm")
	must(t, err)
	if len(crm.Keys) != 2 || w.events(t, audit.KeyIssued) != 1 {
		t.Errorf("the application has the keys %v", crm.Keys)
	}
}

func keysBounded(t *testing.T, s Contract) {
	w := NewWorld(t, s)
	callers := []access.Caller{w.Administrator}
	names := []string{"ann"}
	for i := range 2 * org.MaxKeys {
		names = append(names, fmt.Sprintf("admin-%d", i))
		callers = append(callers, w.AddAdministrator(t, names[i+1]))
	}
	errs := collect(len(callers), func(i int) error {
		for { // until the holder stands still for long enough
			p, err := w.People.ProposeKey(t.Context(), callers[i], Organization, people.NewKey{Holder: people.Holder{Application: "crm"}})
			if err != nil {
				return err
			}
			_, err = w.People.ConfirmKey(t.Context(), callers[i], Organization, p.Change.ID, stepup.Word{Code: w.mailed(t, Organization, names[i])})
			if !errors.Is(err, people.ErrMoved) && !errors.Is(err, user.ErrConflict) {
				return err
			}
		}
	})
	wins(t, errs, people.ErrTooMany, user.ErrTooSoon)
	crm, err := s.Application(t.Context(), Organization, "crm")
	must(t, err)
	if len(crm.Keys) > org.MaxKeys || len(crm.Keys) < 2 {
		t.Errorf("the application has %d keys", len(crm.Keys))
	}
}

func usesNoted(t *testing.T, s Contract) {
	ctx := t.Context()
	must(t, s.WritePeople(ctx, fullPeople()))
	key := fullPeople().Keys[0]
	for _, at := range []int{20, 30, 25} {
		must(t, s.NoteUse(ctx, key.ID, second(at)))
	}
	must(t, s.NoteUse(ctx, "ffffffffffffffffffff", second(20)))
	key.LastUsedAt = second(30)
	same(t, "key", keyOf(t, s, key.ID), &key)
	if keyOf(t, s, "ffffffffffffffffffff") != nil {
		t.Error("a note made a key")
	}
}
