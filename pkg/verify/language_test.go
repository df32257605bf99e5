package verify_test

import (
	"testing"

	"twofold/pkg/login"
	"twofold/pkg/user"
	"twofold/pkg/verify"
)

// The language comes with the login that registers a user; every other login writes nothing.
func TestALoginThatRegistersKnowsTheLanguage(t *testing.T) {
	f := newFixture(t)
	for _, said := range []string{"de-AT", "fr"} {
		_, err := f.begin(verify.Begin{User: "new", Email: "new@acme.example", Language: said})
		f.must(err)
		if p := f.snapshot("new").Profile; p.Language != "de-AT" || p.Rev != 1 {
			t.Errorf("after %s: %q, revision %d", said, p.Language, p.Rev)
		}
	}
}

// From where a code was asked rides in the order, and no longer than that: the next write takes it away.
func TestAnOrderSaysFromWhereItWasAsked(t *testing.T) {
	f := newFixture(t)
	f.Enrolled(t, eve)
	f.Application.Claimed, f.Application.Agent = "192.0.2.7", "Firefox/145.0 (Windows)"
	a, err := f.begin(verify.Begin{User: eve})
	f.must(err)
	f.Application.Claimed, f.Application.Agent = "", "" // the order says nothing of its own
	f.store.Deliveries()
	_, err = f.order(a.Token)
	f.must(err)
	want := user.OriginOf("192.0.2.7", "Firefox/145.0 (Windows)")
	orders := f.store.Deliveries()
	if len(orders) != 1 || orders[0].From != want || f.snapshot(eve).Factors.From != want {
		t.Errorf("ordered %+v", orders)
	}
	_, err = f.answer(a.Token, string(login.MailedRecovery), "00000000")
	if err == nil || f.snapshot(eve).Factors.From != (user.Origin{}) {
		t.Errorf("it stays: %+v, %v", f.snapshot(eve).Factors.From, err)
	}
}
