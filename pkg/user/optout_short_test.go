package user

import (
	"encoding/base64"
	"testing"
)

// plain seals nothing.
type plain struct{}

func (plain) Open(ciphertext, _ []byte) ([]byte, error) { return ciphertext, nil }

func TestAnOptOutThatIsTooShort(t *testing.T) {
	for _, text := range []string{"", "0123456", "01234567", "01234567acme"} {
		if got, ok := ParseOptOut(plain{}, base64.RawURLEncoding.EncodeToString([]byte(text))); ok {
			t.Errorf("%q is read as %+v", text, got)
		}
	}
}
