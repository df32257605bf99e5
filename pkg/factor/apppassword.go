package factor

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"fmt"
	"strings"
)

// appPasswordChars of 32 make 140 bits: seven groups of four, which people type into a telephone once.
const appPasswordChars = 28

// NewAppPassword makes an app password, normalised: 28 characters of the alphabet of recovery codes.
func NewAppPassword() string {
	raw := make([]byte, appPasswordChars)
	rand.Read(raw)
	for i, b := range raw {
		raw[i] = recoveryAlphabet[b%byte(len(recoveryAlphabet))] // 256 is a multiple of 32: each is as likely
	}
	return string(raw)
}

// ShowAppPassword writes one in groups of four, for reading.
func ShowAppPassword(password string) string { return grouped(password) }

// AppPassword normalises an app password as people type it and as mail clients keep it: case, spaces, dashes, and a zero for
// the letter O. Whatever else cannot be one, an account password among it, and need not be compared with any.
func AppPassword(typed string) (string, bool) { return alphabetical(typed, appPasswordChars) }

// alphabetical normalises a text of n characters of the alphabet.
func alphabetical(typed string, n int) (string, bool) {
	s := strings.ReplaceAll(strings.ToUpper(stripSeparators(typed)), "0", "O")
	if len(s) != n || strings.Trim(s, recoveryAlphabet) != "" {
		return "", false
	}
	return s, true
}

// AppPlace is where an app password is good: for one service of one user, and nowhere else.
type AppPlace struct {
	Organization string
	User         string
	Service      string
}

// AppPasswordDigest names a normalised app password of one place. It is a fast hash without a key: what is hashed are 140 random
// bits, so nobody finds them from it, and a slow one is asked for below 112 only (NIST SP 800-63B-3 §5.1.2.2). The place is hashed with it, so the
// digest of one service, user or organisation is none of another's.
func AppPasswordDigest(at AppPlace, password string) []byte {
	sum := sha256.Sum256(frame("app-password", at.Organization, at.User, at.Service, password))
	return sum[:]
}

// SameAppPassword compares two digests in constant time.
func SameAppPassword(a, b []byte) bool { return subtle.ConstantTimeCompare(a, b) == 1 }

const appMissBytes = 8

// AppPasswordMiss names a wrong app password, so that the same one is known again when it comes back. It is keyed: somebody may have
// typed another secret of theirs that only looks like one.
func AppPasswordMiss(prf PRF, at AppPlace, password string) ([]byte, error) {
	mark, err := prf.PRF(prf.PRFKeyID(), frame("app-password-miss", at.Organization, at.User, at.Service, password), appMissBytes)
	if err != nil {
		return nil, fmt.Errorf("factor: name a wrong app password: %w", err)
	}
	return mark, nil
}
