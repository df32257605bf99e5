package ledger

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode/utf16"
)

// object is a JSON object under construction in the form that RFC 8785 gives it: one text for one content.
type object map[string]string // values are JSON already

func (o object) text(name, value string) {
	if value != "" {
		o[name] = quoted(value)
	}
}

// String writes the members in the order of their names as UTF-16 (RFC 8785 §3.2.3).
func (o object) String() string {
	var b strings.Builder
	b.WriteByte('{')
	for at, name := range slices.SortedFunc(maps.Keys(o), byUnits) {
		if at > 0 {
			b.WriteByte(',')
		}
		b.WriteString(quoted(name) + ":" + o[name])
	}
	b.WriteByte('}')
	return b.String()
}

func byUnits(a, b string) int {
	return slices.CompareFunc(utf16.Encode([]rune(a)), utf16.Encode([]rune(b)), cmp.Compare[uint16])
}

// escapes are the characters that have a short form of their own (RFC 8785 §3.2.2.2).
var escapes = map[rune]string{'\b': `\b`, '\t': `\t`, '\n': `\n`, '\f': `\f`, '\r': `\r`, '"': `\"`, '\\': `\\`}

// quoted is a JSON string with nothing escaped that need not be. What is not UTF-8 becomes U+FFFD, as it does on its way to the table.
func quoted(value string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range value {
		short, has := escapes[r]
		switch {
		case has:
			b.WriteString(short)
		case r < ' ':
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			b.WriteRune(r)
		}
	}
	b.WriteByte('"')
	return b.String()
}
