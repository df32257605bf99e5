package user

import "strings"

// alarm is what Factors.Deliver begins with where the user is to hear of wrong codes. No challenge has such an id.
const alarm = "locked"

// Alarm asks for the user to be told of wrong codes, with the browser's address where it is known. The address of whoever has no
// authenticator yet is left out: with an enrolment under way the item has no room for it.
func (f *Factors) Alarm(from string) {
	f.Deliver = alarm
	if f.Enrolled() && from != "" {
		f.Deliver += " " + from
	}
}

// Alarmed reads what Alarm asked for.
func Alarmed(deliver string) (from string, ok bool) {
	if deliver == alarm {
		return "", true
	}
	return strings.CutPrefix(deliver, alarm+" ")
}
