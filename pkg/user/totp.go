package user

import (
	"time"

	"twofold/pkg/factor"
	"twofold/pkg/fault"
	"twofold/pkg/org"
)

// Opener opens what was sealed for the same associated data.
type Opener interface {
	Open(ciphertext, associated []byte) ([]byte, error)
}

// AcceptTOTP tries a code on every authenticator app of the user at now. Where it is right the step that it
// belongs to is used up in f, which must be stored before anyone is let in.
func (f *Factors) AcceptTOTP(secrets Opener, code string, now time.Time) (bool, error) {
	accepted := false
	for i, a := range f.Authenticators {
		if a.Method != org.TOTP {
			continue
		}
		secret, err := secrets.Open(a.Secret, f.SecretUse(a.ID))
		if err != nil {
			return false, fault.Down(err)
		}
		if step, ok := factor.MatchTOTP(secret, code, now, a.LastStep); ok {
			f.Authenticators[i].LastStep = step
			accepted = true
		}
	}
	return accepted, nil
}
