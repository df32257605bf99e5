package verify_test

import (
	"testing"
	"time"

	"twofold/pkg/login"
	"twofold/pkg/user"
	"twofold/pkg/verify"
)

// Every judged code is recorded by the write that judged it, from where it came, and by no other.
func TestEveryJudgedCodeIsRecordedOnce(t *testing.T) {
	f := newFixture(t)
	secret := f.Enrolled(t, eve)
	token := f.Login(t, eve)
	f.Application.Claimed = "203.0.113.9"
	tried := func(what string, want user.Try) {
		t.Helper()
		want.For, want.Address = user.SignIn, "203.0.113.9"
		if want.At = f.Clock.Now().Truncate(time.Second); !want.Right && f.Clock.Now().Nanosecond() != 0 {
			want.At = want.At.Add(time.Second) // failures are counted so
		}
		if got := f.Factors(t, eve).Tried; got != want {
			t.Errorf("%s: %+v, want %+v", what, got, want)
		}
	}
	answer := func(way, code string) {
		t.Helper()
		f.Clock.Advance(time.Second)
		if _, err := f.answer(token, way, code); err != nil && err != error(verify.ErrRefused) {
			t.Fatal(err)
		}
	}
	answer(totp, f.wrong(secret))
	tried("a wrong code", user.Try{Way: totp})
	answer(mail, "12345678")
	tried("a code that nobody ordered", user.Try{Way: mail, Void: true})
	if _, err := f.order(token); err != nil {
		t.Fatal(err)
	}
	if got := f.Factors(t, eve).Tried; got != (user.Try{}) {
		t.Errorf("an order records %+v", got)
	}
	answer(mail, otherThan(f.mailed(eve)))
	tried("a wrong one that was ordered", user.Try{Way: mail})
	answer(bypass, "12345678")
	tried("a bypass that nobody made", user.Try{Way: bypass, Void: true})
	answer(totp, f.Code(t, secret))
	tried("a right one", user.Try{Way: totp, Right: true})
	token = f.Login(t, eve)
	answer(saved, f.saved(eve, 1))
	tried("a saved one", user.Try{Way: saved, Right: true})
	f.Application.Claimed = ""
	token = f.Login(t, eve)
	f.Clock.Advance(time.Second)
	if _, err := f.answer(token, saved, f.saved(eve, 1)); err != error(verify.ErrRefused) {
		t.Fatal(err)
	}
	l, err := login.Parse(f.Keys, token)
	f.must(err)
	if got := f.Factors(t, eve).Tried; got.Address != l.Claimed {
		t.Errorf("without an address of its own: %+v, the login's is %q", got, l.Claimed)
	}
}

func otherThan(code string) string { return string('0'+(code[0]-'0'+1)%10) + code[1:] }
