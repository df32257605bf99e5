package factor

import (
	"encoding/base32"
	"fmt"
	"strings"
)

const (
	// RecoveryCodes are given out together, as one generation.
	RecoveryCodes = 10
	recoveryBytes = 10 // 80 bits: look-up secrets of 64 bits or more need no slow hash (NIST SP 800-63B-4 §3.1.2.2)
	recoveryChars = 16
)

// recoveryAlphabet leaves out 0, 1, I and L, which are misread as one another or as O.
const recoveryAlphabet = "23456789ABCDEFGHJKMNOPQRSTUVWXYZ"

var recoveryEncoding = base32.NewEncoding(recoveryAlphabet).WithPadding(base32.NoPadding)

// RecoverySet names one generation of a user's saved recovery codes.
type RecoverySet struct {
	Organization string
	User         string
	Generation   int64
}

// RecoveryCode derives the code at index of a set, normalised: 16 characters.
func RecoveryCode(prf PRF, keyID uint32, set RecoverySet, index int) (string, error) {
	input := frame("recovery-code", set.Organization, set.User, fmt.Sprint(set.Generation), fmt.Sprint(index))
	raw, err := prf.PRF(keyID, input, recoveryBytes)
	if err != nil {
		return "", fmt.Errorf("factor: derive a recovery code: %w", err)
	}
	return recoveryEncoding.EncodeToString(raw), nil
}

// MatchRecovery finds the index of a normalised code in its set. All codes are compared, used ones too: the
// caller decides by its record of use.
func MatchRecovery(prf PRF, keyID uint32, set RecoverySet, code string) (index int, ok bool, err error) {
	for i := range RecoveryCodes {
		want, err := RecoveryCode(prf, keyID, set, i)
		if err != nil {
			return 0, false, err
		}
		if Equal(want, code) {
			index, ok = i, true
		}
	}
	return index, ok, nil
}

// ShowRecovery writes a code in groups of four, for reading.
func ShowRecovery(code string) string { return grouped(code) }

func grouped(code string) string {
	var groups []string
	for ; len(code) > 4; code = code[4:] {
		groups = append(groups, code[:4])
	}
	return strings.Join(append(groups, code), "-")
}

// Recovery normalises a recovery code as people type it: case, spaces, dashes, and a zero for the letter O.
func Recovery(typed string) (string, bool) { return alphabetical(typed, recoveryChars) }
