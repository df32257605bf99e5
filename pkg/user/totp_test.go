package user_test

import (
	"testing"

	"twofold/pkg/factor"
	"twofold/pkg/fault"
	"twofold/pkg/org"
	"twofold/pkg/storetest"
	"twofold/pkg/user"
)

// carrying is a user with the authenticators of secrets.
func carrying(t *testing.T, secrets ...[]byte) user.Factors {
	t.Helper()
	f := user.Factors{Organization: "acme", User: "eve"}
	for i, secret := range secrets {
		id := string(rune('a' + i))
		sealed, err := storetest.Keys{}.Seal(secret, f.SecretUse(id))
		if err != nil {
			t.Fatal(err)
		}
		f.Authenticators = append(f.Authenticators, user.Authenticator{ID: id, Method: org.TOTP, Secret: sealed})
	}
	return f
}

func TestAStepThatWasUsedIsKnownAgain(t *testing.T) {
	first, second := factor.NewTOTPSecret(), factor.NewTOTPSecret()
	f := carrying(t, first, second)
	step := factor.TOTPStep(noon)
	code, err := factor.TOTPCode(second, step)
	if err != nil {
		t.Fatal(err)
	}
	used := func(code string, step int64) bool {
		t.Helper()
		is, err := f.UsedTOTP(storetest.Keys{}, code, step)
		if err != nil {
			t.Fatal(err)
		}
		return is
	}
	if used(code, step) {
		t.Error("a code that nobody has used")
	}
	if got, err := f.AcceptTOTP(storetest.Keys{}, code, noon); err != nil || got != step || f.Authenticators[0].LastStep != 0 || f.Authenticators[1].LastStep != step {
		t.Fatalf("accepted as step %d, %v", got, err)
	}
	if got, err := f.AcceptTOTP(storetest.Keys{}, code, noon); err != nil || got != 0 {
		t.Errorf("accepted again as step %d, %v", got, err)
	}
	if !used(code, step) || used(code, step-1) || used(code, 0) {
		t.Error("the step that was used is not told from others")
	}
	f.Authenticators[1].Secret = []byte("another's")
	if _, err := f.UsedTOTP(storetest.Keys{}, code, step); fault.As(err).Kind != fault.Unavailable {
		t.Errorf("a secret that does not open: %v", err)
	}
}

func TestHasTOTP(t *testing.T) {
	f := carrying(t, []byte("the first of secrets"), []byte("the other of secrets"))
	for secret, want := range map[string]bool{"the first of secrets": true, "the other of secrets": true, "the third of secrets": false, "the first of secret": false, "": false} {
		if got, err := f.HasTOTP(storetest.Keys{}, []byte(secret)); got != want || err != nil {
			t.Errorf("%q: %t, %v", secret, got, err)
		}
	}
	f.Authenticators[1].Secret = []byte("not sealed")
	if _, err := f.HasTOTP(storetest.Keys{}, []byte("the first of secrets")); fault.As(err).Kind != fault.Unavailable {
		t.Errorf("what cannot be opened: %v", err)
	}
	if got, err := (user.Factors{}).HasTOTP(storetest.Keys{}, nil); got || err != nil {
		t.Errorf("nobody's: %t, %v", got, err)
	}
}
