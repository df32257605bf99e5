package ses

import (
	"fmt"
	netmail "net/mail"
	"net/url"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"twofold/pkg/mail"
)

// check refuses whatever could become a second recipient or a header of its
// own. SES would refuse most of it too; here it is refused whatever SES does.
func check(m mail.Message) error {
	if !isBareAddress(m.To) {
		return rejected("the recipient is not one bare address")
	}
	if !utf8.ValidString(m.Subject) || strings.ContainsFunc(m.Subject, isBreak) {
		return rejected("the subject holds a control character")
	}
	if err := checkExtras(m); err != nil {
		return err
	}
	if m.From.Address == "" {
		return nil
	}
	if !isBareAddress(m.From.Address) || !utf8.ValidString(m.From.Name) || strings.ContainsFunc(m.From.Name, isBreak) {
		return fmt.Errorf("ses: the message's own sender is not one bare address with a plain name: %w", mail.ErrSender)
	}
	return nil
}

// checkExtras refuses what would end up in a header, a tag or an attachment.
func checkExtras(m mail.Message) error {
	if u, err := url.Parse(m.Unsubscribe); m.Unsubscribe != "" && (err != nil || u.Scheme != "https" || u.Host == "" || !isToken(m.Unsubscribe, maxUnsubscribe)) {
		return rejected("the address to unsubscribe at is none of the web")
	}
	for _, t := range tags(m) {
		if !tagValue.MatchString(*t.Value) {
			return rejected("a tag holds what SES does not take")
		}
	}
	if m.Logo != nil && (pictures[m.Logo.Type] == "" || len(m.Logo.Data) == 0) {
		return rejected("the logo is no picture")
	}
	return nil
}

// maxUnsubscribe leaves room for the header's name: name and value have at most 996 bytes together.
const maxUnsubscribe = 900

var tagValue = regexp.MustCompile(`^[A-Za-z0-9_-]{1,256}$`)

// isToken reports whether text is printable ASCII without a blank or an angle bracket, and not longer than most.
func isToken(text string, most int) bool {
	return len(text) <= most && !strings.ContainsFunc(text, func(r rune) bool { return r <= ' ' || r > '~' || r == '<' || r == '>' })
}

// isBareAddress reports whether text is exactly one address as RFC 5322 §3.4.1
// writes it, with no name, comment, group or quoting, in ASCII: SES takes the
// domain of an address in other letters only in Punycode, and its local part not at all.
func isBareAddress(text string) bool {
	if strings.ContainsFunc(text, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return false
	}
	address, err := netmail.ParseAddress(text)
	return err == nil && address.Name == "" && address.Address == text
}

// isBreak names the control characters, and the two that Unicode adds as line ends.
func isBreak(r rune) bool { return unicode.IsControl(r) || r == '\u2028' || r == '\u2029' }
