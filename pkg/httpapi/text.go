package httpapi

import (
	"strings"
	"unicode"
)

// oneLine reports whether a text that people will read, in mails and in the audit, is one plain line.
func oneLine(s string) bool {
	return strings.TrimSpace(s) != "" && !strings.ContainsFunc(s, func(r rune) bool {
		return unicode.IsControl(r) || r == '\u2028' || r == '\u2029' || unicode.Is(unicode.Bidi_Control, r)
	})
}
