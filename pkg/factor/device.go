package factor

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"strings"
)

const deviceBytes = 32 // 256 bits: look-up secrets of 64 bits or more need no slow hash (NIST SP 800-63B-4 §3.1.2.2)

// DeviceSeries names one trusted device of a user: all the secrets that it ever has.
type DeviceSeries struct {
	Organization string
	User         string
	Device       string
}

// FirstDeviceSecret derives the first secret of a series. seed is what stands nowhere in the table, so that neither
// the table nor the key alone gives a secret; whoever has the same seed again gets the same secret.
func FirstDeviceSecret(prf PRF, keyID uint32, s DeviceSeries, seed string) (string, error) {
	return deviceSecret(prf, keyID, "device-first", s, seed)
}

// NextDeviceSecret derives the secret that follows one: always the same, so that a lost reply can be given again.
func NextDeviceSecret(prf PRF, keyID uint32, s DeviceSeries, secret string) (string, error) {
	return deviceSecret(prf, keyID, "device-next", s, secret)
}

func deviceSecret(prf PRF, keyID uint32, step string, s DeviceSeries, from string) (string, error) {
	raw, err := prf.PRF(keyID, frame(step, s.Organization, s.User, s.Device, from), deviceBytes)
	if err != nil {
		return "", fmt.Errorf("factor: derive a device's secret: %w", err)
	}
	return base64.RawURLEncoding.EncodeToString(raw), nil
}

// DeviceDigest is what is stored of a secret.
func DeviceDigest(secret string) []byte {
	sum := sha256.Sum256([]byte(secret))
	return sum[:]
}

// SameDevice compares a secret with a stored digest in constant time. No digest is no secret's.
func SameDevice(digest []byte, secret string) bool {
	return subtle.ConstantTimeCompare(digest, DeviceDigest(secret)) == 1
}

// DeviceToken writes what a browser keeps: <id>.<secret>.
func DeviceToken(id, secret string) string { return id + "." + secret }

// ParseDeviceToken reads it, and fails without any look-up on whatever cannot be one.
func ParseDeviceToken(token string) (id, secret string, ok bool) {
	id, secret, ok = strings.Cut(token, ".")
	if !ok || len(id) != 36 || strings.Trim(id, "0123456789abcdef-") != "" {
		return "", "", false
	}
	raw, err := base64.RawURLEncoding.Strict().DecodeString(secret)
	return id, secret, err == nil && len(raw) == deviceBytes
}
