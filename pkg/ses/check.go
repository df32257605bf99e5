package ses

import (
	"fmt"
	netmail "net/mail"
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
	if m.From.Address == "" {
		return nil
	}
	if !isBareAddress(m.From.Address) || !utf8.ValidString(m.From.Name) || strings.ContainsFunc(m.From.Name, isBreak) {
		return fmt.Errorf("ses: the message's own sender is not one bare address with a plain name: %w", mail.ErrSender)
	}
	return nil
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
