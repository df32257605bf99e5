package factor

import (
	"encoding/base64"
	"strings"
	"testing"
)

var series = DeviceSeries{Organization: "acme", User: "ann", Device: "0190c2d8-7f3e-4c1a-9b7e-0123456789ab"}

func firstSecret(t *testing.T, keyID uint32, s DeviceSeries, seed string) string {
	t.Helper()
	secret, err := FirstDeviceSecret(fakePRF{7, 8}, keyID, s, seed)
	if err != nil {
		t.Fatal(err)
	}
	return secret
}

// A secret is another one wherever anything of it is another, and the same where nothing is.
func TestDeviceSecretsAreBoundToAllThatTheyAreOf(t *testing.T) {
	first := firstSecret(t, 7, series, "seed")
	if first != firstSecret(t, 7, series, "seed") {
		t.Error("the same seed gives another secret")
	}
	next, err := NextDeviceSecret(fakePRF{7, 8}, 7, series, "seed")
	if err != nil {
		t.Fatal(err)
	}
	for name, other := range map[string]string{
		"key": firstSecret(t, 8, series, "seed"), "seed": firstSecret(t, 7, series, "seeds"), "step": next,
		"organisation": firstSecret(t, 7, DeviceSeries{"acmes", "ann", series.Device}, "seed"),
		"user":         firstSecret(t, 7, DeviceSeries{"acme", "anns", series.Device}, "seed"),
		"frame":        firstSecret(t, 7, DeviceSeries{"acmea", "nn", series.Device}, "seed"),
		"device":       firstSecret(t, 7, DeviceSeries{"acme", "ann", "another"}, "seed"),
	} {
		if other == first {
			t.Errorf("another %s gives the same secret", name)
		}
	}
	if raw, err := base64.RawURLEncoding.DecodeString(first); err != nil || 8*len(raw) < 256 {
		t.Errorf("a secret of %d bits, %v", 8*len(raw), err)
	}
	if _, err := NextDeviceSecret(fakePRF{7, 8}, 9, series, first); err == nil {
		t.Error("a key that there is not gives a secret")
	}
}

func TestADigestIsOfItsSecretOnly(t *testing.T) {
	secret := firstSecret(t, 7, series, "seed")
	if !SameDevice(DeviceDigest(secret), secret) || SameDevice(DeviceDigest(secret), secret+"A") || SameDevice(nil, "") || SameDevice(nil, secret) {
		t.Error("a digest is taken for another's, or not for its own")
	}
}

func TestDeviceTokensAreReadBack(t *testing.T) {
	secret := firstSecret(t, 7, series, "seed")
	id, got, ok := ParseDeviceToken(DeviceToken(series.Device, secret))
	if !ok || id != series.Device || got != secret {
		t.Errorf("%q, %q, %t", id, got, ok)
	}
	for _, other := range []string{
		"", ".", series.Device, series.Device + ".", "." + secret, "x" + DeviceToken(series.Device, secret), DeviceToken(series.Device, secret) + "A",
		DeviceToken(strings.ToUpper(series.Device), secret), DeviceToken(series.Device, secret) + ".x", DeviceToken(strings.Repeat("#", 36), secret),
		DeviceToken(series.Device, secret[1:]), DeviceToken(series.Device, secret[:42]+"="),
	} {
		if _, _, ok := ParseDeviceToken(other); ok {
			t.Errorf("%q is taken for a token", other)
		}
	}
}
