package factor

import (
	"bytes"
	"image"
	"image/png"
	"strings"
	"testing"

	"github.com/pquerna/otp"
)

// What an app reads is parsed back by a parser that is not ours.
func TestKeyURI(t *testing.T) {
	for _, c := range []struct{ issuer, account, shownIssuer string }{
		{"Acme", "ann@example.com", "Acme"},
		{"Acme & Söhne GmbH", "ann+2fa@example.com", "Acme & Söhne GmbH"},
		{"100% / ?#=; \"quoted\"", "a&b=c@example.com", "100% / ?#=; \"quoted\""},
		{"日本", "ann@xn--fsq.example", "日本"},
		// A colon ends the issuer in an app's eyes, so none may stand within it.
		{"Acme: Europe", "ann@example.com", "Acme  Europe"},
	} {
		uri := TOTPURI(rfcSecret, c.issuer, c.account)
		key, err := otp.NewKeyFromURL(uri)
		if err != nil {
			t.Fatalf("%s: %v", c.issuer, err)
		}
		if key.Type() != "totp" || key.Issuer() != c.shownIssuer || key.AccountName() != c.account {
			t.Errorf("%s: read as %s, %q, %q", c.issuer, key.Type(), key.Issuer(), key.AccountName())
		}
		if key.Secret() != "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ" || key.Period() != 30 ||
			key.Digits() != otp.DigitsSix || key.Algorithm() != otp.AlgorithmSHA1 {
			t.Errorf("%s: other parameters: %d s, %v digits, %v", c.issuer, key.Period(), key.Digits(), key.Algorithm())
		}
		path, query, _ := strings.Cut(uri, "?")
		if strings.Contains(query, "+") {
			t.Errorf("%s: a plus sign for a space, which several apps show as it stands: %s", c.issuer, query)
		}
		if label := strings.TrimPrefix(path, "otpauth://totp/"); strings.Count(label, ":") != 1 {
			t.Errorf("%s: the label %q does not part issuer and account", c.issuer, label)
		}
	}
}

func TestSecretText(t *testing.T) {
	if got := TOTPSecretText(rfcSecret); got != "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ" {
		t.Errorf("got %s", got)
	}
}

func TestQRIsATwoColourPNGWithAMargin(t *testing.T) {
	drawn, err := QR(TOTPURI(rfcSecret, "Acme & Söhne GmbH", "ann@example.com"))
	if err != nil {
		t.Fatal(err)
	}
	if len(drawn) > 8<<10 {
		t.Errorf("%d bytes: too large for an answer", len(drawn))
	}
	decoded, err := png.Decode(bytes.NewReader(drawn))
	if err != nil {
		t.Fatal(err)
	}
	img, ok := decoded.(*image.Paletted)
	if !ok || len(img.Palette) != 2 {
		t.Fatalf("not a picture of two colours: %T", decoded)
	}
	side := img.Bounds().Dx()
	if side != img.Bounds().Dy() || side%qrModule != 0 || side < 200 || (side/qrModule-2*qrQuiet-17)%4 != 0 {
		t.Errorf("%v is no size of a QR code of whole modules", img.Bounds())
	}
	checkMargin(t, img)
	// The finder pattern at the upper left: a dark ring, a light one, a dark middle (ISO/IEC 18004 §6.3.3).
	for module, dark := range []bool{true, false, true, true, true, false, true, false} {
		x, y := (qrQuiet+module)*qrModule+qrModule/2, (qrQuiet+3)*qrModule+qrModule/2
		if (img.ColorIndexAt(x, y) == 1) != dark {
			t.Errorf("the finder pattern is broken at module %d", module)
		}
	}
}

func checkMargin(t *testing.T, img *image.Paletted) {
	t.Helper()
	inner := img.Bounds().Inset(qrQuiet * qrModule)
	dark := 0
	for y := range img.Bounds().Dy() {
		for x := range img.Bounds().Dx() {
			if img.ColorIndexAt(x, y) == 0 {
				continue
			}
			if dark++; !(image.Point{X: x, Y: y}).In(inner) {
				t.Fatalf("dark at %d,%d, in the quiet zone", x, y)
			}
		}
	}
	if share := float64(dark) / float64(inner.Dx()*inner.Dy()); share < 0.3 || share > 0.7 {
		t.Errorf("%.0f %% of the code is dark", 100*share)
	}
}

// The text holds the secret, so an error must not quote it.
func TestQRErrorKeepsTheSecret(t *testing.T) {
	_, err := QR(strings.Repeat("SECRETSECRET", 1000))
	if err == nil {
		t.Fatal("a text that fits no QR code was drawn")
	}
	if strings.Contains(err.Error(), "SECRET") {
		t.Error("the error quotes the text")
	}
}
