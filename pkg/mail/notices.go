package mail

import (
	"slices"
	"strings"

	"twofold/pkg/access"
	"twofold/pkg/audit"
	"twofold/pkg/login"
)

// forAdministrators are the events of a user that the organisation's administrators hear of too.
var forAdministrators = map[audit.Kind]bool{audit.UserSuspended: true, audit.UserExempted: true, audit.GraceExtended: true, audit.DeviceTheft: true}

// forThemOnly are those of them that are nothing to the user: what an administrator lets a user off.
var forThemOnly = map[audit.Kind]bool{audit.UserExempted: true, audit.GraceExtended: true}

// noticeOf names the texts of an event's notice.
func noticeOf(v voice, e audit.Event) string {
	system := "system." + string(e.Kind)
	switch {
	case e.Organization == access.VendorHome && v.Has(system+".heading"):
		return system
	case e.Kind == audit.UserEnrolled && e.Details["imported"] != "":
		return "notice.user.enrolled.imported"
	case e.Kind == audit.RecoveryUsed && e.Details["way"] == string(login.Bypass):
		return "notice.recovery.used.bypass"
	}
	return "notice." + string(e.Kind)
}

func noticeLetter(v voice, to string, e audit.Event) letter {
	key := noticeOf(v, e)
	heading := v.Say(key + ".heading")
	notYou := "notice.not_you"
	if own := key + ".not_you"; v.Has(own) {
		notYou = own
	}
	c := content{Heading: heading, Lead: v.lead(key + ".lead"), NotYou: v.Say(notYou)}
	var said []string
	if e.Subject != "" {
		said = []string{"in_the_place_of", "system_administrator"} // by doing
	}
	c.Facts = append(v.details(e.Details, said...), v.fact(v.Say("fact.when"), v.Time(e.At)))
	if forAdministrators[e.Kind] {
		c.Facts = append(c.Facts, v.fact(v.Say("fact.user"), e.User)) // administrators must learn whose authenticator it is
	}
	if who, surprised := v.doing(e); surprised != "" {
		c.Facts, c.NotYou = append(c.Facts, who), surprised
	}
	if e.Claimed != "" {
		c.Facts = append(c.Facts, v.fact(v.Say("fact.from_address"), e.Claimed))
	}
	if e.Reason != "" {
		c.Facts = append(c.Facts, v.fact(v.Say("fact.reason"), e.Reason))
	}
	return letter{voice: v, to: to, subject: v.subject(heading), tag: "notice-" + strings.ReplaceAll(string(e.Kind), ".", "-"), content: c}
}

// moreLetter says, in the place of a notice that is one too many for its mailbox, that there are more of its kind than are mailed: once a day.
func moreLetter(of letter) letter {
	v, notice := of.voice, of.content.Heading
	of.subject, of.tag = v.subject(v.Say("more.heading")), "notice-more"
	of.content = content{Heading: v.Say("more.heading"), Lead: v.Say("more.lead", "notice", notice), NotYou: v.Say("notice.not_you")}
	return of
}

// doing says in a notice that goes to administrators alone who did what it tells of, and what to do for whom it surprises. surprised is
// empty where nobody decided it, or it goes to a user.
func (v voice) doing(e audit.Event) (who fact, surprised string) {
	vendor := e.Role == string(access.SystemAdministrator)
	switch {
	case e.User != "" && !forThemOnly[e.Kind] || e.Role == audit.System || e.Actor == "":
		return fact{}, ""
	case e.Subject != "":
		who := v.Say("doing.vendor_in_place", "actor", e.Actor, "subject", e.Subject, "session", e.Session)
		return v.fact(v.Say("fact.vendor_administrator"), who), v.Say("doing.vendor_in_place.not_you", "session", e.Session)
	case vendor && e.Organization != access.VendorHome:
		return v.fact(v.Say("fact.vendor_administrator"), e.Actor), v.Say("doing.vendor.not_you")
	}
	return v.fact(v.Say("fact.administrator"), e.Actor), v.Say("doing.administrator.not_you", "key", e.Key)
}

// reader is somebody who is told of an event: where, and in which language, empty for an administrator.
type reader struct{ address, language string }

// readers are users at all their addresses.
func readers(addresses []string, language string) []reader {
	var to []reader
	for _, address := range addresses {
		to = append(to, reader{address, language})
	}
	return to
}

// unsaid are the details that are ids, which say nothing to people.
var unsaid = []string{"change", "device", "authenticator", "app_password", "imported"}

func omitted(name string, said []string) bool {
	return slices.Contains(said, name) || slices.Contains(unsaid, name)
}
