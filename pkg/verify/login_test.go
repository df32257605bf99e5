package verify_test

import (
	"testing"
	"time"

	"twofold/pkg/access"
	"twofold/pkg/audit"
	"twofold/pkg/login"
	"twofold/pkg/org"
	"twofold/pkg/policy"
	"twofold/pkg/storetest"
	"twofold/pkg/user"
	"twofold/pkg/verify"
)

func TestAUserNeverSeenIsRegisteredOnce(t *testing.T) {
	f := newFixture(t)
	for _, email := range []string{"eve@acme.example", "thief@evil.example"} {
		_, err := f.begin(verify.Begin{User: eve, Email: email, Nonce: "n"})
		f.must(err)
		f.Clock.Advance(time.Hour)
	}
	p := f.snapshot(eve).Profile
	if p == nil || p.Rev != 1 || p.Email != "eve@acme.example" || !p.RegisteredAt.Equal(storetest.NewClock().Now()) {
		t.Errorf("registered as %+v", p)
	}
	events := f.events(audit.UserRegistered)
	if len(events) != 1 || events[0].User != eve || events[0].Actor != "crm" || events[0].Role != string(access.Application) {
		t.Errorf("events: %+v", events)
	}
}

func TestARegistrationLostToAnotherIsReadAgain(t *testing.T) {
	f := newFixture(t)
	f.store.FailNext("Write", false, user.ErrConflict)
	got, err := f.begin(verify.Begin{User: eve, Email: "eve@acme.example", Nonce: "n"})
	f.must(err)
	if got.Token == "" || f.snapshot(eve).Profile == nil {
		t.Error("the user was not registered")
	}
}

// A token carries what a login is bound to, so that later steps can hold it against the state.
func TestATokenIsBoundToItsLogin(t *testing.T) {
	f := newFixture(t)
	f.Enrolled(t, eve)
	f.factors(eve, func(x *user.Factors) { x.Epoch = 7 })
	f.policy(func(*org.Policy) {})
	caller := f.Application
	caller.Claimed, caller.Agent = "203.0.113.9", "browser"
	got, err := f.Verify.Begin(t.Context(), caller, verify.Begin{
		Organization: storetest.Organization, User: eve, Nonce: "the nonce", Service: "web",
	})
	f.must(err)
	l, err := login.Parse(f.Keys, got.Token)
	f.must(err)
	want := login.Login{
		ID: l.ID, Organization: storetest.Organization, User: eve, Application: storetest.Organization + "/crm", Audience: "crm", Nonce: "the nonce", Service: "web",
		PolicyVersion: 2, Epoch: 7, ExpiresAt: f.Clock.Now().Add(10 * time.Minute), Claimed: "203.0.113.9", Agent: "browser",
	}
	if l != want || l.ID == "" {
		t.Errorf("got  %+v\nwant %+v", l, want)
	}
	other, err := login.Parse(f.Keys, f.Login(t, eve))
	f.must(err)
	if other.ID == l.ID {
		t.Error("two logins have one id")
	}
}

func TestALoginLastsLongerWhereAnEnrolmentIsOffered(t *testing.T) {
	f := newFixture(t)
	l, err := login.Parse(f.Keys, f.Login(t, eve))
	f.must(err)
	if got := l.ExpiresAt.Sub(f.Clock.Now()); got != 30*time.Minute {
		t.Errorf("an enrolling login lasts %v, want 30 minutes", got)
	}
}

func TestALoginEnds(t *testing.T) {
	for _, c := range []struct {
		name  string
		given func(f *fixture)
		want  error
	}{
		{"when it expires", func(f *fixture) { f.Clock.Advance(10 * time.Minute) }, login.ErrEnded},
		{"when the epoch rises", func(f *fixture) { f.factors(eve, func(x *user.Factors) { x.Epoch++ }) }, login.ErrEnded},
	} {
		f := newFixture(t)
		secret := f.Enrolled(t, eve)
		token := f.Login(t, eve)
		c.given(f)
		f.untouched(eve, func() {
			_, err := f.answer(token, totp, f.Code(t, secret))
			refused(t, c.name+": answer", err, c.want)
			_, err = f.order(token)
			refused(t, c.name+": order", err, c.want)
		})
	}
}

func TestALoginLastsToItsLastMoment(t *testing.T) {
	f := newFixture(t)
	secret := f.Enrolled(t, eve)
	token := f.Login(t, eve)
	f.Clock.Advance(10*time.Minute - time.Second)
	_, err := f.answer(token, totp, f.Code(t, secret))
	f.must(err)
}

func TestALoginBelongsToItsApplication(t *testing.T) {
	f := newFixture(t)
	secret := f.Enrolled(t, eve)
	token := f.Login(t, eve)
	key, text := access.NewKey(access.Application, f.Clock.Now())
	key.Holder, key.Organizations = "shop", []string{storetest.Organization}
	f.must(f.store.WriteOrganization(t.Context(), storetest.Organization, policy.Change{Keys: []access.Key{key}}))
	credential, err := access.Parse(text)
	f.must(err)
	f.untouched(eve, func() {
		_, err := f.Verify.Answer(t.Context(), access.Caller{Credential: credential}, verify.Answer{
			Login: token, Way: totp, Code: f.Code(t, secret),
		})
		refused(t, "another application's answer", err, login.ErrInvalid)
		_, err = f.Verify.Order(t.Context(), access.Caller{Credential: credential}, token, mail, "")
		refused(t, "another application's order", err, login.ErrInvalid)
	})
}

func TestWhatIsNoTokenIsRefused(t *testing.T) {
	f := newFixture(t)
	secret := f.Enrolled(t, eve)
	token := f.Login(t, eve)
	for _, forged := range []string{"", "AAAA", "not a token", token + "A", token[:len(token)-2], other(token[:1]) + token[1:]} {
		_, err := f.answer(forged, totp, f.Code(t, secret))
		refused(t, "a forged token", err, login.ErrInvalid)
		_, err = f.order(forged)
		refused(t, "an order with a forged token", err, login.ErrInvalid)
	}
}

// Only applications log users in, each where its key reaches; elsewhere there is nothing.
func TestOnlyApplicationsOfTheOrganisationServeLogins(t *testing.T) {
	f := newFixture(t)
	for name, caller := range map[string]access.Caller{"administrator": f.Administrator, "system": f.System} {
		_, err := f.Verify.Begin(t.Context(), caller, verify.Begin{Organization: storetest.Organization, User: eve, Nonce: "n"})
		refused(t, name, err, access.ErrRole)
	}
	_, err := f.Verify.Begin(t.Context(), f.Application, verify.Begin{Organization: "other.example", User: eve, Nonce: "n"})
	refused(t, "an organisation elsewhere", err, access.ErrNotFound)
	if f.snapshot(eve).Profile != nil || len(f.events(audit.UserRegistered)) > 0 {
		t.Error("a refused call registered somebody")
	}
}

// other is another letter than this.
func other(letter string) string {
	if letter == "B" {
		return "C"
	}
	return "B"
}
