package verify_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"twofold/pkg/audit"
	"twofold/pkg/decision"
	"twofold/pkg/login"
	"twofold/pkg/org"
	"twofold/pkg/user"
	"twofold/pkg/verify"
)

func TestARightTOTPProvesTheSecondFactor(t *testing.T) {
	f := newFixture(t)
	secret := f.Enrolled(t, eve)
	got, err := f.answer(f.Login(t, eve), totp, f.Code(t, secret))
	f.must(err)
	if got.Decision.Status != decision.Complete || !got.Decision.Asserts || got.Next.Do != login.DoNothing {
		t.Errorf("answered %+v", got)
	}
	claims, at := f.claims(got), f.Clock.Now().Truncate(time.Second)
	want := login.Assertion{
		Audience: "crm", Subject: eve, Organization: "acme.example", ID: claims.ID, Nonce: "nonce", AuthTime: at, IssuedAt: at,
		ExpiresAt: at.Add(5 * time.Minute), Methods: []string{"otp"}, Class: login.ClassTOTP, PolicyVersion: 1,
	}
	if !slices.Equal(claims.Methods, want.Methods) || claims.ID == "" || !got.AssertedUntil.Equal(want.ExpiresAt) {
		t.Errorf("claims %+v until %v", claims, got.AssertedUntil)
	}
	if claims.Audience != want.Audience || claims.Subject != want.Subject || claims.Organization != want.Organization ||
		claims.Nonce != want.Nonce || claims.Class != want.Class || claims.PolicyVersion != 1 || claims.Recovery != "" ||
		!claims.AuthTime.Equal(at) || !claims.ExpiresAt.Equal(want.ExpiresAt) {
		t.Errorf("got  %+v\nwant %+v", claims, want)
	}
	if events := f.events(audit.RecoveryUsed); len(events) != 0 {
		t.Error("an authenticator's answer is called a recovery")
	}
}

func TestACodeIsGoodOnce(t *testing.T) {
	f := newFixture(t)
	secret := f.Enrolled(t, eve)
	code := f.Code(t, secret)
	_, err := f.answer(f.Login(t, eve), totp, code)
	f.must(err)
	_, err = f.answer(f.Login(t, eve), totp, code)
	refused(t, "the same code again", err, verify.ErrRefused)
	f.counted(eve, 1)
	f.Clock.Advance(30 * time.Second)
	_, err = f.answer(f.Login(t, eve), totp, code)
	refused(t, "the same code a step later", err, verify.ErrRefused)
	_, err = f.answer(f.Login(t, eve), totp, f.Code(t, secret))
	f.must(err)
	f.counted(eve, 0)
}

func TestAWrongCodeIsCountedBeforeAnyoneHears(t *testing.T) {
	f := newFixture(t)
	secret := f.Enrolled(t, eve)
	token := f.Login(t, eve)
	for n := 1; n <= 4; n++ {
		got, err := f.answer(token, totp, f.wrong(secret))
		refused(t, "a wrong code", err, verify.ErrRefused)
		if got.Assertion != "" || got.Token != "" {
			t.Error("a refusal carries an answer")
		}
		f.counted(eve, n)
	}
	_, err := f.answer(token, totp, f.Code(t, secret))
	f.must(err)
	if x := f.Factors(t, eve).Throttle; x.Consecutive != 0 || len(x.Failures) != 4 {
		t.Errorf("a success left %d in a row and %d in the day, want 0 and 4", x.Consecutive, len(x.Failures))
	}
}

// What cannot be a code of its way tells a thief nothing, so it costs no try; neither does a way that is not there.
func TestWhatCannotBeACodeCostsNoTry(t *testing.T) {
	f := newFixture(t)
	f.Enrolled(t, eve)
	token := f.Login(t, eve)
	for _, c := range []struct {
		way, code string
		want      error
	}{
		{totp, "", verify.ErrCode}, {totp, "12345", verify.ErrCode}, {totp, "1234567", verify.ErrCode},
		{totp, "12345a", verify.ErrCode}, {totp, "١٢٣٤٥٦", verify.ErrCode},
		{mail, "123456", verify.ErrCode}, {mail, "1234567x", verify.ErrCode},
		{saved, "ABCD", verify.ErrCode}, {saved, strings.Repeat("1", 16), verify.ErrCode},
		{"", "123456", verify.ErrMethod}, {"passkey", "123456", verify.ErrMethod}, {"TOTP", "123456", verify.ErrMethod},
		{string(org.Email), "123456", verify.ErrCode}, {string(org.SMS), "123456", verify.ErrCode}, {bypass, "123456", verify.ErrCode},
	} {
		f.untouched(eve, func() {
			_, err := f.answer(token, c.way, c.code)
			refused(t, c.way+" "+c.code, err, c.want)
		})
	}
}

func TestVariantsOfACodeAreOneCode(t *testing.T) {
	f := newFixture(t)
	secret := f.Enrolled(t, eve)
	code := f.Code(t, secret)
	_, err := f.answer(f.Login(t, eve), totp, " "+code[:3]+"-"+code[3:]+"\t")
	f.must(err)
	_, err = f.answer(f.Login(t, eve), totp, code)
	refused(t, "the same code without its dash", err, verify.ErrRefused)
}

func TestACodeOfAStepFurtherOffIsRefused(t *testing.T) {
	for off, good := range map[time.Duration]bool{-90 * time.Second: false, -30 * time.Second: true, 30 * time.Second: true, 90 * time.Second: false} {
		f := newFixture(t)
		secret := f.Enrolled(t, eve)
		f.Clock.Advance(off)
		code := f.Code(t, secret)
		f.Clock.Advance(-off)
		_, err := f.answer(f.Login(t, eve), totp, code)
		if good && err != nil {
			t.Errorf("a phone %v off: %v", off, err)
		} else if !good {
			refused(t, "a phone "+off.String()+" off", err, verify.ErrRefused)
		}
	}
}

func TestAnOldMethodIsGoodWhereNothingObliges(t *testing.T) {
	f := newFixture(t)
	secret := f.Enrolled(t, eve)
	anotherMethod(f)
	_, err := f.answer(f.Login(t, eve), totp, f.Code(t, secret))
	f.must(err)
}

// One user's code is nothing for another, even in the same organisation.
func TestACodeProvesItsOwnUserOnly(t *testing.T) {
	f := newFixture(t)
	f.Enrolled(t, eve)
	adam := f.Enrolled(t, "adam")
	code := f.Code(t, adam)
	_, err := f.answer(f.Login(t, eve), totp, code)
	refused(t, "another user's code", err, verify.ErrRefused)
	_, err = f.answer(f.Login(t, eve), saved, f.saved("adam", 0))
	refused(t, "another user's recovery code", err, verify.ErrRefused)
	f.counted(eve, 2)
	f.counted("adam", 0)
	_, err = f.answer(f.Login(t, "adam"), totp, code)
	f.must(err)
}

func TestEverySecondAuthenticatorIsTried(t *testing.T) {
	f := newFixture(t)
	first := f.Enrolled(t, eve)
	second := []byte("another secret of 20")
	f.factors(eve, func(x *user.Factors) {
		sealed, err := f.Keys.Seal(second, x.SecretUse("second"))
		f.must(err)
		x.Authenticators = append(x.Authenticators, user.Authenticator{ID: "second", Method: org.TOTP, Secret: sealed})
	})
	_, err := f.answer(f.Login(t, eve), totp, f.Code(t, second))
	f.must(err)
	_, err = f.answer(f.Login(t, eve), totp, f.Code(t, first))
	f.must(err)
}
