// Package phone reads telephone numbers as people type them, and knows which country a number belongs to. It is pure, holds its
// own small table, and can tell neither whether a number is in use nor whether it is a mobile's.
package phone

import (
	"slices"
	"strings"
)

// The length of a number in digits, calling code included. ITU-T E.164 §6.1 has at most 15; none that is in use is shorter than 7.
const (
	minDigits = 7
	maxDigits = 15
)

// Number is one number in the form of E.164: a plus, and digits. It is personal data.
type Number string

// Read reads a number in its international form, which begins with a plus, as people type it: spaces, dashes, dots, slashes and
// brackets go. It refuses what belongs to no country that is known here: free and dear numbers of North America, satellites, and
// numbers of a national form, whose country would be a guess. A zero after the calling code, which is dialled within a country
// only, is refused but where it belongs to the number.
func Read(typed string) (Number, bool) {
	rest, international := strings.CutPrefix(strings.TrimSpace(typed), "+")
	if !international || len(rest) > 40 {
		return "", false
	}
	digits := strings.Map(func(r rune) rune {
		switch r {
		case ' ', '\u00a0', '\u2009', '-', '\u2010', '\u2011', '\u2013', '.', '/', '(', ')':
			return -1
		}
		return r
	}, rest)
	n := Number("+" + digits)
	if len(digits) < minDigits || len(digits) > maxDigits || strings.Trim(digits, "0123456789") != "" || !n.plausible() {
		return "", false
	}
	return n, true
}

// keepsZero are the calling codes after which a number may begin with a zero.
var keepsZero = []string{"225", "229", "241", "242", "378", "39"}

func (n Number) plausible() bool {
	country, begins := n.origin()
	if country == "" {
		return false
	}
	national := strings.TrimPrefix(string(n), "+"+callingCode(begins))
	switch {
	case begins[0] == '1':
		return len(n) == len("+12015550123") && national[3] >= '2' // NANP: an exchange begins with 2 to 9
	case strings.HasPrefix(national, "0"):
		return slices.Contains(keepsZero, callingCode(begins))
	}
	return true
}

// Country is the ISO 3166-1 code of the country that the number belongs to; never empty of a number that was Read.
func (n Number) Country() string {
	country, _ := n.origin()
	return country
}

// Prefix is the calling code and the first four digits after it: the block that a swindler's numbers lie in, and too many people's
// to tell whose number it is.
func (n Number) Prefix() string {
	_, begins := n.origin()
	return string(n[:min(len(n), 1+len(callingCode(begins))+4)])
}

// Mask shows enough of a number to recognise it, and too little to learn it: calling code and the last two digits.
func (n Number) Mask() string {
	_, begins := n.origin()
	return "+" + callingCode(begins) + " ••• ••" + string(n[len(n)-2:])
}

// origin is the country of a number, and what it is known by; empty where it is of none.
func (n Number) origin() (country, begins string) {
	for line := range strings.Lines(codes) {
		of, all, _ := strings.Cut(strings.TrimSpace(line), " ")
		for code := range strings.FieldsSeq(all) {
			if len(code) > len(begins) && strings.HasPrefix(string(n), "+"+code) {
				country, begins = of, code
			}
		}
	}
	return country, begins
}

// callingCode is the country calling code that a code of the table begins with (ITU-T E.164 Annex: one to three digits).
func callingCode(code string) string {
	switch {
	case code == "" || code[0] == '1' || code[0] == '7':
		return code[:min(len(code), 1)]
	case slices.Contains(twoDigits, code[:2]):
		return code[:2]
	}
	return code[:min(len(code), 3)]
}

// twoDigits are the calling codes of two digits.
var twoDigits = strings.Fields("20 27 30 31 32 33 34 36 39 40 41 43 44 45 46 47 48 49 51 52 53 54 55 56 57 58 60 61 62 63 64 65 66 81 82 84 86 90 91 92 93 94 95 98")

// Known reports whether a text is the code of a country that numbers can belong to.
func Known(country string) bool {
	return len(country) == 2 && strings.Contains(codes, "\n"+country+" ")
}
