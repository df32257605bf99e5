package mail

import (
	"strings"
	"testing"
	"unicode"

	"twofold/pkg/audit"
	"twofold/pkg/org"
	"twofold/pkg/words"
)

// Nobody's name can end the subject and begin another header.
func TestSubjectsAreOneLine(t *testing.T) {
	for kind, m := range all(words.English, "Acme\r\nBcc: eve@evil.example\x00\u2028\u2029\x7f\u0085") {
		if strings.ContainsAny(m.Subject, "\r\n\x00\u2028\u2029\x7f\u0085") {
			t.Errorf("%s: %q", kind, m.Subject)
		}
		if strings.ContainsAny(m.To, "\r\n") || strings.Contains(m.To, "evil") {
			t.Errorf("%s: goes to %q", kind, m.To)
		}
	}
}

// Nor can it write lines of its own into the text, where they would read as ours, nor push them there with white space.
func TestChosenWordsStayOnTheirLine(t *testing.T) {
	for _, gap := range []string{"\r\n\r\n", "\n", "\r", "\x0b", "\x0c", "\u2028", "\u2029", "\u0085", "\u00a0\u3000", strings.Repeat(" ", 300), "\u2800\u2800", "\u3164\u3164"} {
		for kind, m := range all(words.English, "Acme"+gap+"Your new code: 666") {
			for line := range strings.Lines(m.Text) {
				if strings.HasPrefix(strings.TrimSpace(line), "Your new code") || strings.Contains(line, "  Your new code") {
					t.Errorf("%s, %q: a line that somebody else wrote: %q", kind, gap, line)
				}
			}
		}
	}
}

// turning are the characters that turn or hide what stands around them (UAX #9; CVE-2021-42574).
const turning = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\u061c\u200b\u200d\u2060\ufeff\u00ad\U000e0041"

// What turns text around is gone from whatever somebody chose, and what runs from right to left by itself is fenced in plain text
// and isolated on the page.
func TestNothingTurnsOurWordsAround(t *testing.T) {
	for kind, m := range all(words.English, "Ac"+turning+"me") {
		for _, part := range []string{m.Subject, m.Text} {
			if strings.ContainsAny(part, turning) {
				t.Errorf("%s: %q", kind, part)
			}
		}
		if strings.ContainsFunc(strings.ReplaceAll(m.HTML, "&zwnj;", ""), func(r rune) bool { return unicode.Is(unicode.Cf, r) }) {
			t.Errorf("%s: the page has a character that turns or hides", kind)
		}
	}
	const hebrew = "אקמי 4711"
	m := noticeLetter(speaking(words.English, hebrew), "ann@example.com", audit.Event{At: noon, Kind: audit.UserReset, User: "ann", Reason: hebrew}).message()
	if !strings.Contains(m.Text, "- Reason given: \u2068"+hebrew+"\u2069\n") || !strings.HasPrefix(m.Text, "\u2068"+hebrew+"\u2069\n") {
		t.Errorf("not fenced: %q", m.Text)
	}
	if strings.Count(m.HTML, "<bdi>"+hebrew+"</bdi>") != 2 {
		t.Errorf("not isolated: %s", m.HTML)
	}
}

// Look-alikes cannot be told from what they look like. They stay, for whoever is really called so, but only where names stand.
func TestLookAlikesStandWhereNamesStand(t *testing.T) {
	const name = "Аcme" // the first letter is Cyrillic
	for kind, m := range all(words.English, name) {
		for line := range strings.Lines(m.Text) {
			at := strings.Index(line, name)
			whole := strings.TrimSpace(line) == name
			if at >= 0 && !whole && !strings.HasPrefix(line, "- ") && !strings.HasPrefix(line, "You are to be an administrator of ") {
				t.Errorf("%s: a name in the middle of our words: %q", kind, line)
			}
		}
	}
}

func TestThePageIsEscaped(t *testing.T) {
	for kind, m := range all(words.English, `<script>alert("x")</script><a href="https://evil.example"><img src=x onerror=x>`) {
		if strings.Contains(m.HTML, "<script") || strings.Contains(m.HTML, "<a ") || strings.Contains(m.HTML, "<img") {
			t.Errorf("%s: markup of somebody else's: %s", kind, m.HTML)
		}
		if !strings.Contains(m.Text, "<script>") && kind != "system invitation" {
			t.Errorf("%s: the plain text is escaped, which nobody can read", kind)
		}
	}
}

// An organisation's own texts are escaped too, and no value of a placeholder is read as another.
func TestOwnWordsAreEscapedAndFilledOnce(t *testing.T) {
	v := speaking(words.English, "{until} & <b>Acme</b>")
	v.branding.Texts = map[string]string{
		"en/code.sign_in.lead": "Welcome to {organization} & co.", "en/signoff": "Yours, {organization}", "de/signoff": "Ihr Team",
	}
	var m Message
	for kind, l := range letters(v, "x") {
		if kind == "code sign_in/email" {
			m = l.message()
		}
	}
	if !strings.Contains(m.Text, "\nWelcome to {until} & <b>Acme</b> & co.\n") || !strings.Contains(m.Text, "\nYours, {until} & <b>Acme</b>\n") {
		t.Errorf("the text reads\n%s", m.Text)
	}
	if !strings.Contains(m.HTML, "<p style=\"margin:0 0 16px\">Welcome to {until} &amp; &lt;b&gt;Acme&lt;/b&gt; &amp; co.</p>") {
		t.Errorf("the page reads\n%s", m.HTML)
	}
	for _, ours := range []string{"Your code to sign in", "12345678", "It is good for ten minutes, once.", "Asked from", "If you did not ask for this code"} {
		if !strings.Contains(m.Text, ours) || !strings.Contains(m.HTML, ours) {
			t.Errorf("own words have taken %q away", ours)
		}
	}
}

// Mails never carry links, nor anything from elsewhere: nobody shall learn to click in them, and opening one tells nobody.
func TestThereAreNoLinks(t *testing.T) {
	for kind, m := range all(words.English, "Acme") {
		if strings.Contains(m.HTML, "http") || strings.Contains(m.HTML, "src=") || strings.Contains(m.HTML, "url(") || strings.Contains(m.Text, "http") || m.Logo != nil {
			t.Errorf("%s has a link or a picture", kind)
		}
	}
	for kind, l := range letters(branded(t, words.English), "Acme") {
		m := l.message()
		if kind != "invitation" && kind != "system invitation" && !strings.HasPrefix(kind, "announcement") && !strings.HasPrefix(kind, "reminder") &&
			(m.Logo == nil || m.Logo.Type != "image/png" || len(m.Logo.Data) == 0) {
			t.Errorf("%s lacks the logo", kind)
		}
		if n := strings.Count(m.HTML, "src="); (n == 1) != (m.Logo != nil) || n != strings.Count(m.HTML, `src="cid:logo"`) || strings.Contains(m.HTML, "http") {
			t.Errorf("%s shows a picture that it does not carry", kind)
		}
	}
}

func TestALogoFitsIntoItsPlace(t *testing.T) {
	for _, c := range []struct{ width, height, wide, high int }{
		{120, 40, 120, 40}, {400, 100, 200, 50}, {512, 512, 56, 56}, {8, 512, 1, 56}, {512, 8, 200, 3}, {0, 0, 0, 0},
	} {
		if w, h := fit(&org.Logo{Width: c.width, Height: c.height}); w != c.wide || h != c.high {
			t.Errorf("%d x %d is shown as %d x %d", c.width, c.height, w, h)
		}
	}
}
