// Package factor holds the arithmetic of second factors: TOTP (RFC 6238), mailed
// codes, recovery codes, app passwords. It is pure: no store, no clock, no randomness but for new
// secrets. Mailed codes and recovery codes are derived by a keyed function from
// what they are for, so that none has to be stored.
package factor

import (
	"crypto/subtle"
	"encoding/binary"
	"fmt"
	"strings"
)

// PRF is a keyed pseudo-random function with rotating keys. What was derived under
// an older key is derived again by naming that key; an unknown one is an error.
type PRF interface {
	PRFKeyID() uint32
	PRF(keyID uint32, input []byte, n int) ([]byte, error)
}

// MailedDigits is the length of codes sent by mail: 8, so that 5 tries leave a thief 1 in 20 million.
const MailedDigits = 8

// Mailed says what one mailed code is for. Two that differ in anything have unrelated codes,
// so a code is void as soon as the address or the epoch is another.
type Mailed struct {
	Purpose      string
	Organization string
	User         string // or the administrator's id, for a step-up
	Challenge    string
	Address      []byte // digest, from AddressDigest
	Epoch        int64
}

// MailedCode derives the eight digits.
func MailedCode(prf PRF, keyID uint32, m Mailed) (string, error) {
	input := frame("mailed-code", m.Purpose, m.Organization, m.User, m.Challenge, string(m.Address), fmt.Sprint(m.Epoch))
	raw, err := prf.PRF(keyID, input, 16)
	if err != nil {
		return "", fmt.Errorf("factor: derive a mailed code: %w", err)
	}
	// 64 bits modulo 10^8: the bias is below 2^-37.
	return fmt.Sprintf("%0*d", MailedDigits, binary.BigEndian.Uint64(raw)%100_000_000), nil
}

const addressDigestBytes = 12

// AddressDigest names an address without telling it. It begins with the key's id, so that the same
// digest can be made again after a rotation.
func AddressDigest(prf PRF, keyID uint32, address string) ([]byte, error) {
	raw, err := prf.PRF(keyID, frame("address", address), addressDigestBytes)
	if err != nil {
		return nil, fmt.Errorf("factor: digest an address: %w", err)
	}
	return append(binary.BigEndian.AppendUint32(nil, keyID), raw...), nil
}

// SameAddress reports whether digest was made from address.
func SameAddress(prf PRF, digest []byte, address string) (bool, error) {
	if len(digest) < 4 {
		return false, nil
	}
	again, err := AddressDigest(prf, binary.BigEndian.Uint32(digest), address)
	if err != nil {
		return false, err
	}
	return subtle.ConstantTimeCompare(digest, again) == 1, nil
}

// Equal compares two codes in constant time.
func Equal(a, b string) bool { return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1 }

// Digits normalises a code of n digits as people type or paste it: spaces and dashes go. Whatever else
// it holds, or another length, is no code. All variants of one code are the same try.
func Digits(typed string, n int) (string, bool) {
	s := stripSeparators(typed)
	if len(s) != n || strings.Trim(s, "0123456789") != "" {
		return "", false
	}
	return s, true
}

func stripSeparators(s string) string {
	return strings.Map(func(r rune) rune {
		switch r {
		case ' ', '-', '\u00a0', '\u2009', '\u2011', '\t':
			return -1
		}
		return r
	}, s)
}

// frame joins parts with their lengths, so that no two lists of parts give the same bytes.
func frame(parts ...string) []byte {
	var out []byte
	for _, p := range parts {
		out = binary.BigEndian.AppendUint32(out, uint32(len(p)))
		out = append(out, p...)
	}
	return out
}
