package people_test

import (
	"testing"
	"time"

	"twofold/pkg/audit"
	"twofold/pkg/people"
	"twofold/pkg/stepup"
)

// shown is what the authenticator of a secret shows now.
func (f *fixture) shown(secret []byte) stepup.Word {
	return stepup.Word{By: stepup.ByTOTP, Code: f.Code(f.t, secret)}
}

// linked makes ann a user with an authenticator.
func (f *fixture) linked() []byte {
	f.t.Helper()
	secret := f.Enrolled(f.t, "eve")
	f.Link(f.t, "ann", "eve")
	return secret
}

func TestAKeyByTheAuthenticatorIsShownOnce(t *testing.T) {
	f := newFixture(t)
	word := f.shown(f.linked())
	p, err := f.propose(f.Administrator, people.NewKey{Holder: forCRM})
	f.must(err)
	_, err = f.People.ConfirmKey(t.Context(), f.Administrator, acme, p.Change.ID, word)
	f.must(err)
	f.untouched(func() {
		_, err = f.People.ConfirmKey(t.Context(), f.Administrator, acme, p.Change.ID, word)
		refused(t, "the same code again", err, people.ErrShown)
	})
	if e := f.events(audit.KeyIssued); len(e) != 1 || e[0].Details["confirmed_with"] != "totp" {
		t.Errorf("events: %+v", e)
	}
	if n := f.Factors(t, "eve").Authenticators[0].LastStep; n == 0 {
		t.Error("the step was not used up")
	}
}

// The code went to no address, so the old one has a day to say no.
func TestOnesOwnAddressByTheAuthenticatorWaits(t *testing.T) {
	f := newFixture(t)
	secret := f.linked()
	p, err := f.wish(f.Administrator, people.Own{Email: words("new@acme.example")})
	f.must(err)
	me, err := f.People.ConfirmSelf(t.Context(), f.Administrator, acme, p.Change.ID, f.shown(secret))
	f.must(err)
	if a := me.Administrator; a.Address(f.Clock.Now()) != "ann@acme.example" || a.Address(f.Clock.Now().Add(people.AddressWait)) != "new@acme.example" {
		t.Errorf("became %+v", a)
	}
	f.Clock.Advance(time.Hour)
	p, err = f.want(f.Administrator, people.Wanted{ID: "ann", Email: "other@acme.example"})
	f.must(err)
	a, err := f.People.ConfirmAdministrator(t.Context(), f.Administrator, acme, p.Change.ID, f.shown(secret))
	f.must(err)
	if a.Address(f.Clock.Now()) != "ann@acme.example" {
		t.Errorf("by the way for all administrators: %+v", a)
	}
	for _, e := range f.events(audit.AdministratorMoved) {
		if e.Details["confirmed_with"] != "totp" || !e.Notify {
			t.Errorf("event: %+v", e)
		}
	}
}

// Whoever ceases to be a user by that user's own authenticator hears the same again, where the reply was lost.
func TestTheLinkMayBeForgottenByItsOwnAuthenticator(t *testing.T) {
	f := newFixture(t)
	word := f.shown(f.linked())
	p, err := f.wish(f.Administrator, people.Own{User: words("")})
	f.must(err)
	for range 2 {
		me, err := f.People.ConfirmSelf(t.Context(), f.Administrator, acme, p.Change.ID, word)
		f.must(err)
		if me.Administrator.User != "" {
			t.Errorf("still %+v", me.Administrator)
		}
	}
	p, err = f.propose(f.Administrator, people.NewKey{Holder: forCRM})
	f.must(err)
	_, err = f.People.ConfirmKey(t.Context(), f.Administrator, acme, p.Change.ID, word)
	refused(t, "what comes after", err, stepup.ErrUnavailable)
}

func TestTheMailedCodeSaysSoToo(t *testing.T) {
	f := newFixture(t)
	f.became(f.Administrator, people.Own{Name: words("Anna")})
	f.confirmed(f.Administrator, forBea)
	for _, kind := range []audit.Kind{audit.AdministratorChanged, audit.AdministratorInvited} {
		if e := f.events(kind); len(e) != 1 || e[0].Details["confirmed_with"] != "email" {
			t.Errorf("%s: %+v", kind, e)
		}
	}
}
