package mail

import (
	"bytes"
	"embed"
	"encoding/hex"
	"errors"
	"fmt"
	"html/template"
	"maps"
	"slices"
	"strings"
	text "text/template"
	"unicode"

	"twofold/pkg/audit"
	"twofold/pkg/org"
	"twofold/pkg/stepup"
	"twofold/pkg/user"
)

//go:embed templates
var files embed.FS

var (
	asText = text.Must(text.ParseFS(files, "templates/*.txt"))
	asHTML = template.Must(template.ParseFS(files, "templates/*.html"))
)

// forAdministrators are the events of a user that the organisation's administrators hear of too.
var forAdministrators = map[audit.Kind]bool{audit.UserSuspended: true, audit.UserExempted: true, audit.GraceExtended: true, audit.DeviceTheft: true}

// forThemOnly are those of them that are nothing to the user: what an administrator lets a user off.
var forThemOnly = map[audit.Kind]bool{audit.UserExempted: true, audit.GraceExtended: true}

// content is what a template shows. Code is empty in a notice, Standin where the mail comes from whom it should.
type content struct {
	Organization string
	Heading      string
	Lead         string
	Code         string
	Facts        []string
	NotYou       string
	Standin      string
}

// standin is what a mail says that comes from the system's sender although the organisation's own was verified once.
const standin = "This message does not come from the usual address: the organisation's own sender cannot be used at the moment."

// letter is a mail before it is known who sends it.
type letter struct {
	to, subject, tag string
	unsubscribe      string // Message.Unsubscribe
	of               Of
	content          content
}

func codeLetter(to, organization string, p user.Purpose, code string) letter {
	c := content{
		Organization: organization, Heading: "Your code", Code: code,
		NotYou: "If you did not ask for this code, somebody may know your password: change it, and tell your administrator. Never pass the code on.",
	}
	subject := "Your code for " + organization
	switch p {
	case user.ProveLogin:
		c.Lead = "Enter this code to begin setting up two-factor authentication. It is good for ten minutes."
	case user.VerifyRecovery:
		c.Lead = "Enter this code to confirm this address as your recovery address. It is good for ten minutes."
	case user.Recover:
		c.Lead = "Enter this code to sign in without your authenticator. It is good for ten minutes, once."
		subject = "Your recovery code for " + organization
	default:
		c.Lead = acts[p.Act()] + " It is good for ten minutes, once."
	}
	return letter{to: to, subject: subject, tag: tagOf(p), content: c}
}

// tagOf says what a code is for, to the provider's statistics.
func tagOf(p user.Purpose) string {
	return "code-" + strings.NewReplacer("/", "-", "_", "-").Replace(string(p))
}

// acts are what codes of a method are asked for, in words.
var acts = map[user.Act]string{
	user.SignIn:             "Enter this code to sign in.",
	user.Confirm:            "Enter this code to confirm that codes for your sign-in reach you here.",
	user.AddMethod:          "Enter this code to add a way of proving that it is you.",
	user.RemoveMethod:       "Enter this code to remove one of your authenticators.",
	user.RenewCodes:         "Enter this code to get new recovery codes. Those that you have will be void.",
	user.MoveRecovery:       "Enter this code to change your recovery address.",
	user.ManageAppPasswords: "Enter this code to make, see or revoke an app password.",
	user.SwitchOff:          "Enter this code to switch two-factor authentication off.",
}

// things are headings and leads by what a change is of.
var things = map[stepup.Thing][2]string{
	stepup.Policy:       {"Confirm a change of the policy", "You proposed to change the two-factor policy."},
	stepup.Allowances:   {"Confirm that many users are to be freed", "You asked to exempt or reset more than ten users within an hour."},
	stepup.Key:          {"Confirm a new key", "You asked for a key: whoever has it acts as its holder."},
	stepup.People:       {"Confirm a change of an administrator", "You proposed to invite an administrator, to give one more permissions, or to reach one at another address."},
	stepup.Self:         {"Confirm a change of yourself", "You proposed to change your own name, your address, or who you are as a user."},
	stepup.Application:  {"Confirm that an application may do more", "You proposed that an application of the vendor's own reaches more organisations, is addressed otherwise, or sends browsers back elsewhere."},
	stepup.Entitlements: {"Confirm a change of entitlements", "You proposed to withdraw what an organisation that forces two-factor authentication is entitled to."},
}

func stepUpLetter(p Proposal, code string) letter {
	words := things[p.Thing]
	c := content{
		Organization: p.Organization, Heading: words[0], Code: code,
		Lead:   words[1] + " Enter this code to confirm it. It is good for ten minutes.",
		Facts:  lines(p.Changes),
		NotYou: "If it was not you, somebody is using your key: revoke it at once. Without this code, or one of your own authenticator, nothing changes.",
	}
	c.Facts = append(c.Facts, "Asked from: "+p.Seen)
	return letter{to: p.Email, subject: words[0] + ": " + p.Organization, tag: "step-up-" + string(p.Thing), content: c}
}

// bypassed is what a way back is called that an administrator opened.
var bypassed = [2]string{"A code of your administrator was used", "Somebody signed in to your account with a code that an administrator had made, instead of the authenticator."}

// notices are headings and leads by kind of event.
var notices = map[audit.Kind][2]string{
	audit.UserEnrolled:         {"Two-factor authentication is on", "Two-factor authentication was set up for your account."},
	audit.UserReenrolled:       {"Your authenticator was replaced", "Two-factor authentication was set up anew for your account. The authenticators and recovery codes that you had are void, and no browser is trusted any more. App passwords of mail programs go on: revoke those of a device that you have lost."},
	audit.AuthenticatorAdded:   {"An authenticator was added", "Your account has another way of proving that it is you."},
	audit.AuthenticatorRemoved: {"An authenticator was removed", "One of the ways of proving that it is you was removed from your account, and no browser is trusted any more."},
	audit.RecoveryCodesRenewed: {"There are new recovery codes", "New recovery codes were made for your account. Those that you had are void."},
	audit.RecoveryEmailChanged: {"Your recovery address changes", "Another recovery address was confirmed for your account. It takes the place of the one before at the time below, and until then the one before holds."},
	audit.TicketMade:           {"An administrator made a ticket for you", "With it and your password, somebody can set up two-factor authentication for your account. Whoever was given it should be you."},
	audit.BypassMade:           {"An administrator made a code for you", "With it, somebody can sign in to your account once without your authenticator. Whoever asked the administrator for it should be you."},
	audit.UserDisabled:         {"Two-factor authentication is off", "Two-factor authentication was switched off for your account."},
	audit.UserReset:            {"Your two-factor authentication was reset", "An administrator removed your authenticator, recovery codes and app passwords. You will set them up again at your next sign-in."},
	audit.UserReaddressed: {"Your sign-in address was changed",
		"The address that you sign in with was changed. Codes that were under way are void. Both addresses are told."},
	audit.UserDeleted: {"Your account was deleted",
		"The application that you signed in to has deleted your account. Your authenticator, recovery codes, app passwords, trusted browsers and addresses were removed with it; this is the last message."},
	audit.RecoveryUsed:       {"A recovery code was used", "Somebody signed in to your account with a recovery code instead of the authenticator."},
	audit.DeviceTrusted:      {"A browser is trusted", "A second factor was proven, and the browser was kept as trusted: until then it is not asked for there."},
	audit.DeviceTheft:        {"A trusted browser's token was used twice", "Somebody showed a token that had been replaced: it may have been copied from the browser. That browser is not trusted any more, and the next sign-in there asks for the second factor."},
	audit.AppPasswordCreated: {"An app password was made", "An app password was made for your account: whoever has it gets in with that service, without a second factor."},
	audit.AppPasswordViewed:  {"An app password was shown again", "Somebody proved your second factor and was shown an app password of your account."},
	audit.AppPasswordRevoked: {"An app password was revoked", "An app password of your account was revoked: the programs that have it are refused from now on."},
	audit.UserLocked: {"Wrong codes were entered for your account",
		"Several wrong codes in a row were entered for your account, so that for a while none is accepted, not even a right one. With every further wrong one that takes longer. You hear of it once a day at most."},
	audit.NumberOptedOut: {"SMS to your number have been stopped",
		"The number of one of your authenticators has opted out of SMS, as an answer of STOP does, so codes do not reach you there. To get them again, answer START, then ask for one."},
	audit.UserUndeliverable:   {"Mail to one of your addresses comes back", "Mail to the address named below does not arrive any more, so no code is sent there. Give another one, or have your administrator help."},
	audit.UserSuspended:       {"An authenticator was suspended", "There were too many wrong codes in a row. The authenticator is out of use until a recovery or a reset."},
	audit.AllowanceGranted:    {"Many users may be exempted or reset", "An administrator may exempt from two-factor authentication, or reset, more than ten users within the next hour."},
	audit.UserExempted:        {"A user was exempted from two-factor authentication", "An administrator freed one user of two-factor authentication for a time."},
	audit.UsersExempted:       {"Users were exempted from two-factor authentication", "An administrator freed several users of two-factor authentication for a time. The audit names each of them, with the reason."},
	audit.GraceExtended:       {"A user has more time to set up two-factor authentication", "An administrator extended one user's deadline."},
	audit.EntitlementsChanged: {"Something is no longer available", "The vendor withdrew something that your organisation was entitled to."},
	audit.PolicyChanged:       {"The two-factor policy protects less than before", "The two-factor policy of your organisation was changed."},
	audit.SenderLost: {"Mail no longer comes from your own domain",
		"The mail provider no longer accepts mail from the domain of your organisation: its DNS records may have changed. Until they are back, mail comes from the system's sender."},
	audit.SenderRemoved: {"Mail no longer comes from your own domain",
		"An administrator removed the domain that the mail of your organisation came from. Mail comes from the system's sender."},
	audit.SenderClaimed: {"Mail will come from another domain",
		"An administrator named another domain for the mail of your organisation. Until it is verified, mail comes from the system's sender."},
	audit.KeyIssued:            {"A key was issued", "A new key was issued in your organisation. Whoever has it acts as its holder."},
	audit.ApplicationRemoved:   {"An application was removed", "An application of your organisation was removed, with all keys: it can ask nothing any more."},
	audit.AdministratorInvited: {"An administrator was invited", "Somebody was invited to be an administrator of your organisation."},
	audit.AdministratorRaised:  {"An administrator may do more", "An administrator of your organisation was given more permissions."},
	audit.AdministratorMoved:   {"An administrator's address changes", "Codes and notices of an administrator will go to another address. Where the old address did not confirm it, that begins in 24 hours."},
	audit.AdministratorLinked:  {"Who an administrator is as a user", "An administrator of your organisation said who they are as a user, or that they are none. That user's authenticator may confirm what the administrator proposes."},
	audit.AdministratorRemoved: {"An administrator was removed", "An administrator of your organisation was removed, with all keys."},
	audit.AnnouncementCreated: {"An announcement goes to users",
		"An administrator of your organisation sends instructions about two-factor authentication to users, with what is said below. Who may announce can pause or cancel it."},
	audit.ImpersonationBegun: {"The vendor acts in an administrator's place",
		"For a quarter of an hour a system administrator of the vendor may do here what one of your administrators may, but for keys and administrators. The audit names both for all that is done."},
}

// takenOver are the heading and the lead where the authenticator is an old one.
var takenOver = [2]string{"Your authenticator goes on",
	"The authenticator app that gives you codes already was taken over: it goes on doing so, and nothing is to be set up again. There is no recovery address yet."}

// surprising is what whom a notice surprises is to do, where that is something of its own.
var surprising = map[audit.Kind]string{
	audit.DeviceTheft: "If you use that browser yourself, nothing else is needed: a reply may have been lost on its way. Otherwise change your password, and tell your administrator.",
	audit.UserLocked:  "If you mistyped them yourself, wait a moment and go on. If it was somebody else, that somebody may know your password: change it, and tell your administrator.",
}

func noticeLetter(to, organization string, e audit.Event) letter {
	words := noticeWords(e)
	var said []string
	if e.Subject != "" {
		said = []string{"in_the_place_of", "system_administrator"} // by doing
	}
	c := content{
		Organization: organization, Heading: words[0], Lead: words[1],
		Facts:  append(lines(e.Details, said...), "When: "+audit.InWords(e.At)),
		NotYou: "If this surprises you, tell your administrator.",
	}
	if forAdministrators[e.Kind] {
		c.Facts = append(c.Facts, "User: "+e.User) // administrators must learn whose authenticator it is
	}
	if words, own := surprising[e.Kind]; own {
		c.NotYou = words
	}
	if who, surprised := doing(e); who != "" {
		c.Facts, c.NotYou = append(c.Facts, who), surprised
	}
	if e.Claimed != "" {
		c.Facts = append(c.Facts, "From the address: "+e.Claimed)
	}
	if e.Reason != "" {
		c.Facts = append(c.Facts, "Reason given: "+e.Reason)
	}
	return letter{to: to, subject: words[0] + ": " + organization, tag: "notice-" + strings.ReplaceAll(string(e.Kind), ".", "-"), content: c}
}

// lines are the details in the order of their names, but for those that are said elsewhere.
func lines(details map[string]string, said ...string) []string {
	said = append(said, "change", "device", "authenticator", "app_password") // ids, which say nothing to people
	var out []string
	for _, name := range slices.Sorted(maps.Keys(details)) {
		if !slices.Contains(said, name) {
			out = append(out, fmt.Sprintf("%s: %s", strings.ReplaceAll(name, "_", " "), details[name]))
		}
	}
	return out
}

// message fills the templates in. They are embedded and their fields are fixed, so a failure is a
// defect: it panics, as template.Must does, and the record is kept for inspection.
func (l letter) message() Message {
	c := l.content
	c.Organization = oneLine(c.Organization)
	for i, fact := range c.Facts {
		c.Facts[i] = oneLine(fact)
	}
	var plain, rich bytes.Buffer
	if err := errors.Join(asText.ExecuteTemplate(&plain, "mail.txt", c), asHTML.ExecuteTemplate(&rich, "mail.html", c)); err != nil {
		panic(fmt.Sprintf("mail: %s cannot be written", l.tag))
	}
	return Message{To: l.to, Subject: oneLine(l.subject), Text: plain.String(), HTML: rich.String(), Tag: l.tag, Of: l.of, Unsubscribe: l.unsubscribe}
}

// from is the message as it comes from the organisation's own sender.
func (l letter) from(s org.Sender) Message {
	m := l.message()
	m.From = From{Address: s.Address(), Name: s.Name}
	if m.From.Name == "" {
		m.From.Name = oneLine(l.content.Organization)
	}
	return m
}

// standingIn is the message as it comes from the system's sender in place of the organisation's.
func (l letter) standingIn() Message {
	l.content.Standin = standin
	return l.message()
}

// oneLine keeps a name that somebody chose from ending the subject and beginning another header,
// and from writing lines of its own into the text, where they would read as ours.
func oneLine(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || r == '\u2028' || r == '\u2029' {
			return ' '
		}
		return r
	}, s)
}

func hexOf(b []byte) string { return hex.EncodeToString(b) }
