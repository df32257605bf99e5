package enroll_test

import (
	"testing"
	"time"

	"twofold/pkg/audit"
	"twofold/pkg/enroll"
	"twofold/pkg/login"
	"twofold/pkg/org"
	"twofold/pkg/storetest"
	"twofold/pkg/user"
)

// An enrolment does not wait for a code to a login address that mail comes back from, even where one is under way; a complaint does not
// matter, nor does another address.
func TestAProofThatCannotArrive(t *testing.T) {
	for why, stops := range map[user.Why]bool{user.Bounced: true, user.Suppressed: true, user.Complained: false, user.Cleared: false} {
		f := newFixture(t)
		token := f.Login(t, eve)
		_, err := f.begin(token)
		f.must(err)
		f.profile(func(p *user.Profile) { p.Set(user.Mark{Why: why, Since: f.Clock.Now(), Email: address}) })
		f.Clock.Advance(2 * time.Minute)
		for what, ask := range map[string]func(string) (login.Answer, error){"begun": f.begin, "asked again": f.resend} {
			if _, err := ask(token); (err != nil) != stops {
				t.Errorf("%s, %s: %v", why, what, err)
			} else if stops {
				refused(t, string(why)+", "+what, err, login.ErrUndeliverable)
			}
		}
	}
}

// Nobody enters an address that mail comes back from as the recovery email, nor asks for a proof there, nor for the code of a change.
func TestARecoveryEmailThatCannotArrive(t *testing.T) {
	f := newFixture(t)
	secret := f.Enrolled(t, eve)
	f.policy(func(p *org.Policy) { p.Methods = []org.Method{org.TOTP, org.Email} })
	f.byMail(secret)
	f.profile(func(p *user.Profile) {
		p.Set(user.Mark{Why: user.Bounced, Since: f.Clock.Now(), Digest: p.Recovery(f.Clock.Now()).Digest})
		p.Set(user.Mark{Why: user.Bounced, Since: f.Clock.Now(), Email: address})
	})
	f.Clock.Advance(11 * time.Minute)
	refused(t, "the login address", f.move(secret, address), login.ErrUndeliverable)
	_, err := f.Enroll.OrderProof(t.Context(), f.Application, enroll.Subject{Organization: storetest.Organization, User: eve}, user.SwitchOff, org.Email, "")
	refused(t, "a proof by mail", err, login.ErrUndeliverable)
	f.Clock.Advance(2 * time.Minute)
	f.must(f.move(secret, "eve@elsewhere.example"))
}

// An administrator says that mail arrives again: once in the audit, and of users without a mark nothing is written. An application may not.
func TestAnAdministratorSaysThatMailArrives(t *testing.T) {
	f := newFixture(t)
	f.Enrolled(t, eve)
	of := enroll.Subject{Organization: storetest.Organization, User: eve}
	f.must(f.Enroll.Deliverable(t.Context(), f.Administrator, of))
	f.profile(func(p *user.Profile) { p.Set(user.Mark{Why: user.Bounced, Since: f.Clock.Now(), Email: address}) })
	if f.Enroll.Deliverable(t.Context(), f.Application, of) == nil {
		t.Error("an application may")
	}
	if f.Enroll.Deliverable(t.Context(), f.Administrator, enroll.Subject{Organization: storetest.Organization, User: "nobody"}) == nil {
		t.Error("there is nobody")
	}
	for range 2 {
		f.must(f.Enroll.Deliverable(t.Context(), f.Administrator, of))
	}
	if p := f.snapshot(eve).Profile; p.EmailMark().Known() || len(f.events(audit.UserDeliverable)) != 1 {
		t.Errorf("marks %+v, %d events", p.Marks, len(f.events(audit.UserDeliverable)))
	}
}
