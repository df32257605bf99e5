package user

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxReason is how many characters a reason for one user may have: it stands on the profile and in mails.
const maxReason = 200

// GoodReason reports whether a text can be the reason for what is set for one user.
func GoodReason(s string) bool { return OneLine(s) && utf8.RuneCountInString(s) <= maxReason }

// OneLine reports whether a text that people will read, in mails and in the audit, is one plain line.
func OneLine(s string) bool {
	return strings.TrimSpace(s) != "" && utf8.ValidString(s) && !strings.ContainsFunc(s, func(r rune) bool {
		return unicode.IsControl(r) || r == '\u2028' || r == '\u2029' || unicode.Is(unicode.Bidi_Control, r)
	})
}
