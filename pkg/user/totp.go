package user

import (
	"crypto/subtle"
	"time"

	"twofold/pkg/factor"
	"twofold/pkg/fault"
	"twofold/pkg/org"
)

// Opener opens what was sealed for the same associated data.
type Opener interface {
	Open(ciphertext, associated []byte) ([]byte, error)
}

// AcceptTOTP tries a code on every authenticator app of the user at now. Where it is right it gives the step that it
// belongs to, which is used up in f: that must be stored before anyone is let in. 0: it is wrong, or was used before.
func (f *Factors) AcceptTOTP(secrets Opener, code string, now time.Time) (int64, error) {
	var accepted int64
	for i, a := range f.Authenticators {
		if a.Method != org.TOTP {
			continue
		}
		secret, err := secrets.Open(a.Secret, f.SecretUse(a.ID))
		if err != nil {
			return 0, fault.Down(err)
		}
		if step, ok := factor.MatchTOTP(secret, code, now, a.LastStep); ok {
			f.Authenticators[i].LastStep = step
			accepted = step
		}
	}
	return accepted, nil
}

// HasTOTP reports whether a secret is that of one of the user's authenticator apps.
func (f Factors) HasTOTP(secrets Opener, secret []byte) (bool, error) {
	has := 0
	for _, a := range f.Authenticators {
		if a.Method != org.TOTP {
			continue
		}
		own, err := secrets.Open(a.Secret, f.SecretUse(a.ID))
		if err != nil {
			return false, fault.Down(err)
		}
		has |= subtle.ConstantTimeCompare(own, secret)
	}
	return has == 1, nil
}

// UsedTOTP reports whether a code is the one of a step that was used up. It lets nobody in: it tells a repetition after a
// lost reply from every other code.
func (f Factors) UsedTOTP(secrets Opener, code string, step int64) (bool, error) {
	used := false
	for _, a := range f.Authenticators {
		if a.Method != org.TOTP || step == 0 || step > a.LastStep {
			continue
		}
		secret, err := secrets.Open(a.Secret, f.SecretUse(a.ID))
		if err != nil {
			return false, fault.Down(err)
		}
		want, err := factor.TOTPCode(secret, step)
		if err != nil {
			return false, fault.Down(err)
		}
		used = factor.Equal(want, code) || used
	}
	return used, nil
}
