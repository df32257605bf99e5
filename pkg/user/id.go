package user

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// MaxID is how many bytes an id of the application's may have (design §9).
const MaxID = 128

// ValidID reports whether an id that the application chose can be one: 1 to 128 bytes of valid UTF-8 without control characters. Nor may it
// hold U+FFFD: whatever decoded the request on its way may have put that in place of bytes that were no UTF-8, and two users would become
// one.
func ValidID(id string) bool {
	return id != "" && len(id) <= MaxID && utf8.ValidString(id) && !strings.ContainsFunc(id, func(r rune) bool {
		return unicode.IsControl(r) || r == utf8.RuneError
	})
}
