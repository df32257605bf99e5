package export

import (
	"bytes"
	"strings"
	"unicode"
	"unicode/utf8"
)

// starters are what a spreadsheet takes for the beginning of a formula (OWASP, "CSV Injection"), with their full-width and small look-alikes.
const starters = "=+-@＝＋－＠﹦﹢﹣﹫−"

// Cell is a text as it stands in CSV: where a formula could begin, an apostrophe makes it text. That is at the beginning, whatever blanks and invisible
// characters stand before, and likewise after a semicolon: where the comma is the decimal mark, spreadsheets part cells there, and take quotes off what they find. An apostrophe that stood before
// a starter gets one more, so that taking one away undoes it. Control characters become their pictures (U+2400 and on), so that a line of
// the file is a line of the report, and no NUL or tab hides what follows; what is no character at all, or breaks lines for some readers, is U+FFFD. NDJSON has
// all of them as they are.
func Cell(value string) string {
	var out strings.Builder
	fresh, marked := true, false // nothing has come but blanks; and then apostrophes
	for _, r := range value {
		r = picture(r)
		switch {
		case fresh && strings.ContainsRune(starters, r):
			out.WriteByte('\'')
			fresh = false
		case fresh && r == '\'':
			marked = true
		case fresh && !marked && (blank(r) || r == '"'):
		default:
			fresh, marked = r == ';', false
		}
		out.WriteRune(r)
	}
	return out.String()
}

func blank(r rune) bool { return unicode.IsSpace(r) || unicode.In(r, unicode.Cf, unicode.Z) }

func picture(r rune) rune {
	switch {
	case r < ' ':
		return '␀' + r
	case r == 0x7f:
		return '␡'
	case unicode.IsControl(r), r == '\u2028', r == '\u2029':
		return utf8.RuneError
	}
	return r
}

// writeRecord writes a line of CSV (RFC 4180 §2). Its cells hold no line break by now.
func writeRecord(out *bytes.Buffer, values []string) {
	for i, value := range values {
		if i > 0 {
			out.WriteByte(',')
		}
		cell := Cell(value)
		// A record of one empty cell would be a blank line, and no record.
		if strings.ContainsAny(cell, `",;`) || strings.TrimSpace(cell) != cell || cell == "" && len(values) == 1 {
			cell = `"` + strings.ReplaceAll(cell, `"`, `""`) + `"`
		}
		out.WriteString(cell)
	}
	out.WriteString("\r\n")
}
