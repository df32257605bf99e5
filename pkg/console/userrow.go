package console

import (
	"strconv"
	"strings"
	"time"

	"twofold/pkg/org"
	"twofold/pkg/report"
	"twofold/pkg/user"
)

// userRow is one line of the table.
type userRow struct {
	report.Row
	Key      string // the id of its box on the page
	Path     string // the user's own page
	Word     string // the status in words
	Tone     string
	Ways     string
	Verified time.Time
	Codes    string // saved recovery codes that are left; empty: there are none to be used
	Until    dated  // what ends, if something does
	Wrong    []string
}

// dated is a text, by its key, with a time in it.
type dated struct {
	Key string
	At  time.Time
}

func (v *visit) userRow(at int, r report.Row) userRow {
	shown := userRow{
		Row: r, Key: "chosen-" + strconv.Itoa(at), Path: v.at("/users/one", "user", r.User), Word: v.statusWord(r.Status), Tone: statusTones[r.Status],
		Ways: v.methodWords(r.Methods), Verified: dayOf(string(r.VerifiedOn)), Wrong: v.troubles(r.Troubles),
	}
	if r.CodesLeft != nil {
		shown.Codes = strconv.Itoa(*r.CodesLeft)
	}
	switch {
	case !r.ExemptUntil.IsZero():
		shown.Until = dated{"console.users.exempt_until", r.ExemptUntil}
	case r.GraceUntil.After(v.Now()):
		shown.Until = dated{"console.users.grace_until", r.GraceUntil}
	case !r.GraceUntil.IsZero():
		shown.Until = dated{"console.users.grace_over", r.GraceUntil}
	}
	return shown
}

// methodWords are methods by what they are called, the default first.
func (v *visit) methodWords(all []org.Method) string {
	var names []string
	for _, m := range all {
		names = append(names, v.methodWord(m))
	}
	return strings.Join(names, ", ")
}

// troubles are what is known against a user's addresses, in words.
func (v *visit) troubles(all []user.Trouble) []string {
	var said []string
	for _, t := range all {
		said = append(said, v.say.Say("console.user.trouble."+string(t.Why), "address", v.say.Say("console.user.address."+t.Which)))
	}
	return said
}
