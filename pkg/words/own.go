package words

import (
	"regexp"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"

	"twofold/pkg/fault"
)

// Signoff names the only text that there is none of unless an organisation has one of its own: what stands below everything else.
const Signoff = "signoff"

// MaxOwn is how many characters a text of an organisation's own may have.
const MaxOwn = 400

// Texts that name no time have these placeholders, those of announcements one more.
var (
	plainPlaceholders = []string{"organization"}
	timedPlaceholders = []string{"organization", "until"}
)

// replaceable are the texts that an organisation may have in words of its own: the leads of what goes to its users, and the
// sign-off. Everything else is ours to say: what a code is for and how long it lives, headings, subjects, facts, and what to do for whom it surprises.
var replaceable = []string{
	"code.enroll.lead", "code.recovery.lead", "code.recover.lead", "code.sign_in.lead", "code.confirm.lead", "code.add_authenticator.lead",
	"code.remove_authenticator.lead", "code.renew_recovery_codes.lead", "code.change_recovery_email.lead", "code.app_passwords.lead",
	"code.disable.lead",
	"saved_codes.lead", "announcement.lead", "announcement.enrolled.lead", "announcement.offered.lead", "reminder.lead",
	"notice.user.enrolled.lead", "notice.user.enrolled.imported.lead", "notice.user.reenrolled.lead", "notice.authenticator.added.lead",
	"notice.authenticator.removed.lead", "notice.recovery_codes.renewed.lead", "notice.recovery_email.changed.lead",
	"notice.user.disabled.lead", "notice.user.reset.lead", "notice.user.deleted.lead",
	Signoff,
}

// Replaceable are the names of the texts that an organisation may have in words of its own.
func Replaceable() []string { return slices.Clone(replaceable) }

// Placeholders are those that an organisation's own text of a name may have.
func Placeholders(key string) []string {
	if key == "announcement.lead" || key == "reminder.lead" {
		return timedPlaceholders
	}
	return plainPlaceholders
}

// ErrText refuses a text of an organisation's own; it does not repeat it.
var ErrText = fault.New(fault.Unprocessable, "invalid_text", "A text is one paragraph of at most 400 characters: letters, digits and punctuation, "+
	"without < and >, without an address of the web or of mail, and with no placeholders but those of this text.")

// placeholder is compiled when a text is first judged.
var placeholder = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`\{([a-z]+)\}`) })

// CheckOwn judges a text of an organisation's own. It is plain: no markup, and no address of any kind, or an administrator's stolen key
// would make our mail, which carries none, teach users to click.
func CheckOwn(key, text string) error {
	if !slices.Contains(replaceable, key) || text == "" || strings.TrimSpace(text) != text || utf8.RuneCountInString(text) > MaxOwn {
		return ErrText
	}
	bare := placeholder().ReplaceAllStringFunc(text, func(found string) string {
		if slices.Contains(Placeholders(key), found[1:len(found)-1]) {
			return "xx" // whatever is put there may stand behind a dot
		}
		return found
	})
	if strings.ContainsAny(bare, "{}<>") || !Plain(bare) {
		return ErrText
	}
	return nil
}
