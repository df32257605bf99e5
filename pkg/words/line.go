package words

import (
	"strings"
	"unicode"
)

// Line makes one plain line of what somebody else chose: a name, a reason, an address. Nothing in it can end the line or turn or hide what
// stands around it: characters without a form of their own are gone, every run of white space is one space.
func Line(s string) string {
	visible := strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r), unicode.Is(unicode.Cc, r), r == '\u2028', r == '\u2029', r == '\u2800', r == '\u3164', r == '\u115f', r == '\u1160', r == '\uffa0':
			return ' ' // the last five are letters by name and blank to the eye
		case unreadable(r):
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, "\ufffd"))
	return strings.Join(strings.Fields(visible), " ")
}

// isolates begin and end a piece of text whose direction is its own (Unicode UAX #9, section 2.4).
const (
	firstStrong = "\u2068"
	popIsolate  = "\u2069"
)

// Isolated is a line for plain text: one with letters that run from right to left is fenced, so that it turns nothing around it.
func Isolated(line string) string {
	if !strings.ContainsFunc(line, rightToLeft) {
		return line
	}
	return firstStrong + line + popIsolate
}

// rightToLeft reports whether a letter is of a script that runs so.
func rightToLeft(r rune) bool {
	return unicode.In(r, unicode.Hebrew, unicode.Arabic, unicode.Syriac, unicode.Thaana, unicode.Nko, unicode.Adlam, unicode.Samaritan, unicode.Mandaic,
		unicode.Hanifi_Rohingya, unicode.Mende_Kikakui)
}
