package mail

import (
	"cmp"
	"strings"
	"time"

	"twofold/pkg/org"
	"twofold/pkg/user"
	"twofold/pkg/words"
)

// deedOf names what a code is for, in the catalogues: its act, or a purpose that has nothing to do with a method.
func deedOf(p user.Purpose) string { return cmp.Or(string(p.Act()), string(p)) }

// codeLetter carries a code. No subject and no preview holds it: both are shown on a locked screen, to whoever holds the phone.
func codeLetter(v voice, to string, p user.Purpose, code string, from user.Origin, at time.Time) letter {
	deed := deedOf(p)
	subject := "code.subject"
	if p == user.Recover {
		subject = "code.recover.subject"
	}
	return letter{voice: v, to: to, subject: v.Say(subject, "organization", v.name), tag: tagOf(p), content: content{
		Heading: v.Say("code.heading", "deed", v.Say("deed."+deed)), Lead: v.lead("code." + deed + ".lead"), Code: code, Life: v.Say("code.life"),
		Facts: v.asked(from, at), NotYou: v.Say("code.not_you"),
	}}
}

// asked are from where a code was asked, as the application claims, and when.
func (v voice) asked(from user.Origin, at time.Time) []fact {
	var facts []fact
	if where := v.where(from); where != "" {
		facts = append(facts, v.fact(v.Say("fact.asked_from"), where))
	}
	return append(facts, v.fact(v.Say("fact.asked_at"), v.Time(at)))
}

func (v voice) where(from user.Origin) string {
	var parts []string
	if from.Address != "" {
		parts = append(parts, from.Address)
	}
	browser, system := from.Browser.String(), from.System.String()
	if browser != "" && system != "" {
		browser, system = v.Say("browser", "browser", browser, "system", system), ""
	}
	if either := browser + system; either != "" {
		parts = append(parts, either)
	}
	return strings.Join(parts, ", ")
}

// tagOf says what a code is for, to the provider's statistics.
func tagOf(p user.Purpose) string { return "code-" + slug(string(p)) }

// maxName is how much of an organisation's name stands in an SMS: with it, a text in the alphabet of GSM is one part, of 160.
const maxName = 30

// codeText is the whole text of an SMS, one line.
func codeText(v voice, p user.Purpose, code string) string {
	name := []rune(v.name)
	if len(name) > maxName {
		name = append([]rune(strings.TrimSpace(string(name[:maxName-3]))), []rune("...")...)
	}
	deed := "deed." + deedOf(p)
	if p == user.By(user.Confirm, org.SMS) {
		deed = "deed.confirm_number"
	}
	return v.Say("sms", "organization", words.Isolated(string(name)), "code", code, "deed", v.Say(deed))
}
