package enroll_test

import (
	"testing"
	"time"

	"twofold/pkg/audit"
	"twofold/pkg/enroll"
	"twofold/pkg/login"
	"twofold/pkg/org"
	"twofold/pkg/user"
)

// asking is a world whose policy asks for a proof, with a login of eve's.
func asking(t *testing.T, p org.Proof) (*fixture, string) {
	f := newFixture(t)
	f.Login(t, eve)
	f.policy(func(policy *org.Policy) { policy.EnrollmentProof = p })
	return f, f.Login(t, eve)
}

func (f *fixture) ticket(life time.Duration) enroll.Given {
	f.t.Helper()
	given, err := f.Enroll.MakeTicket(f.t.Context(), f.Administrator, subject(eve), "first day", life)
	f.must(err)
	return given
}

// A ticket is the proof, once: nothing is mailed for it, and the recovery email needs a code of its own, whichever it is.
func TestAnEnrolmentWithATicket(t *testing.T) {
	f, token := asking(t, org.ProofTicket)
	at, err := f.begin(token)
	f.must(err)
	if at.Next.Do != login.DoProve || at.Next.Proof != org.ProofTicket || at.Next.SentTo != "" || f.codes() != 0 {
		t.Errorf("begins with %+v", at.Next)
	}
	_, err = f.take(token, coded("12345678"))
	refused(t, "where none was made", err, enroll.ErrRefused)
	given := f.ticket(time.Hour)
	_, err = f.take(token, coded(otherDigits(given.Code)))
	refused(t, "a wrong one", err, enroll.ErrRefused)
	f.counted(2)
	if c, _ := f.Factors(t, eve).Open(user.Ticket, "", f.Clock.Now()); c.Tries != 1 {
		t.Errorf("%d tries are counted against the ticket", c.Tries)
	}
	f.Clock.Advance(time.Minute)
	at, err = f.take(token, coded(given.Code[:4]+" "+given.Code[4:]))
	f.must(err)
	if at.Next.Do != login.DoRecoveryEmail {
		t.Errorf("after the ticket: %q", at.Next.Do)
	}
	at, err = f.take(token, twice(address))
	f.must(err)
	if at.Next.Do != login.DoVerifyRecovery {
		t.Errorf("the login address was proven by nobody, and the enrolment goes on with %q", at.Next.Do)
	}
	later := f.Login(t, eve)
	at, err = f.begin(later)
	f.must(err)
	if at.Next.Do != login.DoProve {
		t.Errorf("a later login begins at %q", at.Next.Do)
	}
	_, err = f.take(later, coded(given.Code))
	refused(t, "the ticket again", err, enroll.ErrRefused)
}

func TestTicketsAreForWhoIsToEnrol(t *testing.T) {
	f, token := asking(t, org.ProofTicket)
	old := f.ticket(time.Hour)
	f.ticket(30 * 24 * time.Hour)
	if c, _ := f.Factors(t, eve).Open(user.Ticket, "", f.Clock.Now()); !c.ExpiresAt.Equal(f.Clock.Now().Add(enroll.MaxTicket).Truncate(time.Second)) {
		t.Errorf("good until %v", c.ExpiresAt)
	}
	_, err := f.begin(token)
	f.must(err)
	_, err = f.take(token, coded(old.Code))
	refused(t, "the one before", err, enroll.ErrRefused)
	if e := f.events(audit.TicketMade); len(e) != 2 || !e[0].Notify || e[0].Reason != "first day" {
		t.Errorf("events: %+v", e)
	}
	f.policy(func(p *org.Policy) { p.EnrollmentProof = org.ProofLoginEmail })
	_, err = f.Enroll.MakeTicket(t.Context(), f.Administrator, subject(eve), "r", time.Hour)
	refused(t, "where the policy asks for none", err, enroll.ErrNoTickets)
	f.policy(func(p *org.Policy) { p.EnrollmentProof = org.ProofTicket })
	f.Enrolled(t, "adam")
	_, err = f.Enroll.MakeTicket(t.Context(), f.Administrator, subject("adam"), "r", time.Hour)
	refused(t, "for an enrolled user", err, enroll.ErrEnrolled)
}

// Where the policy says so the password is enough to begin. What a thief with it leaves behind is nobody's: the next login asks for the
// recovery email anew.
func TestAnEnrolmentWithThePasswordAlone(t *testing.T) {
	f, token := asking(t, org.ProofPassword)
	at, err := f.begin(token)
	f.must(err)
	if at.Next.Do != login.DoRecoveryEmail || f.codes() != 0 {
		t.Errorf("begins with %+v", at.Next)
	}
	at, err = f.take(token, twice(address))
	f.must(err)
	if at.Next.Do != login.DoVerifyRecovery {
		t.Errorf("nobody proved the login address, and the enrolment goes on with %q", at.Next.Do)
	}
	_, err = f.take(token, coded(f.mailed(user.VerifyRecovery)))
	f.must(err)
	at, err = f.begin(f.Login(t, eve))
	f.must(err)
	if at.Next.Do != login.DoRecoveryEmail {
		t.Errorf("a later login takes over whose address? It begins at %q", at.Next.Do)
	}
}

// The proof is of the kind that the policy asks for now.
func TestAProofOfAnotherKindIsNone(t *testing.T) {
	f, token := asking(t, org.ProofPassword)
	f.at(token, login.DoChooseMethod)
	for _, proof := range []org.Proof{org.ProofTicket, org.ProofLoginEmail} {
		f.policy(func(p *org.Policy) { p.EnrollmentProof = proof })
		at, err := f.begin(token)
		f.must(err)
		if at.Next.Do != login.DoProve || at.Next.Proof != proof {
			t.Errorf("%s: goes on with %+v", proof, at.Next)
		}
	}
	_, err := f.take(token, coded(f.mailed(user.ProveLogin)))
	f.must(err)
	f.policy(func(p *org.Policy) { p.EnrollmentProof = org.ProofTicket })
	at, err := f.begin(token)
	f.must(err)
	if at.Next.Do != login.DoProve {
		t.Errorf("a code to the login address stands for a ticket: %+v", at.Next)
	}
}
