package factor_test

import (
	"bytes"
	"encoding/base32"
	"errors"
	"strings"
	"testing"

	"twofold/pkg/factor"
)

func TestKeyURIsTakenOver(t *testing.T) {
	secret := []byte("12345678901234567890")
	text := base32.StdEncoding.EncodeToString(secret)
	for _, uri := range []string{
		"otpauth://totp/x?secret=" + text,
		"otpauth://totp/Old:ann@acme.example?secret=" + strings.ToLower(text) + "&issuer=Old&algorithm=SHA1&digits=6&period=30",
		"OTPAUTH://totp/x?secret=" + text, " otpauth://totp/x?secret=" + text + "\n",
		"otpauth://totp/x?secret=GEZD+GNBV+GY3T+QOJQ+GEZD+GNBV+GY3T+QOJQ", "otpauth://totp/x?secret=GEZD-GNBV-GY3T-QOJQ-GEZD-GNBV-GY3T-QOJQ",
		"otpauth://totp/x?issuer=a&image=https%3A%2F%2Fa.example%2Fb.png&color=red&icon=x&algorithm=sha1&secret=" + text,
		factor.TOTPURI(secret, "Acme: old", "ann@acme.example"),
	} {
		if got, err := factor.TOTPSecretOf(uri); err != nil || !bytes.Equal(got, secret) {
			t.Errorf("%q: %v", uri, err)
		}
	}
	for _, n := range []int{factor.MinTOTPSecretBytes, 17, 18, 19, 21, 32, factor.MaxTOTPSecretBytes} { // padded and not
		want := bytes.Repeat([]byte{0xa5}, n)
		for _, text := range []string{base32.StdEncoding.EncodeToString(want), base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(want)} {
			if got, err := factor.TOTPSecretOf("otpauth://totp/x?secret=" + text); err != nil || !bytes.Equal(got, want) {
				t.Errorf("%d bytes: %v", n, err)
			}
		}
	}
}

func TestKeyURIsRefused(t *testing.T) {
	const text = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
	sized := func(n int) string { return base32.StdEncoding.EncodeToString(make([]byte, n)) }
	for uri, want := range map[string]error{
		"": factor.ErrURI, "otpauth://totp/x": factor.ErrURI, "otpauth://totp/x?secret=": factor.ErrURI, "otpauth://totp/x?secret=" + text + "1": factor.ErrURI,
		"https://totp/x?secret=" + text: factor.ErrURI, "otpauth:totp/x?secret=" + text: factor.ErrURI, text: factor.ErrURI,
		"otpauth://totp/x?secret=" + text + "&secret=" + text: factor.ErrURI, "otpauth://totp/x?secret=" + text + "&digits=6&digits=8": factor.ErrURI,
		"otpauth://a:b@totp/x?secret=" + text: factor.ErrURI, "otpauth://totp/x?secret=" + text + "#y": factor.ErrURI,
		"otpauth://totp/x?secret=%zz": factor.ErrURI, "otpauth://totp/x\r\n?secret=" + text: factor.ErrURI, "otpauth://totp/x?a;b&secret=" + text: factor.ErrURI,
		"otpauth://totp:80/x?secret=" + text:                  factor.ErrUnsupported,
		"otpauth://hotp/x?counter=1&secret=" + text:           factor.ErrUnsupported,
		"otpauth://steam/x?secret=" + text:                    factor.ErrUnsupported,
		"otpauth://totp/x?algorithm=SHA256&secret=" + text:    factor.ErrUnsupported,
		"otpauth://totp/x?algorithm=SHA512&secret=" + text:    factor.ErrUnsupported,
		"otpauth://totp/x?algorithm=&secret=" + text:          factor.ErrUnsupported,
		"otpauth://totp/x?digits=8&secret=" + text:            factor.ErrUnsupported,
		"otpauth://totp/x?digits=06&secret=" + text:           factor.ErrUnsupported,
		"otpauth://totp/x?period=60&secret=" + text:           factor.ErrUnsupported,
		"otpauth://totp/x?encoder=steam&secret=" + text:       factor.ErrUnsupported,
		"otpauth://totp/x?SECRET=" + text + "&secret=" + text: factor.ErrUnsupported,
		"otpauth://totp/x?secret=" + sized(15):                factor.ErrSecretSize,
		"otpauth://totp/x?secret=" + sized(10):                factor.ErrSecretSize,
		"otpauth://totp/x?secret=" + sized(65):                factor.ErrSecretSize,
	} {
		if got, err := factor.TOTPSecretOf(uri); !errors.Is(err, want) || got != nil {
			t.Errorf("%q: %v, want %v", uri, err, want)
		}
	}
}

// Whatever is taken over is written again by us to the same secret, and never betrayed by an error.
func FuzzKeyURI(f *testing.F) {
	f.Add("otpauth://totp/x?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&digits=6")
	f.Add("otpauth://totp/a:b?secret=gezdgnbvgy3tqojqgezdgnbvgy3tqojq%3D&issuer=%00")
	f.Add("otpauth://hotp/x?secret=A")
	f.Fuzz(func(t *testing.T, uri string) {
		secret, err := factor.TOTPSecretOf(uri)
		if err != nil {
			if secret != nil || !errors.Is(err, factor.ErrURI) && !errors.Is(err, factor.ErrUnsupported) && !errors.Is(err, factor.ErrSecretSize) {
				t.Fatalf("%q: %v", uri, err)
			}
			return
		}
		again, err := factor.TOTPSecretOf(factor.TOTPURI(secret, "Acme", "ann"))
		if err != nil || !bytes.Equal(again, secret) {
			t.Fatalf("%q: written again it is another secret, %v", uri, err)
		}
		if _, err := factor.TOTPCode(secret, 1); err != nil {
			t.Fatalf("%q: gives no code: %v", uri, err)
		}
	})
}
