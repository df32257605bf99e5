package report

import (
	"slices"
	"testing"
	"time"

	"twofold/pkg/org"
	"twofold/pkg/user"
)

func TestWhatAnOrderSortsBy(t *testing.T) {
	enrolled := time.Date(2026, 11, 22, 12, 0, 0, 5_000_999, time.FixedZone("", 3600))
	ann := user.Profile{
		Organization: "acme", User: "Ann#1", Email: "Ann@ACME.example", Methods: []org.Method{org.TOTP, org.Email}, EnrolledAt: enrolled,
		Facts: user.Facts{VerifiedOn: "2026-11-27"},
	}
	bob := user.Profile{Organization: "acme", User: "bob", Email: "bob@acme.example"}
	for sort, want := range map[Sort][2]string{
		ByUser:      {"Ann#1", "bob"},
		ByEmail:     {"ann@acme.example#Ann#1", "bob@acme.example#bob"},
		ByTwoFactor: {"1#2026-11-22T11:00:00.005000Z#Ann#1", "0#bob"},
		ByEnrolled:  {"1#2026-11-22T11:00:00.005000Z#Ann#1", "0#bob"},
		ByMethod:    {"totp#Ann#1", "#bob"},
		ByVerified:  {"1#2026-11-27#Ann#1", "0#bob"},
	} {
		if got := [2]string{sort.Value(ann), sort.Value(bob)}; got != want {
			t.Errorf("%s: %q, want %q", sort, got, want)
		}
		if got := sort.SystemValue(bob); got != want[1]+"#acme" {
			t.Errorf("%s of all organisations: %q", sort, got)
		}
	}
}

func TestEveryOrderOfTheSystemIsOne(t *testing.T) {
	for _, s := range SystemSorts() {
		if !slices.Contains(Sorts(), s) {
			t.Errorf("%s is no order of an organisation", s)
		}
	}
}

func TestTheSpanOfAPrefix(t *testing.T) {
	for prefix, want := range map[string]Span{
		"":                       {},
		"a":                      {"a", "b"},
		"ann@":                   {"ann@", "annA"},
		"é":                      {"é", "ê"},
		"a\U0010ffff":            {"a\U0010ffff", "b"},
		"\U0010ffff\U0010ffff":   {From: "\U0010ffff\U0010ffff"},
		"x\ud7ff":                {"x\ud7ff", "x\ue000"},
		"1#2026-11-27":           {"1#2026-11-27", "1#2026-11-28"},
		"\x7f":                   {"\x7f", "\u0080"},
		"z\U0010ffff\U0010ffff!": {"z\U0010ffff\U0010ffff!", "z\U0010ffff\U0010ffff\""},
	} {
		if got := beginning(prefix); got != want {
			t.Errorf("%q: %q, want %q", prefix, got, want)
		}
	}
}

// Whatever begins with the prefix is in its span, and nothing else.
func FuzzTheSpanOfAPrefix(f *testing.F) {
	f.Add("ann", "anna")
	f.Add("a\U0010ffff", "a\U0010ffff\U0010ffffz")
	f.Add("\ud7ff", "\ue000")
	f.Fuzz(func(t *testing.T, prefix, text string) {
		prefix, text = valid(prefix), valid(text)
		for _, value := range []string{text, prefix + text} {
			begins := len(value) >= len(prefix) && value[:len(prefix)] == prefix
			if got := beginning(prefix).Holds(value); got != begins {
				t.Errorf("%q in the span of %q: %v", value, prefix, got)
			}
		}
	})
}

func valid(text string) string { return string([]rune(text)) }
