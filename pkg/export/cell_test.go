package export

import (
	"bytes"
	"encoding/csv"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

func TestCells(t *testing.T) {
	for value, want := range map[string]string{
		"": "", "ana": "ana", "ana@acme.example": "ana@acme.example", "a=b": "a=b", "2026-11-27T12:00:00Z": "2026-11-27T12:00:00Z", "ann-marie": "ann-marie",
		"=1+1": "'=1+1", "+1": "'+1", "-1": "'-1", "@SUM(A1)": "'@SUM(A1)", "=": "'=",
		"＝1": "'＝1", "＋1": "'＋1", "－1": "'－1", "＠x": "'＠x", "﹦1": "'﹦1", "−1": "'−1",
		" =1": " '=1", "\u00a0\u200b\ufeff=1": "\u00a0\u200b\ufeff'=1", "  ": "  ",
		"x;=1": "x;'=1", "b;\"=1;\"": "b;\"'=1;\"", "\"=1": "\"'=1", "x; -1;@y": "x; '-1;'@y", "=a;=b": "'=a;'=b", ";;=": ";;'=",
		"\t=1": "␉=1", "\r=1": "␍=1", "\x00=1": "␀=1", "a\r\nb": "a␍␊b", "a\x1f\x7fb": "a␟␡b", "a\u0085b\u2028c\u2029": "a\ufffdb\ufffdc\ufffd",
		"a\xffb": "a\ufffdb", "'=1": "''=1", "'ana": "'ana", "it's": "it's", "''+": "'''+", "🙂=": "🙂=",
	} {
		if got := Cell(value); got != want {
			t.Errorf("%q becomes %q, not %q", value, got, want)
		}
	}
}

// escaped is how docs/exports.md undoes it.
var escaped = regexp.MustCompile(`(^|;)([\s\p{Z}\p{Cf}"]*)'('*[=+\-@＝＋－＠﹦﹢﹣﹫−])`)

// starts reports whether a spreadsheet could take a text for a formula, said once more and otherwise.
func starts(cell string) bool {
	return slices.ContainsFunc(strings.Split(cell, ";"), func(part string) bool {
		part = strings.TrimLeftFunc(part, func(r rune) bool { return r == '"' || unicode.IsSpace(r) || unicode.In(r, unicode.Cf, unicode.Z) })
		first, _ := utf8.DecodeRuneInString(part)
		return part != "" && strings.ContainsRune("=+-@＝＋－＠﹦﹢﹣﹫−", first)
	})
}

// Whatever stands in a line: a reader of CSV gets as many cells as there are, none begins with a formula, and but for pictures each is what it was.
func FuzzRecords(f *testing.F) {
	for _, seed := range []string{"", "=1", "a\"b,c", "\r\n", "'=1", "x; =2", "\x00\t", "\xff", " ", "\ufeff=1", "a\r", "\"", ",", "；=1"} {
		f.Add(seed, "b")
		f.Add("a", seed)
	}
	f.Fuzz(func(t *testing.T, a, b string) {
		for _, values := range [][]string{{a, b}, {a}} {
			var out bytes.Buffer
			writeRecord(&out, values)
			if bytes.Count(out.Bytes(), []byte("\n")) != 1 || !bytes.HasSuffix(out.Bytes(), []byte("\r\n")) || !utf8.Valid(out.Bytes()) {
				t.Fatalf("%q is no line of UTF-8: %q", values, out.String())
			}
			records, err := csv.NewReader(&out).ReadAll()
			if err != nil || len(records) != 1 || len(records[0]) != len(values) {
				t.Fatalf("%q is read as %q, %v", values, records, err)
			}
			for i, cell := range records[0] {
				if starts(cell) {
					t.Errorf("%q begins a formula: %q", values[i], cell)
				}
				if back := escaped.ReplaceAllString(cell, "$1$2$3"); back != strings.Map(picture, values[i]) {
					t.Errorf("%q is %q and comes back as %q", values[i], cell, back)
				}
			}
		}
	})
}
