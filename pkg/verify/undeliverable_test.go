package verify_test

import (
	"slices"
	"testing"
	"time"

	"twofold/pkg/decision"
	"twofold/pkg/login"
	"twofold/pkg/org"
	"twofold/pkg/user"
	"twofold/pkg/verify"
)

// marked says of the user's recovery email why it takes no mail.
func (f *fixture) marked(why user.Why) {
	f.t.Helper()
	f.profile(eve, func(p *user.Profile) {
		p.Set(user.Mark{Why: why, Since: f.Clock.Now(), Digest: p.Recovery(f.Clock.Now()).Digest})
	})
}

// byMail gives eve codes by mail, alone or besides what she has.
func (f *fixture) byMail(alone bool) {
	f.t.Helper()
	f.factors(eve, func(x *user.Factors) {
		if alone {
			x.Authenticators = nil
		}
		x.Authenticators = append(x.Authenticators, user.Authenticator{ID: "m1", Method: org.Email, CreatedAt: f.Clock.Now()})
	})
	f.policy(func(p *org.Policy) { p.Methods = []org.Method{org.TOTP, org.Email} })
}

// No code is ordered to where mail comes back from, and nothing is counted or written by the refusal; a complaint, or an address that was
// cleared, changes nothing.
func TestNothingIsOrderedToWhereMailComesBackFrom(t *testing.T) {
	for why, stops := range map[user.Why]bool{user.Bounced: true, user.Suppressed: true, user.Complained: false, user.Cleared: false} {
		for _, way := range []string{mail, string(org.Email)} {
			f := newFixture(t)
			f.Enrolled(t, eve)
			f.byMail(false)
			token := f.Login(t, eve)
			f.marked(why)
			f.codes()
			if !stops {
				_, err := f.Verify.Order(t.Context(), f.Application, token, way, "")
				f.must(err)
				if n := f.codes(); n != 1 {
					t.Errorf("%s, %s: %d codes", why, way, n)
				}
				continue
			}
			f.untouched(eve, func() {
				_, err := f.Verify.Order(t.Context(), f.Application, token, way, "")
				refused(t, string(why)+", "+way, err, login.ErrUndeliverable)
				_, err = f.answer(token, way, "12345678")
				refused(t, "an answer, "+way, err, login.ErrUndeliverable)
			})
		}
	}
}

// A mailbox that mail comes back from is no way back, whatever else the user has.
func TestAMailboxThatIsNoWayBack(t *testing.T) {
	f := newFixture(t)
	f.Enrolled(t, eve)
	f.marked(user.Bounced)
	got, err := f.begin(verify.Begin{User: eve, Email: "eve@login.example", Nonce: "nonce-0001"})
	f.must(err)
	if !slices.Equal(got.Next.WaysBack, []login.WayBack{login.SavedRecovery}) {
		t.Errorf("ways back %v", got.Next.WaysBack)
	}
}

// Locked looks as ever: who guesses learns nothing of a mailbox.
func TestALockedUserHearsNothingOfTheMailbox(t *testing.T) {
	f := newFixture(t)
	f.Enrolled(t, eve)
	f.byMail(false)
	token := f.Login(t, eve)
	f.marked(user.Bounced)
	f.factors(eve, func(x *user.Factors) { x.Throttle.LockedUntil = f.Clock.Now().Add(time.Minute) })
	_, err := f.Verify.Order(t.Context(), f.Application, token, mail, "")
	refused(t, "locked", err, login.ErrRefused)
}

// Mail alone: denied, with the ways back that are left; another address, or one that waited and holds now, lets in again.
func TestWhoeverHasMailAlone(t *testing.T) {
	f := newFixture(t)
	f.Enrolled(t, eve)
	f.byMail(true)
	f.marked(user.Bounced)
	seen := f.snapshot(eve)
	l := login.Login{Organization: seen.Organization.ID, User: eve}
	if d := l.Decide(seen, f.Clock.Now()); d.Status != decision.Denied || d.Reason != decision.Undeliverable {
		t.Fatalf("decided %+v", d)
	}
	token := f.Login(t, eve)
	won, err := f.answer(token, saved, f.saved(eve, 0))
	f.must(err)
	if won.Decision.Status != decision.Complete && won.Next.Do != login.DoEnroll {
		t.Errorf("a saved code: %+v", won)
	}
	if e := f.Factors(t, eve).Enrollment; e == nil || e.RecoveryVerified {
		t.Errorf("the enrolment after it keeps the mailbox: %+v", e)
	}
	f.profile(eve, func(p *user.Profile) {
		p.NextRecovery = user.NextContact{Contact: user.Contact{Sealed: []byte("s"), Digest: []byte("another")}, From: f.Clock.Now().Add(time.Hour)}
	})
	f.Clock.Advance(time.Hour)
	if d := l.Decide(f.snapshot(eve), f.Clock.Now()); d.Status != decision.Challenge || !slices.Equal(d.Methods, []org.Method{org.Email}) {
		t.Errorf("when the next address holds: %+v", d)
	}
}
