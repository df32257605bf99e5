package factor

import (
	"errors"
	"net/url"
	"strings"

	"github.com/pquerna/otp"
)

// The sizes of a secret that may be brought along: RFC 4226 §4 R6 demands 128 bits, and more than a block of SHA-1 adds nothing.
const (
	MinTOTPSecretBytes = 16
	MaxTOTPSecretBytes = 64
)

// The reasons for which a key URI is not taken over.
var (
	ErrURI         = errors.New("factor: not a key URI with one secret")
	ErrUnsupported = errors.New("factor: a key URI of another kind of authenticator")
	ErrSecretSize  = errors.New("factor: the secret of a key URI is too short or too long")
)

// TOTPSecretOf reads the secret from a key URI, otpauth://totp/…, as authenticator apps export and import it. It must be what every
// authenticator here is: SHA-1, six digits, 30 seconds, said or left out. Base32 may be in either case, grouped, and padded or not.
func TOTPSecretOf(uri string) ([]byte, error) {
	key, err := otp.NewKeyFromURL(uri)
	if err != nil {
		return nil, ErrURI
	}
	u, err := url.Parse(key.URL())
	if err != nil || u.Scheme != "otpauth" || u.User != nil || u.Fragment != "" || u.Opaque != "" {
		return nil, ErrURI
	}
	given, err := url.ParseQuery(u.RawQuery)
	if err != nil {
		return nil, ErrURI
	}
	if key.Type() != "totp" {
		return nil, ErrUnsupported
	}
	for name, values := range given {
		if len(values) != 1 {
			return nil, ErrURI
		}
		if !supported(name, values[0]) {
			return nil, ErrUnsupported
		}
	}
	text := strings.TrimRight(strings.NewReplacer(" ", "", "-", "").Replace(given.Get("secret")), "=")
	secret, err := base32Secret.DecodeString(strings.ToUpper(text))
	switch {
	case err != nil || len(secret) == 0:
		return nil, ErrURI
	case len(secret) < MinTOTPSecretBytes || len(secret) > MaxTOTPSecretBytes:
		return nil, ErrSecretSize
	}
	return secret, nil
}

// supported judges one parameter. One that is not known may change what the codes are, so it is refused, but for those that are
// for the eye alone.
func supported(name, value string) bool {
	switch name {
	case "secret", "issuer", "image", "icon", "color":
		return true
	case "algorithm":
		return strings.EqualFold(value, "SHA1")
	case "digits":
		return value == "6"
	case "period":
		return value == "30"
	}
	return false
}
