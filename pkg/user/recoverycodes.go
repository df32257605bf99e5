package user

import (
	"math/bits"

	"twofold/pkg/factor"
)

const allUsed = 1<<factor.RecoveryCodes - 1

// FewCodes is when a user is to be warned that saved codes run out: so many are left, or fewer.
const FewCodes = 3

// DeliverCodes is what Factors.Deliver says where the saved codes are to be mailed. No challenge has such an id.
const DeliverCodes = "saved-codes"

// SavedCodes are the codes of the present generation as people read them, used ones too.
func (f Factors) SavedCodes(codes factor.PRF) ([]string, error) {
	var shown []string
	for i := range factor.RecoveryCodes {
		code, err := factor.RecoveryCode(codes, f.RecoveryCodes.KeyID, f.RecoverySet(), i)
		if err != nil {
			return nil, err
		}
		shown = append(shown, factor.ShowRecovery(code))
	}
	return shown, nil
}

// Left is how many saved codes can still be used.
func (r RecoveryCodes) Left() int {
	if r.Generation == 0 {
		return 0
	}
	return factor.RecoveryCodes - bits.OnesCount16(r.Used&allUsed)
}

// Spent reports whether the code at index was used.
func (r RecoveryCodes) Spent(index int) bool { return r.Used&(1<<index) != 0 }

// Spend marks the code at index as used.
func (r RecoveryCodes) Spend(index int) RecoveryCodes {
	r.Used |= 1 << index
	return r
}

// Exhaust is the generation with all codes used.
func (r RecoveryCodes) Exhaust() RecoveryCodes {
	r.Used = allUsed
	return r
}

// Renew begins the next generation: the one before dies as a whole.
func (r RecoveryCodes) Renew(keyID uint32) RecoveryCodes {
	return RecoveryCodes{Generation: r.Generation + 1, KeyID: keyID}
}
