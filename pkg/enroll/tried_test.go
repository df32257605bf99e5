package enroll_test

import (
	"testing"

	"twofold/pkg/enroll"
	"twofold/pkg/login"
	"twofold/pkg/org"
	"twofold/pkg/user"
)

func (f *fixture) tried(what string, want user.Try) {
	f.t.Helper()
	got := f.Factors(f.t, eve).Tried
	if want.Way != "" && got.At.IsZero() {
		f.t.Errorf("%s: no time", what)
	}
	want.At = got.At
	if got != want {
		f.t.Errorf("%s: %+v, want %+v", what, got, want)
	}
}

// Each code of an enrolment is recorded by the write that judged it, and by no other.
func TestEveryCodeOfAnEnrolmentIsRecorded(t *testing.T) {
	f := newFixture(t)
	f.Application.Claimed = "203.0.113.9"
	from := f.Application.Claimed
	token := f.Login(t, eve)
	f.at(token, login.DoProve)
	code := f.mailed(user.ProveLogin)
	take := func(in enroll.Answer) login.Answer {
		a, err := f.take(token, in)
		if err != nil && err != error(enroll.ErrRefused) {
			t.Fatal(err)
		}
		return a
	}
	email := string(org.Email)
	take(coded(otherDigits(code)))
	f.tried("a wrong proof", user.Try{Way: email, For: user.Prove, Address: from})
	take(coded(code))
	f.tried("the proof", user.Try{Right: true, Way: email, For: user.Prove, Address: from})
	take(twice(recovery))
	f.tried("an address", user.Try{})
	code = f.mailed(user.VerifyRecovery)
	take(coded(otherDigits(code)))
	f.tried("a wrong code of the recovery email", user.Try{Way: email, For: user.VerifyMailbox, Address: from})
	take(coded(code))
	f.tried("the recovery email", user.Try{Right: true, Way: email, For: user.VerifyMailbox, Address: from})
	secret := f.phone(take(chosen))
	take(coded(f.wrong(secret)))
	f.tried("a wrong first code", user.Try{Way: string(org.TOTP), For: user.Confirm, Address: from})
	take(coded(f.Code(t, secret)))
	f.tried("the first code", user.Try{Right: true, Way: string(org.TOTP), For: user.Confirm, Address: from})
}

// So is each fresh proof, that of the change which takes all factors away among them.
func TestEveryFreshProofIsRecorded(t *testing.T) {
	f := newFixture(t)
	secret := f.Enrolled(t, eve)
	f.Application.Claimed = "203.0.113.9"
	want := user.Try{Way: string(org.TOTP), For: user.SwitchOff, Address: f.Application.Claimed}
	request := func(code string) enroll.Request {
		return enroll.Request{Of: subject(eve), Proof: enroll.Proof{Method: org.TOTP, Code: code}}
	}
	_, err := f.Enroll.Disable(t.Context(), f.Application, request(f.wrong(secret)))
	refused(t, "a wrong proof", err, enroll.ErrProofRefused)
	f.tried("a wrong proof", want)
	_, err = f.Enroll.Disable(t.Context(), f.Application, request(f.Code(t, secret)))
	f.must(err)
	want.Right = true
	f.tried("a right one", want)
	if x := f.Factors(t, eve); x.Enrolled() || x.Facts().VerifiedOn != user.On(f.Clock.Now()) {
		t.Errorf("after switching off: %+v", x.Facts())
	}
}
