package factor

import (
	"encoding/base32"
	"fmt"
	"strings"
)

const (
	invitationBytes = 20 // 160 bits: nobody guesses it within its seven days
	invitationChars = 32
)

var invitationEncoding = base32.NewEncoding(recoveryAlphabet).WithPadding(base32.NoPadding)

// InvitationCode derives the code of an invitation from what it is for, normalised: 32 characters.
func InvitationCode(prf PRF, keyID uint32, m Mailed) (string, error) {
	input := frame("invitation", m.Purpose, m.Organization, m.User, m.Challenge, string(m.Address), fmt.Sprint(m.Epoch))
	raw, err := prf.PRF(keyID, input, invitationBytes)
	if err != nil {
		return "", fmt.Errorf("factor: derive an invitation: %w", err)
	}
	return invitationEncoding.EncodeToString(raw), nil
}

// Invitation normalises an invitation as people paste it: case, spaces, dashes.
func Invitation(typed string) (string, bool) {
	s := strings.ToUpper(stripSeparators(typed))
	if len(s) != invitationChars || strings.Trim(s, recoveryAlphabet) != "" {
		return "", false
	}
	return s, true
}
