package words

import (
	"errors"
	"strings"
	"testing"
	"unicode"
)

func TestOwnTexts(t *testing.T) {
	for _, good := range []string{
		"Hello.", "Geben Sie den Code ein, z.B. hier.", "Call the help desk: +49 (89) 4711-0.", "Yours, {organization}", "1.5 hours", "Ist das so? Ja!",
		"Liebe Kolleg:innen, um 9:30 Uhr", "Tel. 01.23.45.67.89, 02.123.45.67", "Ist fertig ...und gut", "Version 1.2.3", "Am 1.2.2026", "Acme, Ltd.", "e\u0301t\u00e9\u00a0: oui", "24/7 (.NET)", "Tel: 4711",
		"I \u2764 you", "=?",
		"مرحبا", "It's 50% & more; \"quoted\" – dash…", "d.h. {organization}", strings.Repeat("ä", MaxOwn),
	} {
		if err := CheckOwn(Signoff, good); err != nil {
			t.Errorf("%q is refused", good)
		}
	}
	for _, bad := range []string{
		"", " a", "a ", "a\nb", "a\rb", "a\tb", "a\x00b", "<b>x</b>", "a < b", "{code}", "{until}", "{Organization}", "{", "}", "{}", "{{organization}}", "{organization",
		"http://evil.example", "HTTPS:/evil", "evil.example", "see evil.example/x", "www.evil", "bit.ly", "mail eve@evil", "//evil", "evil。com", "evil．com", "eve＠evil",
		"EVIL.EXAMPLE", "bücher.de", "xn--bcher-kva.de", "1.de", "x.{organization}", "{organization}.{organization}", "javascript:/x", "http:／／evil",
		"evil\u2024com", "evil\ufe52com", "\uff45vil.\uff43om", "i\u2764.ws", "10.0.0.1:8080/x", "10.0.0.1/x", "see 10.0.0.1", "010.0.0.1/x", "http:evil.c", "mailto:a", "(tel:+491234)", "TEL:1", "evil-.com/x",
		"evil.\u0301com", "evil.c\u0301om", "evil.\u092d\u093e\u0930\u0924", `\\evil\x`, `http:\evil`, "WWW evil", "evil.net\u00adwork", "a\ufe55/b", "evil.co\u00b2",
		"a\u034fb", "a\u115fb", "a\u1160b", "a\u17b4b", "a\u17b5b", "a\u180bb", "a\u180fb", "a\u3164b", "a\uffa0b", "a\ufe00b", "\u2764\ufe0f", "a\U000e0100b", "a\U000e01efb", "a\u2065b", "a\u2800b",
		"a\u202eb", "a\u200bb", "a\u2066b", "a\ufeffb", "a\u2028b", "a\u00adb", "\xff", "\ufffd", "\ue000", strings.Repeat("ä", MaxOwn+1),
	} {
		if err := CheckOwn(Signoff, bad); !errors.Is(err, ErrText) {
			t.Errorf("%q is taken", bad)
		}
	}
	if CheckOwn("announcement.lead", "Until {until}, {organization}.") != nil || CheckOwn("code.sign_in.lead", "Until {until}.") == nil {
		t.Error("the end of the grace is for announcements")
	}
}

func TestNames(t *testing.T) {
	for _, good := range []string{"Acme", "Acme, Ltd.", "Müller & Söhne GmbH", "St. Mary's", "Agence 2.0", "O\u2019Neill = Sons?", "株式会社", "Acme (24/7)"} {
		if !Name(good) {
			t.Errorf("%q is refused", good)
		}
	}
	for _, bad := range []string{
		"Booking.com", "evil.example", "a@b", "=?utf-8?q?a?=", "x =?utf-8?q?a?=", "<a>", `"a"`, "a  b", " a", "a\u00a0b", "a\u034fb", "a\ufe0f", "mailto:a", "\u2800", "\xff", "a\nb",
	} {
		if Name(bad) {
			t.Errorf("%q is taken", bad)
		}
	}
}

// What nobody sees is gone from a line, in whichever category it is, so nothing that was judged with it reads otherwise without.
func TestALineHidesNothing(t *testing.T) {
	for r := rune(0); r <= unicode.MaxRune; r++ {
		if !unicode.In(r, unicode.Cf, unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector) {
			continue
		}
		if got := Line("a" + string(r) + "b"); got != "ab" && got != "a b" || Plain("a"+string(r)+"b") || !Addresses("evil."+string(r)+"c"+string(r)+"om") && got == "ab" {
			t.Errorf("%U: %q", r, got)
		}
	}
}

// What is not a lead of something that goes to users is ours, and what is can be filled from what a letter knows.
func TestWhatMayBeReplaced(t *testing.T) {
	for _, key := range In(English).Keys() {
		lead := strings.HasSuffix(key, ".lead")
		if err := CheckOwn(key, "Hello."); err == nil && !lead {
			t.Errorf("%s can be replaced", key)
		}
	}
	for _, key := range Replaceable() {
		if key != Signoff && !In(English).Has(key) {
			t.Errorf("%s is no text", key)
		}
		for _, word := range []string{"heading", "not_you", "subject", "fact", "life", "step_up", "system", "invitation", "administrator"} {
			if strings.Contains(key, word) {
				t.Errorf("%s can be replaced", key)
			}
		}
	}
}

func TestLine(t *testing.T) {
	for in, want := range map[string]string{
		"Acme": "Acme", " a  b ": "a b", "a\r\nb": "a b", "a\u202eb": "ab", "a\u2028b": "a b", "\xffa": "a", "a\u3164b": "a b", "e\u0301": "e\u0301", "a\ufe0fb": "ab", "": "", "\u2800": "",
	} {
		if got := Line(in); got != want {
			t.Errorf("%q becomes %q, want %q", in, got, want)
		}
	}
	if Isolated("Acme") != "Acme" || Isolated("א") != "\u2068א\u2069" {
		t.Error("isolation is for what needs it")
	}
}
