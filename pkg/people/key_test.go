package people_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"twofold/pkg/access"
	"twofold/pkg/audit"
	"twofold/pkg/mail"
	"twofold/pkg/org"
	"twofold/pkg/people"
	"twofold/pkg/policy"
	"twofold/pkg/stepup"
	"twofold/pkg/user"
)

func (f *fixture) propose(c access.Caller, k people.NewKey) (people.Proposed, error) {
	return f.People.ProposeKey(f.t.Context(), c, acme, k)
}

func (f *fixture) confirm(c access.Caller, id, code string) (people.Issued, error) {
	return f.People.ConfirmKey(f.t.Context(), c, acme, id, stepup.Word{Code: code})
}

// issued goes both steps.
func (f *fixture) issued(c access.Caller, k people.NewKey) people.Issued {
	f.t.Helper()
	p, err := f.propose(c, k)
	f.must(err)
	made, err := f.confirm(c, p.Change.ID, f.code(c))
	f.must(err)
	return made
}

var (
	forAnn  = people.Holder{Administrator: "ann"}
	forCRM  = people.Holder{Application: "crm"}
	forSIEM = people.Holder{Reader: "siem"}
)

func TestAKeyForEachKindOfHolder(t *testing.T) {
	f := newFixture(t)
	for _, c := range []access.Caller{f.Administrator, f.System} {
		for _, h := range []people.Holder{forAnn, forCRM, forSIEM} {
			before := f.key(c.Credential.ID)
			made := f.issued(c, people.NewKey{Holder: h, Name: "second"})
			stored := f.key(made.ID)
			if stored.Name != "second" || stored.Holder != made.Holder || !slices.Equal(stored.Organizations, []string{acme}) || stored.Everywhere {
				t.Errorf("stored %+v", stored)
			}
			if !stored.Valid(as(t, made.Text).Credential, f.Clock.Now()) {
				t.Error("the key that was shown is not good")
			}
			if want := h.Administrator != ""; (len(stored.Permissions) == len(access.Permissions())) != want {
				t.Errorf("%+v has the permissions %v", h, stored.Permissions)
			}
			events := f.events(audit.KeyIssued)
			last := events[len(events)-1]
			if last.Details["key"] != made.ID || last.Details["holder"] != made.Holder || last.Actor != before.Holder || !last.Notify {
				t.Errorf("event: %+v", last)
			}
		}
		f.Clock.Advance(user.SendWindow)
	}
	reader, err := f.store.Reader(t.Context(), acme, "siem")
	f.must(err)
	if len(reader.Keys) != 2 || reader.Rev != 2 || reader.CreatedAt.IsZero() {
		t.Errorf("the reader is %+v", reader)
	}
}

// Proposing issues nothing; the code goes to the proposer's own address, and says what it is for.
func TestAKeyNeedsTheMailedCode(t *testing.T) {
	f := newFixture(t)
	p, err := f.propose(f.Administrator, people.NewKey{Holder: forCRM, Name: "CI"})
	f.must(err)
	orders := f.store.Deliveries()
	if len(orders) != 1 || orders[0].Kind != mail.StepUpOrder || orders[0].Administrator != "ann" {
		t.Errorf("ordered: %+v", orders)
	}
	if p.SentTo == "" || p.SentTo == "ann@acme.example" || p.Change.Told["name"] != "CI" || p.Change.Told["holder"] != "crm" {
		t.Errorf("proposed: %+v", p)
	}
	if n := len(f.events(audit.KeyIssued)); n != 0 || len(f.events(audit.KeyProposed)) != 1 {
		t.Errorf("%d keys were issued", n)
	}
	_, err = f.confirm(f.Administrator, p.Change.ID, otherDigits(f.code(f.Administrator)))
	refused(t, "another code", err, stepup.ErrRefused)
	_, err = f.confirm(f.Administrator, p.Change.ID, "one")
	refused(t, "no code", err, stepup.ErrCode)
	_, err = f.confirm(f.System, p.Change.ID, f.code(f.Administrator))
	refused(t, "somebody else", err, access.ErrNotFound)
	again, err := f.People.KeyProposal(t.Context(), f.Administrator, acme, p.Change.ID)
	f.must(err)
	if again.Change.ID != p.Change.ID || again.Change.Tries != 1 {
		t.Errorf("read again: %+v", again)
	}
	f.must(func() error { _, err := f.confirm(f.Administrator, p.Change.ID, f.code(f.Administrator)); return err }())
	f.untouched(func() {
		_, err = f.confirm(f.Administrator, p.Change.ID, f.code(f.Administrator))
		refused(t, "a second time", err, people.ErrShown)
	})
}

func TestAConfirmationWhoseReplyIsLostDoesNotShowTheKeyAgain(t *testing.T) {
	f := newFixture(t)
	p, err := f.propose(f.System, people.NewKey{Holder: forCRM})
	f.must(err)
	code := f.code(f.System)
	f.store.FailNext("WritePeople", false, errors.New("down"))
	_, err = f.confirm(f.System, p.Change.ID, code)
	unavailable(t, "not persisted", err)
	f.store.FailNext("WritePeople", true, errors.New("lost"))
	_, err = f.confirm(f.System, p.Change.ID, code)
	unavailable(t, "persisted", err)
	_, err = f.confirm(f.System, p.Change.ID, code)
	refused(t, "again", err, people.ErrShown)
	crm, err := f.store.Application(t.Context(), acme, "crm")
	f.must(err)
	// Rotating what nobody has seen gives one that somebody has.
	f.issued(f.System, people.NewKey{Rotates: crm.Keys[1]})
	f.Clock.Advance(time.Second)
	keys, err := f.People.Keys(t.Context(), f.System, acme)
	f.must(err)
	if len(crm.Keys) != 2 || f.key(crm.Keys[1]).ExpiresAt.IsZero() || len(keys) != 3 {
		t.Errorf("the keys are %+v", keys)
	}
}

func TestAScopeIsAPartAndStaysOne(t *testing.T) {
	f := newFixture(t)
	made := f.issued(f.Administrator, people.NewKey{Holder: forAnn, Scope: []access.Permission{access.KeysWrite, access.AuditRead}})
	narrow := as(t, made.Text)
	_, err := f.Policy.Propose(t.Context(), narrow, acme, policy.Wanted{Policy: org.DefaultOrganizationPolicy(f.Clock.Now())}, 1)
	refused(t, "a policy with a narrow key", err, access.ErrPermission)
	f.untouched(func() {
		for what, k := range map[string]people.NewKey{
			"everything of a person who has more": {Holder: forAnn},
			"a permission of that person":         {Holder: forAnn, Scope: []access.Permission{access.PolicyWrite}},
			"a reader's":                          {Holder: forSIEM},
			"a rotation of a stronger key":        {Rotates: f.Administrator.Credential.ID},
		} {
			_, err := f.propose(narrow, k)
			refused(t, what, err, access.ErrLack)
		}
		for what, k := range map[string]people.NewKey{
			"an application's scope": {Holder: forCRM, Scope: []access.Permission{access.AuditRead}},
			"a reader's scope":       {Holder: forSIEM, Scope: []access.Permission{access.AuditRead}},
		} {
			_, err := f.propose(f.Administrator, k)
			refused(t, what, err, people.ErrScope)
		}
	})
	f.issued(narrow, people.NewKey{Holder: forAnn, Scope: []access.Permission{access.AuditRead}})
	again := f.issued(narrow, people.NewKey{Rotates: made.ID})
	if got := f.key(again.ID); len(got.Permissions) != 2 || len(got.Scope) != 2 {
		t.Errorf("rotated: %+v", got)
	}
}

func TestARotationOverlaps(t *testing.T) {
	f := newFixture(t)
	end := f.Clock.Now().Add(30 * 24 * time.Hour)
	old := f.issued(f.Administrator, people.NewKey{Holder: forCRM, Name: "CI", ExpiresAt: end})
	f.Clock.Advance(24 * time.Hour)
	made := f.issued(f.Administrator, people.NewKey{Rotates: old.ID, Overlap: 2 * time.Hour})
	now := f.Clock.Now()
	if got := f.key(made.ID); got.Name != "CI" || got.Holder != "crm" || !got.ExpiresAt.Equal(now.Add(30*24*time.Hour)) {
		t.Errorf("the new key is %+v", got)
	}
	asks := func(k people.Issued) error {
		_, err := f.Verify.Order(t.Context(), as(t, k.Text), f.Login(t, "user"), "totp", "")
		return err
	}
	f.Clock.Advance(2*time.Hour - time.Second)
	for name, k := range map[string]people.Issued{"the old one": old, "the new one": made} {
		if err := asks(k); errors.Is(err, access.ErrUnauthenticated) {
			t.Errorf("%s within the overlap: %v", name, err)
		}
	}
	f.Clock.Advance(time.Second)
	refused(t, "the old one after it", asks(old), access.ErrUnauthenticated)
	if err := asks(made); errors.Is(err, access.ErrUnauthenticated) {
		t.Errorf("the new one after it: %v", err)
	}
	_, err := f.propose(f.Administrator, people.NewKey{Rotates: old.ID})
	refused(t, "rotating what has ended", err, access.ErrNotFound)
	_, err = f.propose(f.Administrator, people.NewKey{Rotates: made.ID, Overlap: people.MaxOverlap + 1})
	refused(t, "an overlap too long", err, people.ErrOverlap)
}

func TestKeysThatAreRefused(t *testing.T) {
	f := newFixture(t)
	f.untouched(func() {
		for _, c := range []struct {
			key  people.NewKey
			want error
		}{
			{people.NewKey{}, people.ErrHolder},
			{people.NewKey{Holder: people.Holder{Administrator: "ann", Application: "crm"}}, people.ErrHolder},
			{people.NewKey{Holder: people.Holder{Administrator: "crm"}}, access.ErrNotFound},
			{people.NewKey{Holder: people.Holder{Application: "ann"}}, access.ErrNotFound},
			{people.NewKey{Holder: forCRM, ExpiresAt: f.Clock.Now()}, people.ErrExpiry},
			{people.NewKey{Rotates: "ffffffffffffffffffff"}, access.ErrNotFound},
			{people.NewKey{Rotates: f.System.Credential.ID}, access.ErrNotFound},
		} {
			_, err := f.propose(f.Administrator, c.key)
			refused(t, "a key", err, c.want)
		}
		_, err := f.propose(f.Application, people.NewKey{Holder: forCRM})
		refused(t, "an application", err, access.ErrRole)
		_, err = f.People.ProposeKey(t.Context(), f.System, "nowhere", people.NewKey{Holder: forCRM})
		refused(t, "nowhere", err, access.ErrNotFound)
	})
	weak := f.caller(access.OrganizationAdministrator, "ann", access.PolicyWrite)
	_, err := f.propose(weak, people.NewKey{Holder: forCRM})
	refused(t, "without the permission", err, access.ErrPermission)
	for range org.MaxKeys - 1 {
		f.Clock.Advance(user.SendWindow)
		f.issued(f.System, people.NewKey{Holder: forCRM})
	}
	f.Clock.Advance(user.SendWindow)
	_, err = f.propose(f.System, people.NewKey{Holder: forCRM})
	refused(t, "one too many", err, people.ErrTooMany)
}

// A proposal is for the holder as it was: what was done to it meanwhile is not overwritten.
func TestAProposalOfAHolderThatMovedIsVoid(t *testing.T) {
	f := newFixture(t)
	p, err := f.propose(f.System, people.NewKey{Holder: forCRM})
	f.must(err)
	f.must(f.People.RevokeKey(t.Context(), f.Administrator, acme, f.Application.Credential.ID))
	f.untouched(func() {
		_, err = f.confirm(f.System, p.Change.ID, f.code(f.System))
		refused(t, "after a revocation", err, people.ErrMoved)
	})
}

func TestARevokedKeyIsRefusedAtOnce(t *testing.T) {
	f := newFixture(t)
	id := f.Administrator.Credential.ID
	revoke := func(c access.Caller, id string) error { return f.People.RevokeKey(t.Context(), c, acme, id) }
	f.store.FailNext("WritePeople", false, errors.New("down"))
	unavailable(t, "not persisted", revoke(f.System, id))
	f.store.FailNext("WritePeople", false, user.ErrConflict)
	f.store.FailNext("WritePeople", true, errors.New("lost"))
	unavailable(t, "persisted", revoke(f.System, id))
	at := f.Clock.Now()
	_, err := f.Policy.Organization(t.Context(), f.Administrator, acme)
	refused(t, "the next request", err, access.ErrUnauthenticated)
	f.Clock.Advance(time.Minute)
	f.untouched(func() { f.must(revoke(f.System, id)) })
	events := f.events(audit.KeyRevoked)
	if len(events) != 1 || events[0].Details["key"] != id || events[0].Details["holder"] != "ann" || !f.key(id).RevokedAt.Equal(at) {
		t.Errorf("revoked: %+v", events)
	}
}

// What is not a key of this organisation is nothing here, whatever it is elsewhere.
func TestOnlyKeysOfTheOrganisationAreRevoked(t *testing.T) {
	f := newFixture(t)
	foreign, _ := access.NewKey(access.Application, f.Clock.Now())
	foreign.Holder, foreign.Organizations = "crm", []string{"globex"}
	vendors, _ := access.NewKey(access.Application, f.Clock.Now())
	vendors.Holder, vendors.Organizations = "crm", []string{acme, "globex"} // good here, and not held by anybody here
	f.must(f.store.WritePeople(t.Context(), people.Change{Keys: []access.Key{foreign, vendors}}))
	f.untouched(func() {
		for what, id := range map[string]string{
			"another organisation's": foreign.ID, "the vendor's": vendors.ID, "the system's": f.System.Credential.ID, "none": "ffffffffffffffffffff",
		} {
			refused(t, what, f.People.RevokeKey(t.Context(), f.System, acme, id), access.ErrNotFound)
			_, err := f.propose(f.System, people.NewKey{Rotates: id})
			refused(t, what, err, access.ErrNotFound)
		}
		refused(t, "an application", f.People.RevokeKey(t.Context(), f.Application, acme, f.Administrator.Credential.ID), access.ErrRole)
		refused(t, "nowhere", f.People.RevokeKey(t.Context(), f.System, "nowhere", foreign.ID), access.ErrNotFound)
	})
}
