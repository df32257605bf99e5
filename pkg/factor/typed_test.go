package factor

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestDigitsAsPeopleTypeThem(t *testing.T) {
	for typed, want := range map[string]string{
		"123456": "123456", "123 456": "123456", " 123456 ": "123456", "12-34-56": "123456",
		"123\u00a0456": "123456", "123\u2009456": "123456", "123\u2011456": "123456", "\t123456": "123456",
		"000000": "000000",
		"":       "", "12345": "", "1234567": "", "12345a": "", "١٢٣٤٥٦": "", "１２３４５６": "", "123456\n": "",
		"+12345": "", "-": "", "12.456": "", "123456\x00": "", "0x1234": "", "\xff123456": "",
	} {
		got, ok := Digits(typed, 6)
		if got != want || ok != (want != "") {
			t.Errorf("%q became %q, %v", typed, got, ok)
		}
	}
}

func TestRecoveryAsPeopleTypeIt(t *testing.T) {
	const code = "ABCD2345EFGH67O9"
	for typed, want := range map[string]string{
		code: code, "ABCD-2345-EFGH-67O9": code, "abcd 2345 efgh 67o9": code, "abcd-2345-efgh-6709": code,
		" AbCd2345-EfGh\u20116709\t": code,
		"":                           "", "ABCD-2345-EFGH-67O": "", "ABCD-2345-EFGH-67O99": "",
		"ABCD-2345-EFGH-67I9": "", "ABCD-2345-EFGH-67L9": "", "ABCD-2345-EFGH-6719": "", "ABCD_2345_EFGH_67O9": "",
		"АBCD-2345-EFGH-67O9": "", // a Cyrillic A
	} {
		got, ok := Recovery(typed)
		if got != want || ok != (want != "") {
			t.Errorf("%q became %q, %v", typed, got, ok)
		}
	}
}

// All ways of writing one code are the same try: normalised twice is normalised once, and nothing but digits comes out.
func FuzzDigits(f *testing.F) {
	for _, seed := range []string{"123456", "12 34-56", "1234567８", "\xff\xfe", "-- --"} {
		f.Add(seed, 6)
		f.Add(seed, 8)
	}
	f.Fuzz(func(t *testing.T, typed string, n int) {
		got, ok := Digits(typed, n)
		if !ok {
			if got != "" {
				t.Error("a refused text gives something")
			}
			return
		}
		if len(got) != n || strings.ContainsFunc(got, func(r rune) bool { return r < '0' || r > '9' }) {
			t.Errorf("%q became %q", typed, got)
		}
		if again, ok := Digits(got, n); !ok || again != got {
			t.Errorf("%q is normalised to %q again", got, again)
		}
		if spaced, ok := Digits(" "+strings.Join(strings.Split(got, ""), "-"), n); !ok || spaced != got {
			t.Errorf("%q with separators became %q", got, spaced)
		}
	})
}

func FuzzRecovery(f *testing.F) {
	for _, seed := range []string{"ABCD-2345-EFGH-6709", "abcd2345efgh67o9", "ſtuv-2345-efgh-6789", "ıııı", "\xc5"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, typed string) {
		got, ok := Recovery(typed)
		if !ok {
			if got != "" {
				t.Error("a refused text gives something")
			}
			return
		}
		if utf8.RuneCountInString(got) != recoveryChars || strings.Trim(got, recoveryAlphabet) != "" {
			t.Errorf("%q became %q", typed, got)
		}
		for _, way := range []string{got, strings.ToLower(got), ShowRecovery(got), strings.ReplaceAll(got, "O", "0")} {
			if again, ok := Recovery(way); !ok || again != got {
				t.Errorf("%q is normalised to %q, want %q", way, again, got)
			}
		}
	})
}
