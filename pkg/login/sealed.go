package login

import (
	"bytes"
	"encoding/base64"
	"encoding/json"

	"twofold/pkg/fault"
)

// SealText writes a value as an opaque text of A-Z a-z 0-9 - and _, for one use: what is sealed for one opens for no other.
func SealText(s Sealer, use []byte, value any) (string, error) {
	var plain bytes.Buffer
	e := json.NewEncoder(&plain)
	e.SetEscapeHTML(false) // six bytes for one, where a cookie has 4,096
	if err := e.Encode(value); err != nil {
		return "", err
	}
	sealed, err := s.Seal(plain.Bytes(), use)
	if err != nil {
		return "", fault.Down(err)
	}
	return base64.RawURLEncoding.EncodeToString(sealed), nil
}

// OpenText reads such a text into value, and reports whether it was one of ours for this use.
func OpenText(s Sealer, use []byte, text string, value any) bool {
	sealed, err := base64.RawURLEncoding.Strict().DecodeString(text)
	if err != nil {
		return false
	}
	plain, err := s.Open(sealed, use)
	return err == nil && json.Unmarshal(plain, value) == nil
}
