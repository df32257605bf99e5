package httpapi

import (
	"encoding/base64"
	"strings"

	"twofold/pkg/access"
	"twofold/pkg/user"
)

// ValidID reports whether an id that the application chose can be one: see user.ValidID.
func ValidID(id string) bool { return user.ValidID(id) }

// EncodeID writes an id as one segment of a path: as it stands where it is made of
// [A-Za-z0-9._@+-] alone and is not a dot segment, otherwise as "~" and base64url
// without padding (RFC 4648 §5). The API Gateway decodes a path before we see it, so
// percent-encoding would not keep a "/" inside the id.
func EncodeID(id string) string {
	if plain(id) {
		return id
	}
	return "~" + base64.RawURLEncoding.EncodeToString([]byte(id))
}

// DecodeID reads such a segment. An id has one form only: whatever EncodeID would
// not write, or no id could be, is access.ErrNotFound, the answer for an unknown id.
func DecodeID(segment string) (string, error) {
	id := segment
	if encoded, isEncoded := strings.CutPrefix(segment, "~"); isEncoded {
		raw, err := base64.RawURLEncoding.DecodeString(encoded)
		if err != nil {
			return "", access.ErrNotFound
		}
		id = string(raw)
	}
	if !ValidID(id) || EncodeID(id) != segment {
		return "", access.ErrNotFound
	}
	return id, nil
}

func plain(id string) bool {
	if id == "." || id == ".." {
		return false
	}
	for _, c := range []byte(id) {
		letter := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9'
		if !letter && !strings.ContainsRune("._@+-", rune(c)) {
			return false
		}
	}
	return true
}
