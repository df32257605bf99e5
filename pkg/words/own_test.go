package words

import (
	"errors"
	"strings"
	"testing"
)

func TestOwnTexts(t *testing.T) {
	for _, good := range []string{
		"Hello.", "Geben Sie den Code ein, z.B. hier.", "Call the help desk: +49 (89) 4711-0.", "Yours, {organization}", "1.5 hours", "Ist das so? Ja!",
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
