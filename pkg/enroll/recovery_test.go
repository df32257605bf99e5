package enroll_test

import (
	"testing"
	"time"

	"twofold/pkg/enroll"
	"twofold/pkg/factor"
	"twofold/pkg/login"
	"twofold/pkg/org"
	"twofold/pkg/user"
)

func TestARecoveryEmailMustBeOneBareAddressTypedTwice(t *testing.T) {
	f := newFixture(t)
	token := f.Login(t, eve)
	f.at(token, login.DoRecoveryEmail)
	f.untouched(func() {
		for _, typed := range []string{
			"eve", "eve@", "@home.example", "eve@home", "Eve <eve@home.example>", "a@b.example,c@d.example",
			"eve@home.example\r\nBcc: x@y.example", `"eve"@home.example`, "eve@home.example;", " ",
		} {
			_, err := f.take(token, twice(typed))
			refused(t, typed, err, enroll.ErrAddress)
		}
		for _, again := range []string{"", "eva@home.example", "EVE@home.example", "eve@home.example,", "eve"} {
			_, err := f.take(token, enroll.Answer{RecoveryEmail: recovery, RecoveryEmailAgain: again})
			refused(t, "again "+again, err, enroll.ErrMismatch)
		}
	})
	got, err := f.take(token, enroll.Answer{RecoveryEmail: " eve@Home.Example ", RecoveryEmailAgain: recovery})
	f.must(err)
	if got.Next.Do != login.DoVerifyRecovery {
		t.Errorf("next: %+v", got.Next)
	}
}

// What is stored is sealed for this user, and the digest names the same address.
func TestARecoveryEmailIsStoredSealed(t *testing.T) {
	f := newFixture(t)
	token := f.Login(t, eve)
	f.at(token, login.DoVerifyRecovery)
	x := f.Factors(t, eve)
	opened, err := f.Keys.Open(x.Enrollment.RecoveryEmail, user.RecoveryUse("acme.example", eve))
	f.must(err)
	same, err := factor.SameAddress(f.Keys, x.Enrollment.RecoveryDigest, recovery)
	f.must(err)
	if string(opened) != recovery || !same || x.Enrollment.RecoveryVerified {
		t.Errorf("stored %q, digest of it: %v, verified: %v", opened, same, x.Enrollment.RecoveryVerified)
	}
	if challenge := x.Challenges[0]; string(challenge.Address) != string(x.Enrollment.RecoveryDigest) || x.Deliver != challenge.ID {
		t.Error("the code goes elsewhere")
	}
}

// The proof that was just given for the login address serves for it as recovery email too, to the letter.
func TestTheLoginAddressNeedsNoSecondCode(t *testing.T) {
	for typed, want := range map[string]login.Do{address: login.DoChooseMethod, "User@acme.example": login.DoVerifyRecovery} {
		f := newFixture(t)
		token := f.Login(t, eve)
		f.at(token, login.DoRecoveryEmail)
		f.codes()
		got, err := f.take(token, twice(typed))
		f.must(err)
		if got.Next.Do != want || (f.codes() == 0) != (want == login.DoChooseMethod) {
			t.Errorf("%s: next %q", typed, got.Next.Do)
		}
	}
}

func TestAPolicyMayDemandADistinctRecoveryEmail(t *testing.T) {
	f := newFixture(t)
	token := f.Login(t, eve)
	f.at(token, login.DoRecoveryEmail)
	f.policy(func(p *org.Policy) { p.RecoveryEmailDistinct = true })
	f.untouched(func() {
		for _, typed := range []string{address, "USER@acme.example", "user@ACME.example"} {
			_, err := f.take(token, twice(typed))
			refused(t, typed, err, enroll.ErrDistinct)
		}
	})
	_, err := f.take(token, twice(recovery))
	f.must(err)
}

func TestReenteringTheAddressVoidsTheOldCode(t *testing.T) {
	f := newFixture(t)
	token := f.Login(t, eve)
	f.at(token, login.DoVerifyRecovery)
	old := f.mailed(user.VerifyRecovery)
	got, err := f.take(token, twice("other@home.example"))
	f.must(err)
	if got.Next.Do != login.DoVerifyRecovery || got.Next.SentTo != "o•••@home.example" {
		t.Errorf("next: %+v", got.Next)
	}
	_, err = f.take(token, coded(old))
	refused(t, "the code of the address before", err, enroll.ErrRefused)
	_, err = f.take(token, coded(f.mailed(user.VerifyRecovery)))
	f.must(err)
	opened, err := f.Keys.Open(f.Factors(t, eve).Enrollment.RecoveryEmail, user.RecoveryUse("acme.example", eve))
	if f.must(err); string(opened) != "other@home.example" {
		t.Errorf("the recovery email is %q", opened)
	}
}

// Once verified the address stands: whoever takes over the session later cannot put another in its place.
func TestAVerifiedAddressIsNotEnteredAgain(t *testing.T) {
	f := newFixture(t)
	token := f.Login(t, eve)
	f.at(token, login.DoChooseMethod)
	f.untouched(func() {
		_, err := f.take(token, twice("thief@evil.example"))
		f.wrongStep(err, login.DoChooseMethod)
	})
}

// Each case voids a mailed code; the answer is that of a wrong one, and counts.
func TestAMailedCodeIsVoid(t *testing.T) {
	for _, c := range []struct {
		name  string
		given func(f *fixture)
	}{
		{"after ten minutes", func(f *fixture) { f.Clock.Advance(user.CodeLife) }},
		{"after five tries", func(f *fixture) {
			f.factors(func(x *user.Factors) { x.Challenges[0].Tries = user.TriesPerCode })
		}},
		{"for another purpose", func(f *fixture) {
			f.factors(func(x *user.Factors) { x.Challenges[0].Purpose = user.Recover })
		}},
		{"ordered by another login", func(f *fixture) { f.factors(func(x *user.Factors) { x.Challenges[0].Login = "another" }) }},
	} {
		for do, purpose := range map[login.Do]user.Purpose{
			login.DoProve: user.ProveLogin, login.DoVerifyRecovery: user.VerifyRecovery,
		} {
			t.Run(string(do)+" "+c.name, func(t *testing.T) {
				f := newFixture(t)
				token := f.Login(t, eve)
				f.at(token, do)
				code := f.mailed(purpose)
				c.given(f)
				_, err := f.take(token, coded(code))
				refused(t, "the code", err, enroll.ErrRefused)
				f.counted(1)
			})
		}
	}
}

func TestFiveTriesVoidACodeForGood(t *testing.T) {
	f := newFixture(t)
	token := f.Login(t, eve)
	f.at(token, login.DoProve)
	code := f.mailed(user.ProveLogin)
	for range user.TriesPerCode {
		_, err := f.take(token, coded(otherDigits(code)))
		refused(t, "a wrong code", err, enroll.ErrRefused)
	}
	f.untouched(func() {
		_, err := f.take(token, coded(code))
		refused(t, "the right code while locked", err, enroll.ErrRefused)
	})
	f.Clock.Advance(time.Minute)
	_, err := f.take(token, coded(code))
	refused(t, "the right code after the lock", err, enroll.ErrRefused)
	f.counted(user.TriesPerCode + 1)
}

// A code of one step is none of the next, even if both go to the same person.
func TestTheProofIsNotTheVerification(t *testing.T) {
	f := newFixture(t)
	token := f.Login(t, eve)
	f.at(token, login.DoProve)
	proof := f.mailed(user.ProveLogin)
	_, err := f.take(token, coded(proof))
	f.must(err)
	_, err = f.take(token, twice(recovery))
	f.must(err)
	_, err = f.take(token, coded(proof))
	refused(t, "the proof's code", err, enroll.ErrRefused)
}
