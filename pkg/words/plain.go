package words

import (
	"regexp"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Plain reports whether what somebody else wrote may stand in our mail, which says of itself that it has no link: every character of it is
// one that people see, and nothing in it is what mail programs make a link of.
func Plain(text string) bool {
	return utf8.ValidString(text) && !strings.ContainsFunc(text, unreadable) && !Addresses(text)
}

// Name reports whether somebody may be called so in our mail, beside an address too: it is plain, one line as Line would make it, and can pass
// neither for an address nor for a word that mail programs decode (RFC 2047 §2).
func Name(name string) bool {
	return Plain(name) && Line(name) == name && !strings.ContainsAny(name, `<>"`) && !strings.Contains(name, "=?")
}

// address is what mail programs make a link of, or people type into a browser:
//   - an @, www, two slashes of either kind, or one behind a colon;
//   - a scheme that mail programs know, with something right behind it. Not every word is one: a colon stands in »Nutzer:innen« too;
//   - a dot with something before it and two letters right behind it, as all top-level domains have. So "z.B." is none, nor is "...and";
//   - four numbers with dots between them, as IPv4 addresses have. A telephone number that begins with a zero is none.
//
// It is compiled when a text is first judged: no cold start but of that waits for it.
var address = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`(?i)@|\bwww|//|\\\\|:[/\\]` +
		`|(?:^|[^\pL\pN])(?:` + schemes + `):\S` +
		`|[^\s.\p{Ps}\p{Pi}]\.\pL{2}` +
		`|(?:^|[^\pN.])[1-9]\pN{0,2}(?:\.\pN{1,3}){3}|\pN(?:\.\pN+){3}[:/]`)
})

// schemes are those that mail programs are known to make links of, or that do something when a link of theirs is opened.
const schemes = `https?|ftps?|sftp|file|mailto|tel|telnet|callto|sms|smsto|mms|facetime|facetime-audio|sips?|skype|xmpp|ircs?|news|nntp|ldaps?|` +
	`javascript|vbscript|data|blob|view-source|wss?|ssh|smb|nfs|git|svn|magnet|geo|maps|market|intent|webcal|feed|itms|itms-apps|rtsp|` +
	`outlook|onenote|notes|msteams|ms-[a-z-]+|zoommtg|zoomus|whatsapp|tg|bitcoin|otpauth|x-[a-z-]+`

// folded makes one of what reads alike: letters, dots, slashes and signs of every width and style are those of ASCII (NFKD, as browsers do in
// names of hosts, UTS #46 §4), and accents are off their letters.
func folded(line string) string {
	return strings.Map(func(r rune) rune {
		if unicode.Is(unicode.M, r) {
			return -1
		}
		return r
	}, lookalikes.Replace(norm.NFKD.String(line)))
}

// lookalikes has what browsers or people read as a dot, a slash or a colon and NFKD leaves as it is.
var lookalikes = strings.NewReplacer("\u3002", ".", "\u2044", "/", "\u2215", "/", "\u29f8", "/", "\u2236", ":", "\ua789", ":", "\u02d0", ":")

// Addresses reports whether a text has, as Line shows it, what a mail program may make a link of.
func Addresses(text string) bool { return address().MatchString(folded(Line(text))) }

// unreadable characters are none that people write: controls, what turns or hides others (category Cf, which has bidirectional controls and
// zero widths), what has no form of its own in whichever category (Default_Ignorable_Code_Point, UAX #44 §5.7.1, and the blank of
// braille), separators of lines and paragraphs, and what has no meaning that two people share.
func unreadable(r rune) bool {
	return r == utf8.RuneError || r == '\u2800' || unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp, unicode.Co, unicode.Cs,
		unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector)
}
