package factor

import (
	"crypto/rand"
	"crypto/subtle"
	"encoding/base32"
	"net/url"
	"strings"
	"time"

	"github.com/pquerna/otp"
	"github.com/pquerna/otp/hotp"
)

// Parameters of every TOTP authenticator (RFC 6238 §4 and §5.1; what all common apps understand).
const (
	TOTPDigits      = 6
	TOTPPeriod      = 30 * time.Second
	TOTPSecretBytes = 20 // 160 bits, RFC 4226 §4 R6
	totpSkew        = 1  // steps either side, RFC 6238 §5.2
)

var base32Secret = base32.StdEncoding.WithPadding(base32.NoPadding)

// NewTOTPSecret makes a secret.
func NewTOTPSecret() []byte {
	secret := make([]byte, TOTPSecretBytes)
	rand.Read(secret)
	return secret
}

// TOTPStep is the time step (RFC 6238 §4.2) that t lies in.
func TOTPStep(t time.Time) int64 { return t.Unix() / int64(TOTPPeriod/time.Second) }

// TOTPCode is the code of a step.
func TOTPCode(secret []byte, step int64) (string, error) {
	opts := hotp.ValidateOpts{Digits: otp.DigitsSix, Algorithm: otp.AlgorithmSHA1}
	return hotp.GenerateCodeCustom(base32Secret.EncodeToString(secret), uint64(step), opts)
}

// MatchTOTP finds the step for which code is right at now: the current one or one either side,
// and only one later than last, the step accepted before, so that no code is good twice (RFC 6238 §5.2).
// All candidates are compared, in constant time each. The step must be stored before anyone is let in.
func MatchTOTP(secret []byte, code string, now time.Time, last int64) (step int64, ok bool) {
	current := TOTPStep(now)
	for s := current - totpSkew; s <= current+totpSkew; s++ {
		want, err := TOTPCode(secret, s)
		if err != nil {
			return 0, false
		}
		if subtle.ConstantTimeCompare([]byte(want), []byte(code)) == 1 && s > last {
			step, ok = s, true
		}
	}
	return step, ok
}

// TOTPSecretText is the secret as a person types it into an app.
func TOTPSecretText(secret []byte) string { return base32Secret.EncodeToString(secret) }

// TOTPURI is the key URI that an app reads from a QR code: the issuer is the
// organisation, the label the account there. A colon parts the two in the label, so
// one within the organisation's name becomes a space.
func TOTPURI(secret []byte, issuer, account string) string {
	issuer = strings.ReplaceAll(issuer, ":", " ")
	v := url.Values{}
	v.Set("secret", TOTPSecretText(secret))
	v.Set("issuer", issuer)
	v.Set("algorithm", "SHA1")
	v.Set("digits", "6")
	v.Set("period", "30")
	// PathEscape and %20: several apps show a plus sign as it stands.
	label := url.PathEscape(issuer) + ":" + url.PathEscape(account)
	return "otpauth://totp/" + label + "?" + spaces(v.Encode())
}
