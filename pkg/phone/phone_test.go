package phone

import (
	"strings"
	"testing"
)

func TestNumbersAreReadAsPeopleTypeThem(t *testing.T) {
	for typed, want := range map[string]Number{
		"+49 170 1234567":           "+491701234567",
		"  +49-170-1234567 ":        "+491701234567",
		"+49 (170) 123 45/67":       "+491701234567",
		"+49\u00a0170\u20111234567": "+491701234567",
		"+1 (201) 555-0123":         "+12015550123",
		"+39 06 1234 5678":          "+390612345678",
		"+225 01 23 45 67 89":       "+2250123456789",
		"+690 7290":                 "+6907290",
	} {
		if got, ok := Read(typed); !ok || got != want {
			t.Errorf("%q is read as %q, %v", typed, got, ok)
		}
		if again, ok := Read(string(want)); !ok || again != want {
			t.Errorf("%q is read again as %q, %v", want, again, ok)
		}
	}
}

func TestWhatIsNoNumberIsRefused(t *testing.T) {
	for name, typed := range map[string]string{
		"empty": "", "a plus": "+", "national": "0170 1234567", "two zeros": "0049 170 1234567", "no plus": "491701234567",
		"a list": "+491701234567,+491701234568", "two": "+491701234567 +491701234568", "an extension": "+491701234567;ext=5",
		"x": "+491701234567x5", "a pause": "+491701234567p5", "a URI": "tel:+491701234567", "a header": "+491701234567\r\nBcc: eve",
		"a line within": "+49170\n1234567", "a line": "+491701234567\n+1", "NUL": "+49170\x001234567", "letters": "+49170CALLNOW", "other digits": "+49١٧٠1234567",
		"the trunk's zero": "+49 0170 1234567", "in brackets": "+49 (0)170 1234567", "short": "+491701", "long": "+4917012345678901",
		"no country": "+999123456789", "a satellite": "+881612345678", "free": "+1 800 555 0123", "dear": "+1 900 555 0123", "an area to come": "+1 299 555 0123",
		"short of NANP": "+1 201 555 012", "no exchange": "+1 201 155 0123", "a flood": "+49" + strings.Repeat(" ", 60) + "1701234567",
	} {
		if got, ok := Read(typed); ok {
			t.Errorf("%s is read as %s", name, got)
		}
	}
}

func TestCountries(t *testing.T) {
	for number, want := range map[Number][2]string{
		"+491701234567": {"DE", "+491701"}, "+436641234567": {"AT", "+436641"}, "+393123456789": {"IT", "+393123"}, "+37866661212": {"SM", "+3786666"},
		"+447400123456": {"GB", "+447400"}, "+447797712345": {"JE", "+447797"}, "+447781123456": {"GG", "+447781"}, "+447624123456": {"IM", "+447624"},
		"+12015550123": {"US", "+12015"}, "+14165550123": {"CA", "+14165"}, "+18765550123": {"JM", "+18765"}, "+12425550123": {"BS", "+12425"},
		"+79123456789": {"RU", "+79123"}, "+77710009998": {"KZ", "+77710"}, "+262692123456": {"RE", "+2626921"}, "+262639123456": {"YT", "+2626391"},
		"+5993181234": {"BQ", "+5993181"}, "+59995181234": {"CW", "+5999518"}, "+38349123456": {"XK", "+3834912"}, "+6907290": {"TK", "+6907290"},
	} {
		if n, ok := Read(string(number)); !ok || n.Country() != want[0] || n.Prefix() != want[1] {
			t.Errorf("%s is read (%v) as of %s, within %s", number, ok, n.Country(), n.Prefix())
		}
	}
}

func TestKnownCountries(t *testing.T) {
	for _, country := range strings.Fields("DE US CA XK GP") {
		if !Known(country) {
			t.Errorf("%s is not known", country)
		}
	}
	for _, other := range []string{"", "D", "de", "UK", "ZZ", "49", " D", "12"} {
		if Known(other) {
			t.Errorf("%q is known", other)
		}
	}
}

// Every line of the table is one country and its codes, and no code is two countries'.
func TestTheTableIsWhole(t *testing.T) {
	seen := map[string]string{}
	for line := range strings.Lines(strings.TrimSpace(codes)) {
		words := strings.Fields(line)
		if len(words) < 2 || !Known(words[0]) {
			t.Errorf("a line is %q", line)
			continue
		}
		for _, code := range words[1:] {
			if other, twice := seen[code]; twice {
				t.Errorf("%s is %s and %s", code, other, words[0])
			}
			if seen[code] = words[0]; strings.Trim(code, "0123456789") != "" || code[0] == '0' {
				t.Errorf("%s has the code %q", words[0], code)
			}
		}
	}
}

func TestMask(t *testing.T) {
	for n, want := range map[Number]string{"+491701234567": "+49 ••• ••67", "+12015550123": "+1 ••• ••23", "+38349123456": "+383 ••• ••56"} {
		if got := n.Mask(); got != want {
			t.Errorf("%s is shown as %s", n, got)
		}
	}
}

func FuzzRead(f *testing.F) {
	f.Add("+49 170 1234567")
	f.Add("+1 (201) 555-0123\r\n")
	f.Fuzz(func(t *testing.T, typed string) {
		n, ok := Read(typed)
		if !ok {
			return
		}
		if again, ok := Read(string(n)); !ok || again != n || n[0] != '+' || strings.Trim(string(n[1:]), "0123456789") != "" || !Known(n.Country()) {
			t.Errorf("%q is read as %q", typed, n)
		}
		_, _ = n.Mask(), n.Prefix()
	})
}
